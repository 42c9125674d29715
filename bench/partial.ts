/**
 * How closely the end of a partial outage is told, in which each request fails with some chance: `node bench/partial.ts`.
 * Prints the table of docs/measurements.md, "The end of a partial outage". No Docker, the same figures on any machine.
 */
import { pathToFileURL } from 'node:url'
import type { Arrivals } from '../chaos/judge/arrivals.ts'
import { findRecovery } from '../chaos/judge/recovery.ts'

interface Options {
  ratePerSecond: number
  /** The chance of each request of the outage to fail. */
  share: number
  trials: number
  /** The share of requests that windows ask for; that of a scenario which names none unless said otherwise. */
  successShare?: number
}

interface Figures {
  /** Outages that were told as such, of all trials; the rest was too thin to break a window. */
  n: number
  /** Share of them whose true end lies within [T6 − one slot, T6 + resolutionMs]. */
  covered: number
  /** True end − T6: the median, and what 95 of 100 stay within. */
  earlyP50Ms: number
  earlyP95Ms: number
  resolutionP50Ms: number
}

/** Outages of 2 to 27 s, each with a stream of its own, the same ones in each call. */
export function partialOutage({ ratePerSecond, share, trials, successShare = 0.999 }: Options): Figures {
  const slotMs = 1000 / ratePerSecond
  const early: number[] = []
  const resolutions: number[] = []
  let covered = 0
  for (let seed = 1; seed <= trials; seed++) {
    const chance = generator(seed)
    const endMs = Math.round(ratePerSecond * (2 + 25 * chance())) * slotMs
    const arrivals = stream(ratePerSecond, endMs + 30_000, (dueMs) => chance() < share && dueMs < endMs)
    const recovery = findRecovery(arrivals, 0, { successShare, p99Ms: 2000 })
    if (recovery.outcome !== 'recovered') continue
    const earlyMs = endMs - recovery.atMs
    early.push(earlyMs)
    resolutions.push(recovery.resolutionMs)
    if (earlyMs > -slotMs - 1e-6 && earlyMs <= recovery.resolutionMs + 1e-6) covered++
  }
  const n = early.length
  return {
    n,
    covered: covered / n,
    earlyP50Ms: rank(early, 0.5),
    earlyP95Ms: rank(early, 0.95),
    resolutionP50Ms: rank(resolutions, 0.5),
  }
}

function stream(ratePerSecond: number, lengthMs: number, fails: (dueMs: number) => boolean): Arrivals {
  const intervalMs = 1000 / ratePerSecond
  const count = Math.round(lengthMs / intervalMs)
  const scheduledMs = Float64Array.from({ length: count }, (_, i) => i * intervalMs)
  return {
    count,
    scheduledMs,
    startedMs: scheduledMs,
    endedMs: scheduledMs.map((ms) => ms + 10),
    failed: Uint8Array.from(scheduledMs, (ms) => (fails(ms) ? 1 : 0)),
    row: Uint32Array.from({ length: count }, (_, i) => i),
    intervalMs,
    endMs: count * intervalMs,
  }
}

/** Nearest rank. */
function rank(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN
}

/** Numbers from 0 to 1: mulberry32 (Tommy Ettinger), which is small and good enough for this. */
function generator(seed: number): () => number {
  let state = (seed * 7919) | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function printTable(trials: number): void {
  console.log(
    '| requests/s | share that fails | told as outages | T6 early by, median (95 of 100) | resolution, median | true end within it |',
  )
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const ratePerSecond of [40, 200]) {
    for (const share of [0.01, 0.02, 0.05, 0.2, 1]) {
      const { n, covered, earlyP50Ms, earlyP95Ms, resolutionP50Ms } = partialOutage({ ratePerSecond, share, trials })
      const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`
      console.log(
        `| ${ratePerSecond} | ${share * 100} % | ${n} of ${trials} | ${seconds(earlyP50Ms)} (${seconds(earlyP95Ms)}) | ${seconds(resolutionP50Ms)} | ${(covered * 100).toFixed(1)} % |`,
      )
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) printTable(1000)
