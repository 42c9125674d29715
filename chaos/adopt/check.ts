/** What a world file and a Compose file say together: what cannot be, and what a world has otherwise. Needs no engine. */
import { nearest, UsageError, withNearest } from '../errors.ts'
import { type Config, configSchema } from '../generate/config.ts'
import { generate } from '../generate/generate.ts'
import { portsOf } from '../generate/ports.ts'
import { withoutReplicas } from '../generate/replicas.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import { pathsOf, placesOf } from '../worldfile/sites.ts'
import type { Mistake } from '../yaml/document.ts'
import { mentionsIn } from './ports.ts'
import { jobsOf, servicesOf } from './service.ts'

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
  const { config, world } = withoutReplicas(whole, file)
  const problems = [
    ...inPlaces(file, { whole, config }),
    ...inNames(file, { whole, config }),
    ...inServices(file, config),
    ...inAddresses(file, { whole, config }),
  ]
  const notes = [...portNotes(world, config), ...serviceNotes(whole), ...sharedVolumes(config, world)]
  if (problems.length > 0) return { problems, notes }
  // Whatever the checks above do not know, the generator does.
  try {
    const made = generate(given, file, anySettings)
    return { problems, notes: [...new Set([...notes, ...made.notes])] }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { problems: [{ path: [], message: error.message }], notes }
  }
}

interface Both {
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
          message: `${name} has network_mode: ${network_mode}, so no link can stand between it and other sites: give it a network in the Compose file`,
        },
      ]
    const [own, its] = [placesOf(world).get(name)?.[0]?.site, placesOf(world).get(other)?.[0]?.site]
    return its === undefined || own === its
      ? []
      : [{ path, message: `${name} shares the network of ${other}, which stands at ${its}: put it there, too` }]
  })
}

function inAddresses(world: WorldFile, both: Both): Mistake[] {
  const known = Object.entries(both.config.services).flatMap(([name, { container_name, hostname, networks }]) =>
    [
      name,
      container_name,
      hostname,
      ...Object.values(networks ?? {}).flatMap((network) => network?.aliases ?? []),
    ].flatMap((each) => (each === undefined ? [] : [each])),
  )
  const strange = (urls: readonly string[], path: Mistake['path']): Mistake[] =>
    urls.flatMap((url, index) => {
      const { hostname } = new URL(url)
      return known.includes(hostname)
        ? []
        : [
            {
              path: [...path, index],
              message: withNearest(`${url}: "${hostname}" is no service of the Compose file`, hostname, [
                ...new Set(known),
              ]),
            },
          ]
    })
  return [
    ...strange(world.clients?.enter ?? [], ['clients', 'enter']),
    ...strange(world.ready?.http ?? [], ['ready', 'http']),
  ]
}

/** Connections across sites that no link would carry. */
function portNotes(world: WorldFile, config: Config): string[] {
  const services = servicesOf(config)
  const jobs = jobsOf(services)
  const places = placesOf(world)
  const siteOf = (name: string) => places.get(name)?.[0]?.site
  const entry = (name: string) =>
    [...(world.clients?.enter ?? []), ...(world.ready?.http ?? [])].flatMap((url) => {
      const { hostname, port, protocol } = new URL(url)
      return hostname === name ? [Number(port) || (protocol === 'https:' ? 443 : 80)] : []
    })
  const seen = (name: string) => {
    const given = config.services[name]
    return given ? [...portsOf(name, given, world), ...entry(name)] : []
  }
  return [
    ...mentionsIn(services)
      .filter(({ by, of, port }) => siteOf(by) !== siteOf(of) && !seen(of).includes(port))
      .map(
        ({ by, of, port }) =>
          `${by} speaks to ${of}:${port}, which no link carries: add it to "ports": { ${of}: [${port}] }`,
      ),
    ...services
      .filter(({ name, given }) => !jobs.has(name) && given.network_mode === undefined && seen(name).length === 0)
      .map(
        ({ name }) =>
          `${name} has no port that anybody can see, so no other site reaches it: if it listens, add its port to "ports": { ${name}: [8080] }`,
      ),
  ]
}

function serviceNotes(config: Config): string[] {
  const services = servicesOf(config)
  return [
    ...services
      .filter(({ given }) => given['privileged'] === true)
      .map(({ name }) => `${name} is privileged: it could do to this machine what no fault can undo`),
    ...services
      .filter(({ given }) => given.volumes?.some(({ source }) => /\/docker\.sock$/.test(source ?? '')) === true)
      .map(({ name }) => `${name} has Docker's own socket: it sees all containers, also those of other sites`),
    ...services
      .filter(({ name, given }) => given.container_name !== undefined && given.container_name !== name)
      .map(
        ({ name, given }) =>
          `${name} has the fixed name ${given.container_name}: others reach it by that name here, too, and its container gets another`,
      ),
    ...[...jobsOf(services)].map((name) => `${name} does its work and ends: no fault acts on it`),
    ...services
      .filter(({ replicas }) => replicas > 1)
      .map(
        ({ name, replicas }) =>
          `${name} has ${replicas} replicas: here they are ${name}-1 to ${name}-${replicas}, and each may stand elsewhere`,
      ),
    ...Object.entries(config['networks'] ?? {})
      .filter(([, network]) => typeof network === 'object' && network !== null && network['external'] === true)
      .map(([name]) => `network ${name} is external: whatever else is on it is not reached from here`),
  ]
}

/** A volume of two sites is a disk that both have, which no two regions do. */
function sharedVolumes({ services }: Config, world: WorldFile): string[] {
  const places = placesOf(world)
  const users = new Map<string, string[]>()
  for (const [name, { volumes }] of Object.entries(services))
    for (const { type, source } of volumes ?? [])
      if (type === 'volume' && source !== undefined) users.set(source, [...(users.get(source) ?? []), name])
  const isSplit = (names: readonly string[]) => new Set(names.map((name) => places.get(name)?.[0]?.site)).size > 1
  return [...users]
    .filter(([, names]) => isSplit(names))
    .map(
      ([volume, names]) =>
        `volume ${volume} is one disk of ${names.join(' and ')}, which stand at different sites: no two regions have one`,
    )
}
