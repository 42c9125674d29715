/**
 * loss: a share of the packets between the sites is dropped at random, in the link's own network namespace, each packet
 * where it arrives.
 *
 * Models: a wire, a port or a router that drops packets: an overfull queue, a bad cable. TCP makes delay of it: what was
 * lost is sent again after 0.2 s, and after twice as long each time it is lost again; a handshake after a second. So most
 * answers are as quick as ever, some are late, and at a large share connections starve. Nothing is lost for good.
 * Does not model: losses that come in bursts, or that depend on how much is sent; bytes that arrive damaged. A link that
 * relays ends TCP, so each half of the way repeats what it lost by itself; and it loses a handshake as often as a wire
 * would, but all of it between the client and the link (chaos/engine/docker/lose.ts). A packet here is what the sender's
 * kernel hands over at once, up to 64 KiB of a long answer.
 * Heals by: removing the fault's netfilter table.
 */
import { z } from 'zod'
import type { Link } from '../topology/topology.ts'
import { bothWays, claim, faultKind, type Order } from './fault.ts'

type LossOrder = Pick<Order<{ direction?: 'in' | 'out' | undefined }>, 'target' | 'options'>

/** Fewer lost packets than this say little of the share. */
const fewest = 3

export const loss = faultKind({
  kind: 'loss',
  summary: 'A share of the packets on the links is lost',
  models:
    'a share of the packets over the links is lost at random; TCP sends them again, so that some answers are late',
  doesNotModel: [
    'losses in bursts, or by the amount that is sent: each packet has the same chance',
    'a connection from end to end: a link that relays repeats what was lost on its own half of the way',
    'single segments of a long answer: what a kernel hands over at once, up to 64 KiB, is lost as one',
  ],
  actsOn: 'links',
  options: {
    share: z
      .number()
      .min(0.01)
      .max(0.95)
      .describe('Of the packets in each direction, 0.01 to 0.95; for all of them there is blackhole'),
    direction: z
      .enum(['in', 'out'])
      .optional()
      .describe(
        'Both, if it is left out. "out": packets from the target are lost; "in": packets to it. Of a link, the first site is the target',
      ),
  },
  inWords: ({ share, direction }) =>
    `${percent(share)} of the packets ${direction === undefined ? 'in each direction' : direction === 'out' ? 'that it sends' : 'that are sent to it'}`,
  examples: [
    { target: { scope: 'link', sites: ['east', 'west'] }, with: { share: 0.2 } },
    { target: { scope: 'link', sites: ['east', 'west'] }, with: { share: 0.2, direction: 'out' } },
    { target: { scope: 'link', sites: ['east', 'west'] }, with: { share: 0.2, direction: 'in' } },
  ],
  // Two pings in a row that are lost are a silence already, and a handshake that is lost takes a second.
  effect: ({ target }) => ({ loose: bothWays(target.links) }),
  claims: (order, { probes }) =>
    order.target.links.map((link) =>
      claim(async () => {
        const { share } = order.options
        const wanted = losingFrom(link, order)
        const losses = (await probes.losses(link)).filter(({ from }) => wanted.includes(from))
        return {
          holds:
            wanted.every((site) => losses.some(({ from }) => from === site)) &&
            losses.every((counted) => counted.lost >= fewest && fits(counted, share)),
          said: losses
            .map(({ from, to, met, lost }) => `${lost} of ${met} packets from ${from} to ${to} were lost`)
            .join(', '),
        }
      }),
    ),
  proofLimitMs: 15_000,
  prepare: (order, { injectors }) =>
    injectors.lose(order.target.links, order.options.share, (link) => losingFrom(link, order)),
})

/** The sites whose packets are lost at a link. */
function losingFrom({ sites }: Link, { target, options: { direction } }: LossOrder): string[] {
  const here = target.site === sites[1] ? sites[1] : sites[0]
  return direction === undefined ? [...sites] : sites.filter((site) => (site === here) === (direction === 'out'))
}

/** Chance makes a count of n packets differ from its share by more than four standard deviations once in 16,000 times. */
function fits({ met, lost }: { met: number; lost: number }, share: number): boolean {
  return Math.abs(lost - met * share) <= 4 * Math.sqrt(met * share * (1 - share))
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}
