/** The links of a generated world, one a pair of sites, and their containers. */
import type { WorldFile } from '../worldfile/schema.ts'
import type { Addresses } from './addresses.ts'
import { type GeneratedLink, type GeneratedNode, linkApiPort } from './node.ts'
import { quiet } from './quiet.ts'

/** A link for each pair of sites, in the file's order. */
export function linksBetween(sites: readonly string[], { links }: WorldFile): GeneratedLink[] {
  const pairs = sites.flatMap((a, index) => sites.slice(index + 1).map((b): [string, string] => [a, b]))
  return pairs.map(([a, b]) => {
    const said = { ...links['default'], ...(links[`${a}-${b}`] ?? links[`${b}-${a}`]) }
    return { name: `link-${a}-${b}`, sites: [a, b], via: said.via ?? 'proxy', latencyMs: said.latencyMs ?? 0 }
  })
}

/** The names that `links` may use. */
export function linkNamesOf(sites: readonly string[]): string[] {
  return ['default', ...sites.flatMap((a) => sites.flatMap((b) => (a === b ? [] : [`${a}-${b}`])))]
}

interface Around {
  nodes: readonly GeneratedNode[]
  addresses: Addresses
}

/** The container of a link, without labels and published ports. */
export function linkService(link: GeneratedLink, around: Around): Record<string, unknown> {
  const [a, b] = link.sites
  const carried = link.via === 'proxy' ? [...relayed(a, b, around), ...relayed(b, a, around)] : []
  const named = link.via === 'proxy' ? [...reachedByName(link, a, b, around), ...reachedByName(link, b, a, around)] : []
  const proxies = [...carried.map((relay) => proxyOf(relay)), ...named.map((relay) => proxyOf(relay, '.by-name'))]
  return {
    ...quiet,
    image: 'blackstart/link',
    // Root until it has set up its network; see services/images/link.
    user: 'root',
    cap_add: ['NET_ADMIN', 'SETUID', 'SETGID', 'SETPCAP', 'KILL'],
    entrypoint: ['addresses', 'neighbours', 'nobody', 'link'],
    command: ['/tmp/link.json'],
    sysctls: {
      'net.ipv4.tcp_retries2': 5,
      // A connection attempt into a blackhole is given up after two seconds, and does not outlive the heal.
      'net.ipv4.tcp_syn_retries': 1,
      // Toxiproxy is nobody, and stands in for port 80, too.
      'net.ipv4.ip_unprivileged_port_start': 0,
      ...(link.via === 'route' && { 'net.ipv4.ip_forward': 1 }),
    },
    environment: {
      ...quiet.environment,
      ADDRESSES: [...new Set(carried.map(({ address }) => address))].join(' '),
      CARRIED: carried.map(({ address, port }) => `${address}:${port}`).join(' '),
      // A line a proxy, for the script that gives each its latency.
      PROXIES: `[\n${proxies.map((proxy) => JSON.stringify(proxy)).join(',\n')}\n]`,
      LATENCY_MS: String(link.latencyMs),
      // One thread is enough for a link, and handing over between threads costs more than the work itself.
      GOMAXPROCS: '1',
      LOG_LEVEL: 'error',
    },
    // Upstreams by name, because a fault in one direction must know who is behind each proxy.
    extra_hosts: [...new Set(carried.map(({ node, direct }) => `${node.service}.direct:${direct}`))],
    networks: Object.fromEntries(
      link.sites.map((site) => [
        site,
        { ipv4_address: around.addresses.linkAt(link, site), aliases: namesBehind(link, site, around) },
      ]),
    ),
  }
}

interface Relayed {
  node: GeneratedNode
  port: number
  /** At which it stands in for the node. */
  address: string
  /** The node's own. */
  direct: string
}

/** What the nodes of one site may reach at the other. */
function relayed(from: string, to: string, { nodes, addresses }: Around): Relayed[] {
  return nodes
    .filter((node) => node.place.site === to)
    .flatMap((node) => {
      const [address, direct] = [addresses.seenFrom(from, node), addresses.nodes.get(node.service)]
      if (address === undefined || direct === undefined) return []
      return node.ports.map((port) => ({ node, port, address, direct }))
    })
}

/**
 * For programs that ask Docker's name server and never read a hosts file: there the names of the other site's nodes lead to
 * the link's own address, where each port that only one of them has is relayed to that node.
 */
function reachedByName(link: GeneratedLink, from: string, to: string, around: Around): Relayed[] {
  const all = relayed(from, to, { ...around, nodes: around.nodes.filter(isTheUsers) })
  return all
    .filter(({ port }) => port !== linkApiPort && all.filter((other) => other.port === port).length === 1)
    .map((relay) => ({ ...relay, address: around.addresses.linkAt(link, from) }))
}

/** Beacons ping addresses. */
function isTheUsers({ role }: GeneratedNode): boolean {
  return role !== 'beacon'
}

function namesBehind(link: GeneratedLink, site: string, { nodes }: Around): string[] {
  if (link.via === 'route') return []
  const near = new Set(nodes.filter(({ place }) => place.site === site).flatMap(({ names }) => names))
  const far = nodes
    .filter(isTheUsers)
    .filter(({ place, hasAddress }) => hasAddress && place.site !== site && link.sites.includes(place.site))
  return [...new Set(far.flatMap(({ names }) => names))].filter((name) => !near.has(name))
}

function proxyOf({ node: { service }, port, address }: Relayed, suffix = '') {
  return {
    name: `${service}.${port}${suffix}`,
    listen: `${address}:${port}`,
    upstream: `${service}.direct:${port}`,
    enabled: true,
  }
}

export function linkLabels(link: GeneratedLink, { subnets, linkAt }: Addresses): Record<string, string> {
  const { sites, via, latencyMs } = link
  return {
    role: 'link',
    link: sites.join(','),
    'link.via': via,
    // What goes to which site, for faults in one direction.
    ...(via === 'route' && { 'link.subnets': sites.map((site) => `${site}=${subnets.get(site)?.subnet}`).join(',') }),
    // From which address what it relays comes, at either site.
    'link.addresses': sites.map((site) => `${site}=${linkAt(link, site)}`).join(','),
    'link.latency-ms': String(via === 'route' ? 0 : latencyMs),
    'port.api': String(linkApiPort),
  }
}

export function linkNotes({ name, via, latencyMs }: GeneratedLink): string[] {
  return via === 'route' && latencyMs > 0
    ? [`${name} routes packets, and adds no latency: ${latencyMs} ms are not waited`]
    : []
}
