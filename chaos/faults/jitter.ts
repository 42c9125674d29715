/**
 * jitter: Toxiproxy's `latency` toxic with a delay drawn anew for each chunk, in both directions of the target's links.
 *
 * Models: a delay that changes from moment to moment.
 * Does not model: packets that overtake each other: a stream keeps its order, so one late chunk holds up those behind
 * it.
 * Heals by: removing the toxics.
 */
import { bothWays, claim, faultKind, measuredOnce, type RoundTrips, together } from './fault.ts'
import { delayMs } from './options.ts'
import { cannotDelay } from './relayed.ts'
import { beaconsBearMs } from './slow.ts'

export const jitter = faultKind({
  kind: 'jitter',
  summary: 'Links take longer by an amount that changes all the time',
  models: 'every chunk of bytes over the links is late by an amount drawn anew, in each direction',
  doesNotModel: ['packets that overtake each other: a stream keeps its order, one late chunk holds up the next'],
  actsOn: 'links',
  options: {
    jitterMs: delayMs.describe(
      'Each chunk is late by 0 to this many whole milliseconds, at most ten minutes, drawn anew, in each direction',
    ),
  },
  inWords: ({ jitterMs }, { length }) => `0 to ${length(jitterMs)} more in each direction`,
  examples: [{ target: { scope: 'link', sites: ['east', 'west'] }, with: { jitterMs: 40 } }],
  unavailable: ({ target }, topology) => cannotDelay(target.links, topology),
  effect: ({ target, options }) => (options.jitterMs > beaconsBearMs ? { loose: bothWays(target.links) } : {}),
  // Two draws from 0 to j, one a direction: within some twenty pings the round trips differ by more than half of j.
  claims: ({ target, options }, { probes }) =>
    target.links.map((link) => {
      let seen: RoundTrips = []
      return claim(async () => {
        seen = together(seen, measuredOnce(await probes.roundTrips(link)))
        const least = Math.min(...seen.map(({ leastMs }) => leastMs))
        const most = Math.max(...seen.map(({ mostMs }) => mostMs))
        return {
          holds: most - least > options.jitterMs / 2,
          roundTrips: seen,
          said: `round trips over ${link.name} take ${Math.round(least)} to ${Math.round(most)} ms`,
        }
      })
    }),
  delays: ({ jitterMs }) => ({ leastMs: 0, apartMs: jitterMs / 2 }),
  proofLimitMs: 10_000,
  prepare({ target, options }, { injectors }) {
    const half = Math.round(options.jitterMs / 2)
    return injectors.toxic(target.links, { type: 'latency', attributes: { latency: half, jitter: half } })
  },
})
