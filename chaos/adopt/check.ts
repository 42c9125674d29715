/** What a world file and a Compose file say together: what cannot be, and what a world has otherwise. Needs no engine. */
import { nearest, UsageError, withNearest } from '../errors.ts'
import { type Config, configSchema } from '../generate/config.ts'
import { generate } from '../generate/generate.ts'
import { leftOut } from '../generate/leave-out.ts'
import { namesOf } from '../generate/nodes.ts'
import { withoutReplicas } from '../generate/replicas.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import { pathsOf, placesOf } from '../worldfile/sites.ts'
import type { Mistake } from '../yaml/document.ts'
import { notesOf } from './notes.ts'

export interface Checked {
  /** Each would end `up` with exit status 4. */
  problems: Mistake[]
  /** What is otherwise than in the user's own system, in sentences. */
  notes: string[]
}

/** Any settings do: nothing is brought up. */
const anySettings = { world: 'blackstart', net: '198.18.0', ports: '180' }

/** @param given of `docker compose config --format json` */
export function checkWorld(file: WorldFile, given: unknown): Checked {
  const whole = configSchema.parse(given)
  const split = refusalOf(() => withoutReplicas(leftOut(whole, file), file))
  if ('refusal' in split) return { problems: [split.refusal], notes: [] }
  const { config, world } = split.made
  const both = { whole, config }
  const problems = [
    ...leftOutTwice(file),
    ...inPlaces(file, both),
    ...inNames(file, both),
    ...inServices(file, config),
    ...inAddresses(file, both),
  ]
  const notes = notesOf(world, both)
  if (problems.length > 0) return { problems, notes }
  // Whatever the checks above do not know, the generator does.
  const generated = refusalOf(() => generate(given, file, anySettings))
  return 'refusal' in generated
    ? { problems: [generated.refusal], notes }
    : { problems, notes: [...new Set([...notes, ...generated.made.notes])] }
}

function refusalOf<T>(make: () => T): { made: T } | { refusal: Mistake } {
  try {
    return { made: make() }
  } catch (error) {
    if (error instanceof UsageError) return { refusal: { path: [], message: error.message } }
    throw error
  }
}

/** Somewhere, and left out. */
function leftOutTwice(file: WorldFile): Mistake[] {
  const places = pathsOf(file)
  return (file.leaveOut ?? []).flatMap((name, index) =>
    places.has(name)
      ? [
          {
            path: ['leaveOut', index],
            message: `${name} stands at ${places.get(name)?.[0]?.words}, and is left out: one or the other`,
          },
        ]
      : [],
  )
}

export interface Both {
  /** As Compose gives it. */
  whole: Config
  /** With each replica as a service of its own. */
  config: Config
}

/** Names that the world file may use for services. */
function namesIn({ whole, config }: Both): string[] {
  return [...new Set([...Object.keys(whole.services), ...Object.keys(config.services)])]
}

function inPlaces(world: WorldFile, both: Both): Mistake[] {
  const names = namesIn(both)
  const places = pathsOf(world)
  const unknown = [...places].flatMap(([service, said]) =>
    names.includes(service) ? [] : said.map(({ path }) => ({ path, message: noService(service, names, both.whole) })),
  )
  const homeless = Object.keys(both.config.services).filter((service) => !isPlaced(service, places, both))
  const meant = (service: string) =>
    nearest(
      service,
      [...places.keys()].filter((name) => !names.includes(name)),
    )
  return [
    ...unknown,
    ...homeless
      // One that is written wrongly is one mistake, not two.
      .filter((service) => meant(service) === undefined)
      .map(
        (service): Mistake => ({
          path: ['sites'],
          at: 'key',
          message: `${service} stands at no site: add it to one of ${Object.keys(world.sites).join(', ')}`,
        }),
      ),
  ]
}

/** By its own name, or by that of the service that it is a replica of. */
function isPlaced(service: string, places: ReadonlyMap<string, unknown>, { whole }: Both): boolean {
  if (places.has(service)) return true
  const of = service.replace(/-\d+$/, '')
  return !(service in whole.services) && places.has(of)
}

function noService(name: string, names: readonly string[], { services }: Config): string {
  const said = withNearest(`${name} is no service of the Compose file`, name, names)
  return `${said}${Object.keys(services).length === 0 ? '; its services may need a profile: profiles: [...]' : ''}`
}

function inNames(world: WorldFile, both: Both): Mistake[] {
  const names = namesIn(both)
  const unknown = (name: string, path: Mistake['path'], at: Mistake['at'] = 'value'): Mistake[] =>
    names.includes(name) ? [] : [{ path, at, message: noService(name, names, both.whole) }]
  const { audit } = world
  return [
    ...(world.leaveOut ?? []).flatMap((name, index) => unknown(name, ['leaveOut', index])),
    ...world.databases.flatMap(({ nodes }, group) =>
      nodes.flatMap((node, index) => unknown(node, ['databases', group, 'nodes', index])),
    ),
    ...Object.keys(world.ports).flatMap((name) => unknown(name, ['ports', name], 'key')),
    ...Object.keys(world.roles).flatMap((name) => unknown(name, ['roles', name], 'key')),
    ...(audit && 'command' in audit.writes
      ? audit.writes.command.in.flatMap((name, index) => unknown(name, ['audit', 'writes', 'command', 'in', index]))
      : []),
  ]
}

function inServices(world: WorldFile, config: Config): Mistake[] {
  const places = pathsOf(world)
  return Object.entries(config.services).flatMap(([name, { network_mode }]): Mistake[] => {
    const path = places.get(name)?.[0]?.path ?? ['sites']
    if (network_mode === undefined || network_mode === 'none') return []
    const [, kind, other = ''] = /^(service|container):(.+)$/.exec(network_mode) ?? []
    if (kind !== 'service')
      return [
        {
          path,
          message: `${name} has network_mode: ${network_mode}, so no link can stand between it and other sites: name it under "leaveOut", or give it a network in the Compose file`,
        },
      ]
    const [own, its] = [placesOf(world).get(name)?.[0]?.site, placesOf(world).get(other)?.[0]?.site]
    return its === undefined || own === its
      ? []
      : [{ path, message: `${name} shares the network of ${other}, which stands at ${its}: put it there, too` }]
  })
}

function inAddresses(world: WorldFile, { config }: Both): Mistake[] {
  const known = Object.entries(config.services).flatMap(([name, given]) =>
    given.network_mode === undefined ? namesOf(name, given) : [],
  )
  const strange = (urls: readonly string[], path: Mistake['path']): Mistake[] =>
    urls.flatMap((url, index) => {
      const { hostname } = new URL(url)
      const said = `${url}: ${hostname in config.services ? `${hostname} has no network of its own` : `"${hostname}" is no service of the Compose file`}`
      return known.includes(hostname)
        ? []
        : [{ path: [...path, index], message: withNearest(said, hostname, [...new Set(known)]) }]
    })
  return [
    ...strange(world.clients?.enter ?? [], ['clients', 'enter']),
    ...strange(world.ready?.http ?? [], ['ready', 'http']),
  ]
}
