/**
 * bandwidth: Toxiproxy's `bandwidth` toxic in both directions of every proxy of the target's links.
 *
 * Models: a narrow pipe, for each connection by itself.
 * Does not model: connections that share the pipe and push each other aside, nor the queue in front of it.
 * Heals by: removing the toxics.
 */
import { bothWays, onlyLinks } from './links.ts'
import { carriesAtMost } from './beacon-claims.ts'
import type { Fault } from './fault.ts'
import { switchedOn } from './switch.ts'
import { toxicSwitch } from './toxiproxy.ts'

/** Below this a ping takes so long that beacons cannot be relied on. */
const beaconsNeed = 4

export const bandwidth: Fault<'bandwidth'> = {
  kind: 'bandwidth',
  models: 'each connection over the links gets this many bytes a second and no more, in each direction',
  doesNotModel: ['connections that compete for the same pipe: each has its own', 'the queue in front of a narrow pipe'],
  actsOn: 'links',
  unavailable: ({ target }) => onlyLinks('bandwidth', target),
  effect: ({ target, spec }) => (spec.with.kilobytesPerSecond < beaconsNeed ? { loose: bothWays(target.links) } : {}),
  claims: ({ target, spec }, { topology }) =>
    target.links.map((link) => carriesAtMost(topology, link, { kilobytesPerSecond: spec.with.kilobytesPerSecond })),
  proofLimitMs: 15_000,
  async prepare({ target, spec }, context) {
    return switchedOn(
      await toxicSwitch(target.links, context, {
        type: 'bandwidth',
        attributes: { rate: spec.with.kilobytesPerSecond },
      }),
      context,
    )
  },
}
