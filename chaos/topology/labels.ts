/** Reads a world from the labels of its containers. With these labels Blackstart works for any Compose file. */
import { UsageError, withNearest } from '../errors.ts'
import {
  type Endpoint,
  type Link,
  loopback,
  type Node,
  nodeSchema,
  roleSchema,
  type Site,
  type Topology,
} from './topology.ts'

const prefix = 'blackstart.'

export interface LabelledContainer {
  /** Compose service name. */
  service: string
  labels: Record<string, string>
  /** The container's own port → where it is reached. */
  endpoints: Record<number, Endpoint>
}

/**
 * Builds the topology of one world.
 * @throws UsageError for the first label that is missing or wrong: it names the service, the label and what to write
 */
export function topologyFromLabels(world: string, containers: LabelledContainer[]): Topology {
  const sites = new Map<string, Site>()
  const nodes: Node[] = []
  const links: Link[] = []
  const timeouts: Record<string, number> = {}
  for (const container of containers.toSorted((a, b) => a.service.localeCompare(b.service))) {
    const attributes = ownLabels(container.labels)
    const site = siteOf(container.service, attributes)
    if (site) sites.set(site.name, site)
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith('timeout.')) timeouts[key.slice('timeout.'.length)] = numberOf(container.service, key, value)
    }
    const node = nodeOf(container, attributes, site?.name ?? '')
    nodes.push(node)
    if (node.role === 'link') links.push(linkOf(node))
  }
  for (const link of links) {
    for (const site of link.sites) {
      if (!sites.has(site))
        throw new UsageError(
          `${link.name} links to "${site}", but no node has the label blackstart.region or blackstart.site with that name`,
        )
    }
  }
  return { world, sites: [...sites.values()].toSorted((a, b) => a.name.localeCompare(b.name)), nodes, links, timeouts }
}

function ownLabels(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  )
}

function siteOf(service: string, attributes: Record<string, string>): Site | undefined {
  if (attributes['region']) return { name: attributes['region'], kind: 'region' }
  const name = attributes['site']
  if (name) return { name, kind: (attributes['site.kind'] ?? name) === 'edge' ? 'edge' : 'witness' }
  if (attributes['link']) return undefined
  throw new UsageError(
    `${service} has no location label: give it blackstart.region=<name>, blackstart.site=witness|edge or blackstart.link=<site>,<site>`,
  )
}

function nodeOf(container: LabelledContainer, attributes: Record<string, string>, site: string): Node {
  const role = roleSchema.safeParse(attributes['role'])
  if (!role.success) throw new UsageError(roleRefusal(container.service, attributes['role']))
  const ports: Record<string, number> = {}
  let host: string | undefined
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith('port.')) continue
    const endpoint = container.endpoints[numberOf(container.service, key, value)]
    // A node that is down publishes nothing; an error says so when the port is needed.
    if (endpoint === undefined) continue
    ports[key.slice('port.'.length)] = endpoint.port
    if (endpoint.host !== loopback) host = endpoint.host
  }
  return nodeSchema.parse({
    name: container.service,
    role: role.data,
    site,
    ...(attributes['zone'] && { zone: attributes['zone'] }),
    ports,
    ...(host && { host }),
    attributes,
  })
}

function roleRefusal(service: string, role: string | undefined): string {
  const valid = roleSchema.options
  return role === undefined
    ? `${service} has no label blackstart.role: give it one of ${valid.join(', ')}`
    : withNearest(`${service} has the label blackstart.role="${role}", which is no role`, role, valid)
}

function linkOf(node: Node): Link {
  const [a, b, more] = (node.attributes['link'] ?? '').split(',').map((name) => name.trim())
  if (!a || !b || more)
    throw new UsageError(
      `${node.name} has the label blackstart.link="${node.attributes['link'] ?? ''}"; expected two site names, e.g. "east,west"`,
    )
  return {
    name: node.name,
    sites: [a, b],
    latencyMs: numberOf(node.name, 'link.latency-ms', node.attributes['link.latency-ms'] ?? '0'),
  }
}

function numberOf(service: string, key: string, value: string): number {
  const number = Number(value)
  if (value === '' || !Number.isFinite(number))
    throw new UsageError(`${service} has the label ${prefix}${key}="${value}"; expected a number`)
  return number
}
