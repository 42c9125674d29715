/** Faults that change the bytes that a link relays. A link that passes packets on has no bytes in its hands. */
import { type Link, routesPackets, type Topology } from '../topology/topology.ts'

/** Why packets at these links cannot be delayed; undefined when all of them relay. */
export function cannotDelay(links: readonly Link[], topology: Topology): string | undefined {
  const routing = links.filter((link) => routesPackets(link, topology)).map(({ name }) => name)
  return routing.length === 0
    ? undefined
    : `${routing.join(', ')} ${routing.length === 1 ? 'passes' : 'pass'} packets on (via: route), and Blackstart cannot delay packets: give the link "via: proxy" for this fault`
}
