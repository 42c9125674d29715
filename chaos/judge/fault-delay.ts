/**
 * Were the links as slow as asked for, by the round trips over them? In journals that record them as numbers. Round
 * trips are measured by beacons at both ends of each link, for as long as the fault lasts.
 */
import type { EventOf } from '../journal/schema.ts'
import { faultNamed } from '../scenarios/kinds.ts'
import { beaconOf, type Topology } from '../topology/topology.ts'
import { duration } from './figures.ts'
import type { Defect } from './validity-load.ts'
import { timingErrorMs } from './validity-times.ts'

/**
 * Of two delays in one link, Toxiproxy takes what a byte had waited before the first off the second, too
 * (`toxics/latency.go`). On a busy host a round trip lacked 1.7 ms of 110 by that. As much as a result may be off, and a
 * tenth of what is asked for at most.
 */
function mayLackMs(leastMs: number): number {
  return Math.min(timingErrorMs, leastMs / 10)
}

type RoundTrips = EventOf<'fault.proved'>['roundTrips']

/** Undefined where the kind makes nothing slow, or all of it was. */
export function delayDefect(
  { fault, links, with: given, namedWith }: EventOf<'fault.requested'>,
  topology: Topology,
  roundTrips: RoundTrips,
): Defect {
  const kind = faultNamed(fault)
  if (kind.delays === undefined) return undefined
  if (roundTrips === undefined) return 'no round trip is on record'
  const options = kind.options.safeParse(namedWith ?? given ?? {})
  if (!options.success) return 'its options are not those of its kind'
  const { leastMs, apartMs } = kind.delays(options.data as never)
  for (const link of topology.links.filter(({ name }) => links.includes(name))) {
    const [a, b] = link.sites
    const over = roundTrips.filter(({ from, to }) => (from === a && to === b) || (from === b && to === a))
    if (over.length === 0) return `no round trip over ${link.name} is on record`
    const unmeasured = [
      [a, b],
      [b, a],
    ].find(([from, to]) => beaconOf(topology, from ?? '') && !over.some((trip) => trip.from === from && trip.to === to))
    if (unmeasured !== undefined) return `no round trip from ${unmeasured.join(' to ')} and back is on record`
    const least = Math.min(...over.map((trip) => trip.leastMs))
    const most = Math.max(...over.map((trip) => trip.mostMs))
    if (over.some((trip) => trip.mostMs < trip.leastMs))
      return `the longest round trip over ${link.name} is the shortest`
    const atLeastMs = leastMs + 2 * link.latencyMs
    if (least < atLeastMs - mayLackMs(leastMs))
      return `a round trip over ${link.name} took ${duration(least)}, which is less than ${duration(atLeastMs)}`
    if (apartMs > 0 && most - least <= apartMs)
      return `round trips over ${link.name} differed by ${duration(most - least)}, which is not more than ${duration(apartMs)}`
  }
  return undefined
}
