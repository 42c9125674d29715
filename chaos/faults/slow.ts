/**
 * slow: Toxiproxy's `latency` toxic, on top of the link's own latency, in both directions of every proxy of the
 * target's links.
 *
 * Models: a longer distance. Every chunk of bytes is late by the same amount.
 * Does not model: a slower handshake (the link itself accepts connections), or the lower throughput of one connection
 * over a long distance.
 * Heals by: removing the toxics.
 */
import { bothWays, claim, faultKind, measuredOnce } from './fault.ts'
import { delayMs } from './options.ts'
import { cannotDelay } from './relayed.ts'

/**
 * Beacons give a fresh connection a second and take half a second of silence for the end of an existing one: beyond
 * this they cannot be relied on.
 */
export const beaconsBearMs = 400

export const slow = faultKind({
  kind: 'slow',
  summary: 'Links take longer',
  models: 'every byte over the links is late by the same amount, in each direction',
  doesNotModel: ['a slower handshake: the link accepts connections by itself', 'the lower throughput of a long way'],
  actsOn: 'links',
  options: {
    latencyMs: delayMs.describe(
      'Added in each direction, in whole milliseconds, at most ten minutes, so a round trip takes twice that longer',
    ),
  },
  inWords: ({ latencyMs }, { length }) => `${length(latencyMs)} more in each direction`,
  examples: [{ target: { scope: 'link', sites: ['east', 'west'] }, with: { latencyMs: 80 } }],
  unavailable: ({ target }, topology) => cannotDelay(target.links, topology),
  effect: ({ target, options }) => (options.latencyMs > beaconsBearMs ? { loose: bothWays(target.links) } : {}),
  claims: ({ target, options }, { probes }) =>
    target.links.map((link) =>
      claim(async () => {
        const trips = await probes.roundTrips(link)
        return {
          holds: trips.every(({ ms }) => ms >= 2 * (options.latencyMs + link.latencyMs)),
          roundTrips: measuredOnce(trips),
          said: trips.map(({ from, to, ms }) => `${from} to ${to} and back takes ${Math.round(ms)} ms`).join(', '),
        }
      }),
    ),
  delays: ({ latencyMs }) => ({ leastMs: 2 * latencyMs, apartMs: 0 }),
  prepare: ({ target, options }, { injectors }) =>
    injectors.toxic(target.links, { type: 'latency', attributes: { latency: options.latencyMs, jitter: 0 } }),
})
