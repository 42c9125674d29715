/** From a Compose configuration and a world file: the nodes that a world has, and what each is for. */
import { availableWords, UsageError, withNearest } from '../errors.ts'
import type { Databases, WorldFile } from '../worldfile/schema.ts'
import { type Place, placesOf } from '../worldfile/sites.ts'
import type { Config, ConfigService } from './config.ts'
import type { GeneratedNode } from './node.ts'
import { databasePurposes, portsOf } from './ports.ts'

/** The user's services as nodes, in the order of their names. @throws UsageError for what no world can have */
export function nodesIn(config: Config, world: WorldFile): GeneratedNode[] {
  const places = placesIn(config, world)
  const nodes = Object.entries(config.services)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([service, given]) => nodeOf(service, given, { config, world, place: places.get(service) ?? { site: '' } }))
  for (const url of world.clients?.enter ?? []) addEntry(url, nodes, world)
  for (const url of world.ready?.http ?? []) addReady(url, nodes)
  return nodes
}

interface Around {
  config: Config
  world: WorldFile
  place: Place
}

function nodeOf(service: string, given: ConfigService, { config, world, place }: Around): GeneratedNode {
  checkNetworkMode(service, given, { config, world })
  const ports = portsOf(service, given, world)
  const databases = world.databases.find(({ nodes }) => nodes.includes(service))
  const role = isOneShot(service, config) ? 'host' : (world.roles[service] ?? (databases ? 'database' : 'app'))
  return {
    service,
    role,
    place,
    names: namesOf(service, given),
    ports,
    purposes: databases ? databasePurposes(databases) : purposesOf(role, ports),
    labels: {
      ...restartLabel(given),
      ...(databases && databaseLabels(databases)),
      // An empty one says that there is no such key.
      ...(role === 'dcs' && { 'dcs.leader-key': world.databases.find(({ leaderKey }) => leaderKey)?.leaderKey ?? '' }),
    },
    hasAddress: given.network_mode === undefined,
  }
}

/**
 * Under which conditions the engine starts the node again, as the user's file says. A fault that kills it holds it down
 * all the same, and the heal goes by this label.
 */
function restartLabel({ restart, deploy }: ConfigService): Record<string, string> {
  const ofDeploy = { none: 'no', 'on-failure': 'on-failure', any: 'always' }[
    deploy?.restart_policy?.condition ?? 'none'
  ]
  const policy = restart ?? ofDeploy
  return policy === undefined || policy === 'no' ? {} : { restart: policy }
}

/** What the harness asks each role, at the first port that is known. */
function purposesOf(role: GeneratedNode['role'], [first]: number[]): Record<string, number> {
  if (first === undefined || role === 'host') return {}
  return { [role === 'store' ? 'redis' : role === 'dcs' ? 'client' : 'http']: first }
}

function databaseLabels({ engine, user, database, passwordFrom, multiPrimary, ...more }: Databases) {
  return {
    'database.engine': engine,
    ...(user !== undefined && { 'database.user': user }),
    ...(database !== undefined && { 'database.name': database }),
    ...(passwordFrom !== undefined && { 'database.password': passwordFrom }),
    ...(multiPrimary !== undefined && { 'database.multi-primary': String(multiPrimary) }),
    ...(more.synchronousStandbys !== undefined && { 'synchronous-standbys': String(more.synchronousStandbys) }),
    ...(more.http && {
      'database.http.path': more.http.path,
      'database.http.json': more.http.json,
      'database.http.primary': more.http.primary,
    }),
  }
}

/** All names by which Compose lets other services call it. */
export function namesOf(service: string, { container_name, hostname, networks }: ConfigService): string[] {
  const aliases = Object.values(networks ?? {}).flatMap((network) => network?.aliases ?? [])
  return [...new Set([service, container_name, hostname, ...aliases])].filter((name) => name !== undefined)
}

/** A service that others wait for until it has done its work: to migrate a database, say. It is meant to end. */
function isOneShot(service: string, { services }: Config): boolean {
  return Object.values(services).some(
    ({ depends_on }) => depends_on?.[service]?.condition === 'service_completed_successfully',
  )
}

function placesIn({ services }: Config, world: WorldFile): Map<string, Place> {
  const places = placesOf(world)
  const names = Object.keys(services)
  for (const [service, [first, second]] of places) {
    if (!names.includes(service))
      throw new UsageError(withNearest(`blackstart.yaml places "${service}", which is no service`, service, names))
    if (first && second)
      throw new UsageError(`blackstart.yaml places ${service} at ${first.site} and at ${second.site}`)
  }
  const homeless = names.find((service) => !places.has(service))
  if (homeless !== undefined)
    throw new UsageError(
      `blackstart.yaml does not say where ${homeless} stands: name it at one of its sites${availableWords(Object.keys(world.sites))}`,
    )
  return new Map([...places].flatMap(([service, [place]]) => (place ? [[service, place] as const] : [])))
}

function checkNetworkMode(service: string, { network_mode }: ConfigService, { config, world }: Omit<Around, 'place'>) {
  if (network_mode === undefined || network_mode === 'none') return
  const other = /^service:(.+)$/.exec(network_mode)?.[1]
  if (other === undefined)
    throw new UsageError(
      `${service} has network_mode: ${network_mode}, so no link could be put between it and the others: leave it out of the world, or give it a network`,
    )
  if (!(other in config.services))
    throw new UsageError(`${service} shares the network of ${other}, which is no service`)
  const places = placesOf(world)
  const [own, its] = [places.get(service)?.[0]?.site, places.get(other)?.[0]?.site]
  if (own !== its)
    throw new UsageError(`${service} stands at ${own} and shares the network of ${other}, which stands at ${its}`)
}

/** The node that an address of the world file means. */
function nodeAt(
  url: string,
  nodes: GeneratedNode[],
  what: string,
): { node: GeneratedNode; port: number; path: string } {
  const { hostname, port, protocol, pathname, search } = new URL(url)
  const node = nodes.find(({ names, hasAddress }) => hasAddress && names.includes(hostname))
  if (!node)
    throw new UsageError(
      withNearest(
        `${what} names ${url}, but no service is called "${hostname}"`,
        hostname,
        nodes.map(({ service }) => service),
      ),
    )
  return { node, port: Number(port) || (protocol === 'https:' ? 443 : 80), path: `${pathname}${search}` }
}

/** `router.entry` still has the name that the user wrote: its address is known only when all have one. */
function addEntry(url: string, nodes: GeneratedNode[], world: WorldFile): void {
  const { node, port } = nodeAt(url, nodes, 'clients.enter')
  if (node.role === 'app' && world.roles[node.service] === undefined) node.role = 'router'
  node.labels['router.entry'] ??= url
  if (node.role !== 'database') node.purposes['http'] = port
  carry(node, port)
}

function addReady(url: string, nodes: GeneratedNode[]): void {
  const { node, port, path } = nodeAt(url, nodes, 'ready.http')
  node.labels['ready'] = path
  if (node.purposes['http'] !== port) node.purposes['ready'] = port
  carry(node, port)
}

function carry(node: GeneratedNode, port: number): void {
  if (!node.ports.includes(port)) node.ports.push(port)
}
