/**
 * one-way: bytes in one direction are lost, by Toxiproxy's `timeout` toxic on one stream of every proxy of the target's
 * links.
 *
 * Models: half-open connections. The bytes of one side arrive, but their answers are lost: that side hears nothing and
 * is still heard.
 * Does not model: loss of packets in one direction. TCP would then wait for acknowledgements, and after a round trip or
 * two both directions would be silent; that is `blackhole`. Here acknowledgements still flow, so the good direction
 * stays good.
 * Heals by: removing the toxics; connections that lost bytes are closed.
 */
import { z } from 'zod'
import { type Direction, faultKind, type Order } from './fault.ts'
import { swallow } from './hang.ts'

export const oneWay = faultKind({
  kind: 'one-way',
  summary: 'Packets on the links are dropped in one direction only',
  models: 'bytes in one direction are lost; bytes in the other direction arrive, but their answers are lost',
  doesNotModel: [
    'loss of packets in one direction: acknowledgements still flow, where TCP would starve for them and both directions fall silent',
    'retransmission: what was lost never arrives, and the heal closes the connections that missed it',
  ],
  actsOn: 'links',
  options: {
    direction: z
      .enum(['in', 'out'])
      .describe('"out": bytes from the target are lost; "in": bytes to it. Of a link, the first site is the target'),
  },
  inWords: ({ direction }) => (direction === 'out' ? 'what it sends is lost' : 'what is sent to it is lost'),
  examples: [
    { target: { scope: 'link', sites: ['east', 'west'] }, with: { direction: 'out' } },
    { target: { scope: 'link', sites: ['east', 'west'] }, with: { direction: 'in' } },
  ],
  effect: (order) => ({ silent: swallowed(order) }),
  prepare(order, { injectors }) {
    const lost = swallowed(order)
    return injectors.toxic(order.target.links, swallow, ({ site }, { sites }) =>
      lost
        .filter(({ from, to }) => sites.includes(from) && sites.includes(to))
        .map(({ to }) => (to === site ? 'upstream' : 'downstream')),
    )
  },
})

/** The directions that carry nothing: out of the target over each of its links, or into it. */
function swallowed({ target, options }: Order<{ direction: 'in' | 'out' }>): Direction[] {
  return target.links.map(({ sites: [a, b] }) => {
    const here = target.site === b ? b : a
    const there = here === a ? b : a
    return options.direction === 'out' ? { from: here, to: there } : { from: there, to: here }
  })
}
