/** How nodes reach sites to which a link routes: their subnets by way of the link, past the engine's rules. */
import type { Addresses } from './addresses.ts'
import type { GeneratedLink } from './node.ts'

const bridge = 'com.docker.network.bridge'

/**
 * Options of a site's network for the engine. Since Engine 28.0 the machine drops a packet to a container that arrives by
 * another bridge than the container's own, and where the machine filters bridged packets (`br_netfilter`, as Kubernetes and
 * engines before 28 set it up) a packet on its way to the link is one. Since 28.2 a network can say whose bridges it trusts,
 * which therefore need names. Other engines do not look at that.
 */
export function networkOptionsOf(
  site: string,
  { links, addresses: { subnets } }: { links: readonly GeneratedLink[]; addresses: Pick<Addresses, 'subnets'> },
): Record<string, string> {
  const name = (of: string) => bridgeNameOf(subnets.get(of)?.subnet ?? '')
  const trusted = routedFrom(site, links).map(({ other }) => name(other))
  return trusted.length === 0
    ? {}
    : { [`${bridge}.name`]: name(site), [`${bridge}.trusted_host_interfaces`]: trusted.join(':') }
}

/** As a machine has each subnet once, so the name; an interface's name has room for 15 characters. */
function bridgeNameOf(subnet: string): string {
  const bytes = subnet.split('/')[0]?.split('.') ?? []
  return `bs-${bytes.map((byte) => Number(byte).toString(16).padStart(2, '0')).join('')}`
}

function routedFrom(site: string, links: readonly GeneratedLink[]): { link: GeneratedLink; other: string }[] {
  return links
    .filter(({ sites, via }) => via === 'route' && sites.includes(site))
    .map((link) => ({ link, other: link.sites[0] === site ? link.sites[1] : link.sites[0] }))
}

/** For the label `blackstart.routes`: "198.18.0.32/27 via 198.18.0.5, …"; undefined for a site without such links. */
export function routesFrom(
  site: string,
  { links, addresses }: { links: readonly GeneratedLink[]; addresses: Addresses },
): string | undefined {
  const routes = routedFrom(site, links).map(
    ({ link, other }) => `${addresses.subnets.get(other)?.subnet} via ${addresses.linkAt(link, site)}`,
  )
  return routes.length === 0 ? undefined : routes.join(', ')
}
