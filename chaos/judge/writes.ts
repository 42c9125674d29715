/** How long writes took from the first fault on, for the objective that 99 of 100 succeed in time. */
import type { RequestTable } from '../journal/requests.ts'
import { type Arrivals, hasFailed, latencyMs, rowAt } from './arrivals.ts'
import { inPopulation } from './outage.ts'

export interface WriteTimes {
  /** Writes that had not ended at T0, and how many of them failed. */
  writes: number
  failed: number
  /** 99th percentile from the scheduled time; null when there was no write, or when more than 1 in 100 failed. */
  p99Ms: number | null
  /** Latencies in ascending order; a failed write took forever. */
  latenciesMs: Float64Array
}

/**
 * Counts the writes of the population (outage.ts). The percentile is the nearest-rank one, the smallest latency that at
 * most 1 % of the writes exceed, as in the windows of recovery.
 */
export function measureWrites(arrivals: Arrivals, requests: RequestTable, requestedMs: number): WriteTimes {
  const found: number[] = []
  let failed = 0
  for (let i = 0; i < arrivals.count; i++) {
    if (!inPopulation(arrivals, i, requestedMs) || !requests.isWrite(rowAt(arrivals, i))) continue
    const isFailed = hasFailed(arrivals, i)
    if (isFailed) failed++
    found.push(isFailed ? Infinity : latencyMs(arrivals, i))
  }
  const latenciesMs = Float64Array.from(found).sort()
  // The share in binary fractions may miss a whole number by a hair.
  const exceeding = Math.floor(found.length * 0.01 + 1e-9)
  const p99Ms = latenciesMs[found.length - exceeding - 1]
  return {
    writes: found.length,
    failed,
    p99Ms: p99Ms === undefined || !Number.isFinite(p99Ms) ? null : p99Ms,
    latenciesMs,
  }
}

/** How many writes failed or took longer than this, in whole milliseconds as they are reported. */
export function slowerThan({ latenciesMs }: WriteTimes, limitMs: number): number {
  return latenciesMs.reduce((slower, ms) => slower + (Math.round(ms) > limitMs ? 1 : 0), 0)
}
