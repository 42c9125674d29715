/** The world as values: sites, zones, nodes and links. Built from labels by `labels.ts`; knows nothing of Docker. */
import { z } from 'zod'

export const roles = ['app', 'database', 'store', 'dcs', 'router', 'link', 'beacon', 'arbiter', 'load'] as const
export const roleSchema = z.enum(roles)
export type Role = z.infer<typeof roleSchema>

export const nodeSchema = z.object({
  /** Compose service name, unique in the world, e.g. `pg-east-a`. */
  name: z.string(),
  role: roleSchema,
  /** The network it lives on: a region's name, `witness` or `edge`. A link lives on two and has `''` here. */
  site: z.string(),
  zone: z.string().optional(),
  /** Purpose → port, e.g. `{ sql: 18021, rest: 18031 }`. `endpointOf` gives the address to connect to. */
  ports: z.record(z.string(), z.number().int()),
  /** Where its ports are, if not on this machine. */
  host: z.string().optional(),
  /** Every other `blackstart.*` label, without the prefix. */
  attributes: z.record(z.string(), z.string()),
})
export type Node = z.infer<typeof nodeSchema>

export const siteSchema = z.object({ name: z.string(), kind: z.enum(['region', 'witness', 'edge']) })
export type Site = z.infer<typeof siteSchema>

export const linkSchema = z.object({
  /** Name of the link's node, e.g. `link-east-west`. */
  name: z.string(),
  sites: z.tuple([z.string(), z.string()]),
  /** Latency that the link adds in each direction, in milliseconds. */
  latencyMs: z.number(),
})
export type Link = z.infer<typeof linkSchema>

/**
 * Settings of the components that bound how fast they can react, in milliseconds, from `blackstart.timeout.*` labels.
 */
export const timeoutsSchema = z.record(z.string(), z.number())

export const topologySchema = z.object({
  world: z.string(),
  sites: z.array(siteSchema),
  nodes: z.array(nodeSchema),
  links: z.array(linkSchema),
  timeouts: timeoutsSchema,
})
export type Topology = z.infer<typeof topologySchema>

export function nodesOf(topology: Topology, role: Role): Node[] {
  return topology.nodes.filter((node) => node.role === role)
}

export function regionsOf(topology: Topology): string[] {
  return topology.sites.filter((site) => site.kind === 'region').map((site) => site.name)
}

export function linksOf(topology: Topology, site: string): Link[] {
  return topology.links.filter((link) => link.sites.includes(site))
}

export function linkBetween(topology: Topology, a: string, b: string): Link | undefined {
  return topology.links.find((link) => link.sites.includes(a) && link.sites.includes(b) && a !== b)
}

/** The beacon of a site, where it has one. */
export function beaconOf(topology: Topology, site: string): Node | undefined {
  return topology.nodes.find((node) => node.role === 'beacon' && node.site === site)
}

/** A database of which every member takes writes, so that there is no one primary. */
export function isMultiPrimary({ attributes }: Node): boolean {
  return attributes['database.multi-primary'] === 'true'
}

/** Whether a link passes packets on, rather than relaying connections. */
export function routesPackets({ name }: Link, { nodes }: Topology): boolean {
  return nodes.some((node) => node.name === name && node.attributes['link.via'] === 'route')
}

/** PostgreSQL, with Patroni or without; so is a database that says nothing else. */
export function isPostgres({ attributes }: Node): boolean {
  return ['postgres', 'patroni'].includes(attributes['database.engine'] || 'postgres')
}

/** Who is asked over HTTP what is stored: apps, and where there are none that answer HTTP, routers. */
export function nodesAskedByHttp(topology: Topology): Node[] {
  const answering = (role: 'app' | 'router') =>
    nodesOf(topology, role).filter(({ ports }) => ports['http'] !== undefined)
  const apps = answering('app')
  return apps.length > 0 ? apps : answering('router')
}

/**
 * A database of which a URL says the role, and nothing more is known: not whether it accepts writes, nor who follows it.
 */
export function tellsRoleOnly({ attributes }: Node): boolean {
  return attributes['database.engine'] === 'http'
}

/** Databases that can be asked to commit a write, and who follows them. */
export function databasesThatTell(topology: Topology): Node[] {
  return nodesOf(topology, 'database').filter((node) => !tellsRoleOnly(node))
}

/** Whether a router can be asked which servers it uses. Others, of a stack of one's own, are only routers. */
export function tellsStatistics({ attributes }: Node): boolean {
  return attributes['port.stats'] !== undefined
}

/** Whether a member of the DCS has a key that names the primary. Others are watched by nobody: they tell nothing. */
export function namesPrimary({ attributes }: Node): boolean {
  return attributes['dcs.leader-key'] !== ''
}

/** Where something is reached from here. */
export interface Endpoint {
  host: string
  port: number
}

/** Where an engine on this machine publishes the ports of its nodes. */
export const loopback = '127.0.0.1'

/** Where a node is reached for a purpose. Throws when the label is missing, naming what to add. */
export function endpointOf(node: Node, purpose: string): Endpoint {
  return { host: node.host ?? loopback, port: portOf(node, purpose) }
}

/** The same, or undefined where the node publishes no port for that: one that does not run publishes none. */
export function endpointIfAny(node: Node, purpose: string): Endpoint | undefined {
  return node.ports[purpose] === undefined ? undefined : endpointOf(node, purpose)
}

/** Where a node is reached by the first port that its labels name; undefined where it publishes none. */
export function firstEndpoint(node: Node): Endpoint | undefined {
  const [purpose] = Object.keys(node.ports)
  return purpose === undefined ? undefined : endpointOf(node, purpose)
}

/** The published port of a node for a purpose. Throws when the label is missing, naming what to add. */
export function portOf(node: Node, purpose: string): number {
  const port = node.ports[purpose]
  if (port === undefined)
    throw new Error(
      `node ${node.name} publishes no port for "${purpose}": add the label blackstart.port.${purpose} and publish it on ${loopback}`,
    )
  return port
}
