/**
 * Requests in time bins. A report shows a minute of load on about a thousand pixels: bins carry all that an eye can
 * tell apart, and keep a report of a million requests as small as one of a thousand.
 */
import type { Outcome, RequestTable } from '../journal/requests.ts'
import { type Axis, niceStep } from './axis.ts'

/** No page is wide enough for more bins. With fewer requests in a bin, neighbours differ by chance alone. */
const binsAtMost = 480
const requestsAtLeast = 20

export interface Bins {
  fromMs: number
  widthMs: number
  acked: number[]
  rejected: number[]
  unknown: number[]
  /** Latency of the acked requests from their scheduled time; null where a bin has none. */
  p50Ms: (number | null)[]
  /** Nearest rank, so in a bin of fewer than 100 requests it is the slowest. */
  p99Ms: (number | null)[]
}

/** Bins of a round width, with an edge exactly at the axis' zero so that none mixes before and after the fault. */
export function binRequests(requests: RequestTable, axis: Axis): Bins {
  const widthMs = binWidthMs(requests, axis)
  const firstBin = Math.floor((axis.fromMs - axis.zeroMs) / widthMs)
  const bins = Math.max(1, Math.ceil((axis.toMs - axis.zeroMs) / widthMs) - firstBin)
  const counts: Record<Outcome, number[]> = { acked: zeros(bins), rejected: zeros(bins), unknown: zeros(bins) }
  const latencies: number[][] = Array.from({ length: bins }, () => [])
  for (let row = 0; row < requests.length; row += 1) {
    const bin = Math.floor((requests.scheduledMs(row) - axis.zeroMs) / widthMs) - firstBin
    if (bin < 0 || bin >= bins) continue
    const outcome = requests.outcome(row)
    counts[outcome][bin] = (counts[outcome][bin] ?? 0) + 1
    if (outcome === 'acked') latencies[bin]?.push(requests.endedMs(row) - requests.scheduledMs(row))
  }
  for (const bin of latencies) bin.sort((a, b) => a - b)
  return {
    fromMs: axis.zeroMs + firstBin * widthMs,
    widthMs,
    ...counts,
    p50Ms: latencies.map((sorted) => nearestRank(sorted, 0.5)),
    p99Ms: latencies.map((sorted) => nearestRank(sorted, 0.99)),
  }
}

function binWidthMs(requests: RequestTable, axis: Axis): number {
  let within = 0
  for (let row = 0; row < requests.length; row += 1) {
    const scheduledMs = requests.scheduledMs(row)
    if (scheduledMs >= axis.fromMs && scheduledMs <= axis.toMs) within += 1
  }
  return Math.max(1, niceStep(axis.toMs - axis.fromMs, Math.max(1, Math.min(binsAtMost, within / requestsAtLeast))))
}

/** Nearest-rank quantile of ascending values; null for none. */
export function nearestRank(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0)
}
