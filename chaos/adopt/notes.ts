/** What is worth knowing of a system before it becomes a world, in sentences. */
import type { Config } from '../generate/config.ts'
import { portsOf } from '../generate/ports.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import { placesOf } from '../worldfile/sites.ts'
import type { Both } from './check.ts'
import { mentionsIn } from './ports.ts'
import { jobsOf, type Seen, servicesOf } from './service.ts'

/** @param variables that .env defines; a password that stands in the Compose file is taken from there */
export function passwordNotes({ databases }: WorldFile, config: Config, variables: ReadonlySet<string>): string[] {
  const names = databases.flatMap(({ passwordFrom: name, nodes }) =>
    name === undefined || nodes.every((node) => config.services[node]?.environment?.[name] !== undefined) ? [] : [name],
  )
  return [...new Set(names)]
    .filter((name) => !variables.has(name) && !name.startsWith('BLACKSTART_PASSWORD_'))
    .map(
      (name) =>
        `passwordFrom ${name}: .env does not define it, so the databases cannot be asked: write ${name}=… there`,
    )
}

export function notesOf(world: WorldFile, { whole, config }: Both): string[] {
  return [...portNotes(world, config), ...serviceNotes(config, whole), ...sharedVolumes(config, world)]
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

function serviceNotes(config: Config, whole: Config): string[] {
  const services = servicesOf(config)
  return [
    ...services
      .filter(({ given }) => given['privileged'] === true)
      .map(({ name }) => `${name} is privileged: it could do to this machine what no fault can undo`),
    ...services
      .filter(({ given }) => given.volumes?.some(({ source }) => /\/docker\.sock$/.test(source ?? '')) === true)
      .map(({ name }) => `${name} has Docker's own socket: it sees all containers, also those of other sites`),
    ...fixedNames(services),
    ...[...jobsOf(services)].map((name) => `${name} does its work and ends: no fault acts on it`),
    ...servicesOf(whole)
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

function fixedNames(services: readonly Seen[]): string[] {
  const fixed = services.flatMap(({ name, given: { container_name } }) =>
    container_name === undefined || container_name === name ? [] : [container_name],
  )
  return fixed.length === 0
    ? []
    : [
        `container_name (${fixed.join(', ')}): others reach them by that name here, too, but the containers have names of their own`,
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
