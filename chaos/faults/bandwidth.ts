/**
 * bandwidth: Toxiproxy's `bandwidth` toxic in both directions of every proxy of the target's links.
 *
 * Models: a narrow pipe, separately for each connection.
 * Does not model: connections that share the pipe and compete for it, nor the queue in front of it.
 * Heals by: removing the toxics.
 */
import { z } from 'zod'
import { mostKilobytesPerSecond } from '../limits.ts'
import { bothWays, claim, faultKind } from './fault.ts'
import { cannotDelay } from './relayed.ts'

/** Below this a ping takes so long that beacons cannot be relied on. */
const beaconsNeed = 4

export const bandwidth = faultKind({
  kind: 'bandwidth',
  summary: 'Links carry less',
  models: 'each connection over the links gets this many bytes a second and no more, in each direction',
  doesNotModel: ['connections that compete for the same pipe: each has its own', 'the queue in front of a narrow pipe'],
  actsOn: 'links',
  options: {
    kilobytesPerSecond: z
      .number()
      .int()
      .positive()
      .max(mostKilobytesPerSecond)
      .describe('What each connection gets in each direction, in kilobytes per second'),
  },
  inWords: ({ kilobytesPerSecond }) => `${kilobytesPerSecond} kB/s a connection, in each direction`,
  examples: [{ target: { scope: 'link', sites: ['edge', 'east'] }, with: { kilobytesPerSecond: 50 } }],
  unavailable: ({ target }, topology) => cannotDelay(target.links, topology),
  effect: ({ target, options }) => (options.kilobytesPerSecond < beaconsNeed ? { loose: bothWays(target.links) } : {}),
  // A fifth more, for bytes already under way; measured by a transfer of about a second.
  claims: ({ target, options: { kilobytesPerSecond: most } }, { probes }) =>
    target.links.map((link) =>
      claim(async () => {
        const bytes = Math.min(Math.max(8_192, most * 1_000), 4_000_000)
        const { from, to, kilobytesPerSecond } = await probes.transferRate(link, bytes)
        return {
          holds: kilobytesPerSecond <= most * 1.2,
          said: `${link.name} carries ${kilobytesPerSecond.toFixed(1)} kB/s from ${from} to ${to}`,
        }
      }),
    ),
  proofLimitMs: 15_000,
  prepare: ({ target, options }, { injectors }) =>
    injectors.toxic(target.links, { type: 'bandwidth', attributes: { rate: options.kilobytesPerSecond } }),
})
