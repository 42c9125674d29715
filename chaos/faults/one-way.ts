/**
 * one-way: bytes in one direction are swallowed, by Toxiproxy's `timeout` toxic on one stream of every proxy of the
 * target's links.
 *
 * Models: half-open connections. One side's bytes arrive and are never answered; the other side hears nothing and is
 * heard.
 * Does not model: loss of packets in one direction. There TCP starves for acknowledgements, and after a round trip or
 * two both directions are silent: that is `blackhole`. Here acknowledgements still flow, so the good direction stays
 * good.
 * Heals by: removing the toxics; connections that had bytes swallowed are closed.
 */
import type { Proxy as LinkProxy } from 'toxiproxy-node-client'
import type { Link, Topology } from '../topology/topology.ts'
import { Unavailable, type Direction, type Fault, type Order } from './fault.ts'
import { swallow } from './hang.ts'
import { onlyLinks } from './links.ts'
import { switchedOn } from './switch.ts'
import { toxicSwitch, type Stream } from './toxiproxy.ts'

export const oneWay: Fault<'one-way'> = {
  kind: 'one-way',
  models: 'bytes in one direction are swallowed; those in the other arrive and are never answered',
  doesNotModel: [
    'loss of packets in one direction: acknowledgements still flow, where TCP would starve for them and both directions fall silent',
    'retransmission: what was swallowed never arrives, and the heal closes the connections that missed it',
  ],
  actsOn: 'links',
  unavailable: ({ target }) => onlyLinks('one-way', target),
  effect: (order) => ({ silent: swallowed(order) }),
  async prepare(order, context) {
    const lost = swallowed(order)
    const streams = (proxy: LinkProxy, link: Link) => {
      const server = siteBehind(proxy, link, context.topology)
      return lost
        .filter(({ from, to }) => link.sites.includes(from) && link.sites.includes(to))
        .map(({ to }): Stream => (to === server ? 'upstream' : 'downstream'))
    }
    return switchedOn(await toxicSwitch(order.target.links, context, swallow, streams), context)
  },
}

/** The directions that carry nothing: out of the target over each of its links, or into it. */
function swallowed({ target, spec }: Order<'one-way'>): Direction[] {
  return target.links.map(({ sites: [a, b] }) => {
    const here = target.site === b ? b : a
    const there = here === a ? b : a
    return spec.with.direction === 'out' ? { from: here, to: there } : { from: there, to: here }
  })
}

/** Where the node behind a proxy stands. Its upstream is named after it: `pg-east-a` or `pg-east-a.direct`. */
function siteBehind(proxy: LinkProxy, link: Link, topology: Topology): string {
  const name = proxy.upstream.split(/[.:]/)[0]
  const node = topology.nodes.find((each) => each.name === name)
  if (!node || !link.sites.includes(node.site)) {
    throw new Unavailable(
      `the proxy ${proxy.name} of ${link.name} leads to "${proxy.upstream}", which names no node of ${link.sites.join(' or ')}: without it nobody can tell which way its bytes go`,
    )
  }
  return node.site
}
