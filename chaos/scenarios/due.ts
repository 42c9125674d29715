/** When arrivals are due: so many a second, and more of them while a surge lasts. */
import type { LoadSpec } from './schema.ts'

/** Part of the load with another rate. Milliseconds, by the clock of the schedule that it belongs to. */
export interface Surge {
  fromMs: number
  toMs: number
  ratePerSecond: number
}

/** A schedule: arrival 0 is due at `firstArrivalMs`; surges are in order, do not meet, and begin after that. */
export interface Pace {
  firstArrivalMs: number
  ratePerSecond: number
  surges?: readonly Surge[] | undefined
}

/** k6 takes whole numbers. */
export function surgeRate(ratePerSecond: number, times: number): number {
  return Math.round(ratePerSecond * times)
}

/** More arrivals at a time need as many more virtual users. */
export function virtualUsersAt(rate: number, load: Pick<LoadSpec, 'ratePerSecond' | 'maxVirtualUsers'>): number {
  return Math.ceil((load.maxVirtualUsers * rate) / load.ratePerSecond)
}

/** The surges of a scenario, cut off where the load ends; all by the clock of `faultMs`, when the first fault is due. */
export function surgesBetween(
  { ratePerSecond, surges = [] }: Pick<LoadSpec, 'ratePerSecond' | 'surges'>,
  { faultMs, endMs }: { faultMs: number; endMs: number },
): Surge[] {
  return surges.map(({ atMs, forMs, times }) => ({
    fromMs: faultMs + atMs,
    toMs: Math.min(faultMs + atMs + forMs, endMs),
    ratePerSecond: surgeRate(ratePerSecond, times),
  }))
}

/** When the arrival with this number is due, in milliseconds. */
export function dueMs({ firstArrivalMs, ratePerSecond, surges }: Pace, n: number): number {
  // Asked a million times of a large journal.
  if (surges === undefined) return firstArrivalMs + (n * 1000) / ratePerSecond
  let atMs = firstArrivalMs
  let left = n
  for (const surge of surges) {
    const before = ((surge.fromMs - atMs) * ratePerSecond) / 1000
    if (left <= before) break
    const within = ((surge.toMs - surge.fromMs) * surge.ratePerSecond) / 1000
    if (left <= before + within) return surge.fromMs + ((left - before) * 1000) / surge.ratePerSecond
    left -= before + within
    atMs = surge.toMs
  }
  return atMs + (left * 1000) / ratePerSecond
}

/** How many arrivals come due after the first one, up to a moment: a number with a fraction. */
export function dueUpTo({ firstArrivalMs, ratePerSecond, surges = [] }: Pace, ms: number): number {
  const more = surges.reduce((sum, { fromMs, toMs, ratePerSecond: rate }) => {
    const lastedMs = Math.max(0, Math.min(ms, toMs) - fromMs)
    return sum + (lastedMs * (rate - ratePerSecond)) / 1000
  }, 0)
  return ((ms - firstArrivalMs) * ratePerSecond) / 1000 + more
}
