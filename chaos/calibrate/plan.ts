/**
 * What a calibration does: rounds, one after the other, each of several clients' streams at once ("lanes"), each with a
 * stub of its own.
 *
 * Lanes share a round so that more outages fit into a minute: all of a round together make about 500 requests a second,
 * as much as the fastest stream does alone.
 */
import { windowMs } from '../judge/recovery.ts'
import { type OutageKind, outageKinds, type PlannedOutage } from './truth.ts'

export type Host = 'idle' | 'busy'
export type Extent = 'quick' | 'usual' | 'full'

export interface Round {
  /** Busy: as many processes as there are cores do nothing but take processor time. */
  host: Host
  lanes: LanePlan[]
}

export interface LanePlan {
  ratePerSecond: number
  outages: PlannedOutage[]
}

/** Load before the first outage. */
export const leadMs = 3_000
/** The judge asks for a window of good requests after an outage, and the next one must not reach into it. */
export const calmMs = windowMs + 300
/** Each outage begins at a random point between two arrivals: up to this much later, several slots at any rate. */
const drawMs = 200

const shortLengthsMs = [20, 50, 100, 200, 500, 1_000, 2_000]
const allLengthsMs = [...shortLengthsMs, 5_000, 10_000, 30_000]
/** One after the other, so that lanes of one round do not have their outages at the same time. */
const together = [40, 40, 100, 100, 200]
const alone = [500]

/** The rounds of an extent. `random` draws from 0 to 1. */
export function roundsOf(extent: Extent, random: () => number): Round[] {
  if (extent === 'quick') return [{ host: 'idle', lanes: lanesOf([40, 500], random, 4) }]
  const count = extent === 'usual' ? 8 : undefined
  return (['idle', 'busy'] as const).flatMap((host) =>
    [together, alone].map((rates) => ({ host, lanes: lanesOf(rates, random, count) })),
  )
}

/** How long a round takes, without its set-up. */
export function lengthMs(round: Round): number {
  return Math.max(...round.lanes.map(streamMs))
}

/** How long a lane's stream is. */
export function streamMs({ outages }: LanePlan): number {
  const last = outages.at(-1)
  return last === undefined ? leadMs : last.atMs + last.forMs + calmMs + drawMs
}

export function outagesInRow(each: readonly { kind: OutageKind; forMs: number }[], random: () => number) {
  let atMs = leadMs
  return each.map(({ kind, forMs }): PlannedOutage => {
    const outage = { kind, forMs, atMs: Math.round(atMs + random() * drawMs) }
    atMs = outage.atMs + forMs + calmMs
    return outage
  })
}

/** `count` outages a lane, of short lengths; every length of every kind where it is not given. */
function lanesOf(rates: readonly number[], random: () => number, count?: number): LanePlan[] {
  const lengths = count === undefined ? allLengthsMs : shortLengthsMs
  const all = lengths.flatMap((forMs) => outageKinds.map((kind) => ({ kind, forMs })))
  return rates.map((ratePerSecond, lane) => ({
    ratePerSecond,
    outages: outagesInRow(
      // A step that has no divisor in common with their number visits all, kinds and lengths in turn.
      count === undefined
        ? all
        : Array.from({ length: count }, (_, i) => all[((lane * count + i) * 8) % all.length]).flatMap(
            (one) => one ?? [],
          ),
      random,
    ),
  }))
}
