/**
 * jitter: Toxiproxy's `latency` toxic with a delay drawn anew for each chunk, in both directions of the target's links.
 *
 * Models: a way whose length changes from moment to moment.
 * Does not model: packets that overtake each other: a stream keeps its order, so one late chunk holds up those behind
 * it.
 * Heals by: removing the toxics.
 */
import { bothWays, onlyLinks } from './links.ts'
import { takesVarying } from './beacon-claims.ts'
import type { Fault } from './fault.ts'
import { beaconsBearMs } from './slow.ts'
import { switchedOn } from './switch.ts'
import { toxicSwitch } from './toxiproxy.ts'

export const jitter: Fault<'jitter'> = {
  kind: 'jitter',
  models: 'every chunk of bytes over the links is late by an amount drawn anew, in each direction',
  doesNotModel: ['packets that overtake each other: a stream keeps its order, one late chunk holds up the next'],
  actsOn: 'links',
  unavailable: ({ target }) => onlyLinks('jitter', target),
  effect: ({ target, spec }) => (spec.with.jitterMs > beaconsBearMs ? { loose: bothWays(target.links) } : {}),
  // Two draws from 0 to j, one a direction: within some twenty pings the round trips differ by more than half of j.
  claims: ({ target, spec }, { topology }) =>
    target.links.map((link) => takesVarying(topology, link, { byMs: spec.with.jitterMs / 2 })),
  proofLimitMs: 10_000,
  async prepare({ target, spec }, context) {
    const half = Math.round(spec.with.jitterMs / 2)
    return switchedOn(
      await toxicSwitch(target.links, context, { type: 'latency', attributes: { latency: half, jitter: half } }),
      context,
    )
  },
}
