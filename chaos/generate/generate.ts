/**
 * A world from somebody's Compose file: a complete Compose file of its own, in which every service stands on the network
 * of its site alone, and reaches those of other sites through links only. Pure; the user's file is never changed.
 */
import { UsageError, withNearest } from '../errors.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import { kindOf } from '../worldfile/sites.ts'
import { type Addresses, addressesIn, prefixLength } from './addresses.ts'
import { beaconService, beaconsFor } from './beacons.ts'
import { type Config, type ConfigService, configSchema } from './config.ts'
import { leftOut } from './leave-out.ts'
import { linkLabels, linkNamesOf, linkNotes, linkService, linksBetween } from './links.ts'
import { type GeneratedLink, type GeneratedNode, linkApiPort } from './node.ts'
import { nodesIn } from './nodes.ts'
import { namePasswords } from './passwords.ts'
import { publisher } from './publish.ts'
import { withoutReplicas } from './replicas.ts'
import { networkOptionsOf, routesFrom } from './routes.ts'
import { serviceIn } from './services.ts'
import { ownVolumes } from './volumes.ts'

export interface GenerateSettings {
  /** Also the name of the Compose project. */
  world: string
  /** First three bytes of a network with the length that `networkLength` gives. */
  net: string
  /** First three digits of every published port. */
  ports: string
}

export interface Generated {
  compose: Record<string, unknown>
  /** The services that lie between the sites, or watch that: links and beacons. */
  between: string[]
  /** What the world has otherwise than the user's file, in sentences. */
  notes: string[]
  /** Passwords that stand in the user's file, by the names that labels have for them. */
  passwords: Record<string, string>
}

/** The length of the network's prefix that the world needs: 24, or less. @throws UsageError as `generate` does */
export function networkLength(config: unknown, world: WorldFile): number {
  const one = withoutReplicas(leftOut(configSchema.parse(config), world), world)
  return prefixLength(planOf(one.config, one.world))
}

/**
 * @param config of `docker compose config --format json`
 * @throws UsageError for what no world can have, naming the service and what to write
 */
export function generate(config: unknown, file: WorldFile, settings: GenerateSettings): Generated {
  const { config: parsed, world } = withoutReplicas(leftOut(configSchema.parse(config), file), file)
  const plan = planOf(parsed, world)
  const passwords = namePasswords(plan.nodes, parsed, settings.world)
  const addresses = addressesIn(settings.net, plan)
  const around: Around = { ...plan, addresses, config: parsed, world, settings, publish: publisher(settings.ports) }
  const links = plan.links.map((link) => [link.name, linkIn(link, around)] as const)
  const made = plan.nodes.map((node) => [node.service, nodeIn(node, around)] as const)
  const labels = { 'blackstart.world': settings.world }
  const own = ownVolumes(parsed, { world: settings.world, labels })
  const folders = made.flatMap(([, { volumes }]) => volumes)
  return {
    compose: {
      name: settings.world,
      services: Object.fromEntries([...links, ...made.map(([name, { service }]) => [name, service] as const)]),
      networks: networksOf(around, labels),
      volumes: {
        ...own.volumes,
        ...Object.fromEntries(folders.map((name) => [name, { name: `${settings.world}_${name}`, labels }])),
      },
      ...(parsed.secrets && { secrets: parsed.secrets }),
      ...(parsed.configs && { configs: parsed.configs }),
    },
    between: [...plan.links.map(({ name }) => name), ...plan.nodes.filter(isBeacon).map(({ service }) => service)],
    notes: [...plan.links.flatMap(linkNotes), ...made.flatMap(([, { notes }]) => notes), ...own.notes],
    passwords,
  }
}

function isBeacon({ role }: GeneratedNode): boolean {
  return role === 'beacon'
}

interface Plan {
  sites: string[]
  nodes: GeneratedNode[]
  links: GeneratedLink[]
}

export interface Around extends Plan {
  addresses: Addresses
  config: Config
  world: WorldFile
  settings: GenerateSettings
  publish: (target: number) => string
}

function planOf(config: Config, world: WorldFile): Plan {
  const sites = Object.keys(world.sites)
  // Clients stand at an edge of their own where the file has none.
  if (world.clients && !sites.some((site) => kindOf(world, site) === 'edge')) sites.push('edge')
  const strange = Object.keys(world.links).find((name) => !linkNamesOf(sites).includes(name))
  if (strange !== undefined)
    throw new UsageError(withNearest(`links: there is no link "${strange}"`, strange, linkNamesOf(sites)))
  const services = nodesIn(config, world)
  const links = linksBetween(sites, world)
  const beacons = beaconsFor(sites, links)
  const ours = [...links.map(({ name }) => name), ...beacons.map(({ service }) => service)]
  const clash = services.find(({ names }) => names.some((name) => ours.includes(name)))
  if (clash)
    throw new UsageError(`${clash.service} has a name that the world needs for a container of its own: rename it`)
  return { sites, nodes: [...services, ...beacons], links }
}

function networksOf(around: Around, labels: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    [...around.addresses.subnets].map(([site, { subnet, gateway, range }]) => {
      const options = networkOptionsOf(site, around)
      return [
        site,
        {
          labels: { ...labels, 'blackstart.site': site },
          ...(Object.keys(options).length > 0 && { driver_opts: options }),
          ipam: { config: [{ subnet, gateway, ip_range: range }] },
        },
      ]
    }),
  )
}

function linkIn(link: GeneratedLink, around: Around): Record<string, unknown> {
  return {
    ...linkService(link, around),
    ports: [around.publish(linkApiPort)],
    labels: labelled(linkLabels(link, around.addresses), around.settings),
  }
}

function nodeIn(
  node: GeneratedNode,
  around: Around,
): { service: Record<string, unknown>; volumes: string[]; notes: string[] } {
  const given: ConfigService | undefined = around.config.services[node.service]
  const { service, volumes, notes } = given
    ? serviceIn(node, given, around)
    : { service: beaconService(node, around), volumes: [], notes: [] }
  const address = around.addresses.nodes.get(node.service)
  const published = [...new Set(Object.values(node.purposes))].map(around.publish)
  return {
    service: {
      ...service,
      ...(address !== undefined && {
        networks: { [node.place.site]: { ipv4_address: address, aliases: node.names.slice(1) } },
        ...(published.length > 0 && { ports: published }),
      }),
      labels: {
        ...(given?.labels ?? {}),
        // A standby is known by it, whatever it calls itself.
        ...labelled(
          {
            ...labelsOf(node, around),
            ...(node.role === 'database' && address !== undefined && { address, ...relayedAddresses(node, around) }),
          },
          around.settings,
        ),
      },
    },
    volumes,
    notes,
  }
}

/** From which addresses a node's connections to other sites come there. */
function relayedAddresses({ place: { site } }: GeneratedNode, { links, addresses }: Around): Record<string, string> {
  const relayed = links
    .filter(({ via, sites }) => via === 'proxy' && sites.includes(site))
    .map((link) => addresses.linkAt(link, link.sites[0] === site ? link.sites[1] : link.sites[0]))
  return relayed.length === 0 ? {} : { 'address.relayed': relayed.join(',') }
}

function labelsOf(
  { service, role, place, purposes, labels, hasAddress }: GeneratedNode,
  { world, sites, nodes, links, addresses }: Around,
) {
  const kind = kindOf(world, place.site)
  const edge = sites.find((site) => kindOf(world, site) === 'edge') ?? 'edge'
  const entry = labels['router.entry']
  const address = addresses.nodes.get(service)
  const routes = hasAddress ? routesFrom(place.site, { links, addresses }) : undefined
  return {
    role,
    ...(kind === 'region' ? { region: place.site } : { site: place.site }),
    // A site's name says its kind, unless it is another.
    ...(kind !== 'region' && kind !== place.site && { 'site.kind': kind }),
    ...(place.zone !== undefined && { zone: place.zone }),
    ...(address !== undefined && { address }),
    ...(hasAddress &&
      Object.fromEntries(Object.entries(purposes).map(([purpose, port]) => [`port.${purpose}`, String(port)]))),
    ...(role !== 'host' && role !== 'beacon' && { ready: 'listens' }),
    ...(routes !== undefined && { routes }),
    ...labels,
    ...(entry !== undefined && { 'router.entry': entryAt(entry, edge, { nodes, addresses }) }),
  }
}

/** Where clients enter, by address: a name is not known to the load, and that of a dead node to nobody. */
function entryAt(url: string, edge: string, { nodes, addresses }: Pick<Around, 'nodes' | 'addresses'>): string {
  const { hostname } = new URL(url)
  const node = nodes.find(({ names }) => names.includes(hostname))
  const address = node && addresses.seenFrom(edge, node)
  return address === undefined ? url : url.replace(hostname, address)
}

/** As Compose reads labels: with a doubled `$`, which would begin a variable. */
function labelled(labels: Record<string, string>, { world }: GenerateSettings): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ world, ...labels }).map(([key, value]) => [`blackstart.${key}`, value.replaceAll('$', '$$$$')]),
  )
}
