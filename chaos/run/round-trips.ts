/** Measures the round trips over links that a fault makes slow, for as long as it lasts. */
import { setTimeout as delay } from 'node:timers/promises'
import { measuredOnce, type RoundTrips, together } from '../faults/fault.ts'
import type { Probes } from '../faults/reach.ts'
import type { Link } from '../topology/topology.ts'

/** Each look asks the beacons at both ends. */
const everyMs = 1_000

/**
 * All that was measured until the signal, with what was measured before. Does not wait longer: a look under way when
 * the heal is asked for does not count, nor does one that failed, since another fault may have taken a beacon.
 */
export async function roundTripsUntil(
  signal: AbortSignal,
  { first, links, probes }: { first: RoundTrips; links: readonly Link[]; probes: Pick<Probes, 'roundTrips'> },
): Promise<RoundTrips> {
  const healed = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  let seen = first
  while (await delay(everyMs, true, { signal }).catch(() => false)) {
    const looks = await Promise.race([
      Promise.all(links.map((link) => probes.roundTrips(link).then(measuredOnce, () => []))),
      healed,
    ])
    if (looks !== undefined && !signal.aborted) seen = together(seen, ...looks)
  }
  return seen
}
