/**
 * slow: Toxiproxy's `latency` toxic, on top of the link's own latency, in both directions of every proxy of the
 * target's links.
 *
 * Models: a longer way. Every chunk of bytes is late by the same amount.
 * Does not model: a handshake that takes longer (the link accepts by itself), nor less throughput on one connection.
 * Heals by: removing the toxics.
 */
import { bothWays, onlyLinks } from './links.ts'
import { takesLonger } from './beacon-claims.ts'
import type { Fault } from './fault.ts'
import { switchedOn } from './switch.ts'
import { toxicSwitch } from './toxiproxy.ts'

/**
 * Beacons give a fresh connection a second and take half a second of silence for the end of an existing one: beyond
 * this they cannot be relied on.
 */
export const beaconsBearMs = 400

export const slow: Fault<'slow'> = {
  kind: 'slow',
  models: 'every byte over the links is late by the same amount, in each direction',
  doesNotModel: ['a slower handshake: the link accepts connections by itself', 'the lower throughput of a long way'],
  actsOn: 'links',
  unavailable: ({ target }) => onlyLinks('slow', target),
  effect: ({ target, spec }) => (spec.with.latencyMs > beaconsBearMs ? { loose: bothWays(target.links) } : {}),
  claims: ({ target, spec }, { topology }) =>
    target.links.map((link) => takesLonger(topology, link, { atLeastMs: 2 * (spec.with.latencyMs + link.latencyMs) })),
  async prepare({ target, spec }, context) {
    return switchedOn(
      await toxicSwitch(target.links, context, {
        type: 'latency',
        attributes: { latency: spec.with.latencyMs, jitter: 0 },
      }),
      context,
    )
  },
}
