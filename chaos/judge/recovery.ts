/**
 * T6: when clients were served again, and stayed so.
 *
 * A window starts at an arrival, spans 5 s and at least 200 requests, and is good when enough of them succeed and the
 * 99th percentile of the latency from the scheduled time is within its limit (a failed request counts as infinitely
 * slow). The percentile is the nearest-rank one, so it is within the limit exactly when at most 1 % of the requests
 * exceed it: a prefix sum replaces the sorting, and all windows together cost O(n).
 *
 * One request alone is no evidence of an outage, nor of a relapse: a window may always hold one that is bad, whatever
 * the share. (At a share of 0.999 a window of 200 requests could hold none, and one stray failure at +44 s was a
 * recovery at +44 s.)
 *
 * A window tolerates bad requests, so the first good one starts a little *before* the outage's end: it begins where
 * just as many bad requests are left as it may hold. T6 is therefore moved behind the outage's tail (tail.ts).
 */

import type { Objectives } from '../scenarios/schema.ts'
import { type Arrivals, endedAt, firstScheduledFrom, flagAt, latencyMs, scheduledAt } from './arrivals.ts'
import { outageTail } from './tail.ts'

export const windowMs = 5000
export const windowRequests = 200
const tolerated = 0.01
export type Recovery =
  /** No window was bad, and no request that had not ended at T0 failed. */
  | { outcome: 'uninterrupted' }
  /** No window was bad, but requests failed: fewer than make an outage, or those under way at T0. */
  | { outcome: 'some-failed' }
  /**
   * `gapMs`: time since the arrival before. `resolutionMs`: how long the outage may have gone on unseen. The true moment
   * lies within [atMs − gapMs, atMs + resolutionMs]; where every request failed, no later than atMs.
   */
  | { outcome: 'recovered'; atMs: number; gapMs: number; resolutionMs: number }
  /** `notBeforeMs`: the outage reached at least until here. */
  | { outcome: 'censored'; atMs: number; notBeforeMs: number }

/** When the stream was good again after `requestedMs` (T0), to stay so until its end. */
export function findRecovery(
  arrivals: Arrivals,
  requestedMs: number,
  limits: Pick<Objectives['window'], 'successShare' | 'p99Ms'>,
): Recovery {
  const first = firstScheduledFrom(arrivals, requestedMs)
  const bad = badArrivals(arrivals, limits.p99Ms)
  const windows = goodWindows(arrivals, bad, first, limits.successShare)
  if (windows.length === 0) return { outcome: 'censored', atMs: arrivals.endMs, notBeforeMs: requestedMs }
  const lastBad = windows.lastIndexOf(0)
  if (lastBad === -1) return { outcome: anyFailed(arrivals, requestedMs) ? 'some-failed' : 'uninterrupted' }

  const lastBadWindow = first + lastBad
  const tail = outageTail(bad, { first, lastBadWindow, windowEnd: endOfWindow(arrivals, lastBadWindow) })
  const recovered = tail.firstGood
  const lastWindow = first + windows.length - 1
  if (recovered > lastWindow) {
    const notBeforeMs = recovered < arrivals.count ? scheduledAt(arrivals, recovered) : arrivals.endMs
    return { outcome: 'censored', atMs: arrivals.endMs, notBeforeMs }
  }
  const atMs = scheduledAt(arrivals, recovered)
  return {
    outcome: 'recovered',
    atMs,
    gapMs: atMs - scheduledAt(arrivals, recovered - 1),
    resolutionMs: Math.min(tail.resolution * arrivals.intervalMs, arrivals.endMs - atMs),
  }
}

/** Of the requests that had not ended at T0. */
function anyFailed(arrivals: Arrivals, requestedMs: number): boolean {
  return arrivals.failed.some((failed, i) => failed === 1 && endedAt(arrivals, i) >= requestedMs)
}

/** 1 where a request failed or answered too late. */
function badArrivals(arrivals: Arrivals, limitMs: number): Uint8Array {
  return arrivals.failed.map((failed, i) => (failed === 1 || latencyMs(arrivals, i) > limitMs ? 1 : 0))
}

/** For each window that starts at `first` or later and ends before the stream does: 1 if it is good. */
function goodWindows(arrivals: Arrivals, bad: Uint8Array, first: number, successShare: number): Uint8Array {
  const good = new Uint8Array(Math.max(0, arrivals.count - first))
  let end = first
  let badInside = 0
  let failedInside = 0
  for (let start = first; start < arrivals.count; start++) {
    while (
      end < arrivals.count &&
      (end - start < windowRequests || scheduledAt(arrivals, end) < scheduledAt(arrivals, start) + windowMs)
    ) {
      badInside += flagAt(bad, end)
      failedInside += flagAt(arrivals.failed, end)
      end++
    }
    const size = end - start
    if (!fits(arrivals, start, end)) return good.subarray(0, start - first)
    const enoughSucceed = failedInside <= allowed(size, 1 - successShare)
    good[start - first] = enoughSucceed && badInside <= allowed(size, tolerated) ? 1 : 0
    badInside -= flagAt(bad, start)
    failedInside -= flagAt(arrivals.failed, start)
  }
  return good
}

/** How many of a window's requests may be bad. A share in binary fractions may miss a whole number by a hair. */
function allowed(size: number, share: number): number {
  return Math.max(1, Math.floor(size * share + 1e-9))
}

function fits(arrivals: Arrivals, start: number, end: number): boolean {
  if (end - start < windowRequests) return false
  return end < arrivals.count || scheduledAt(arrivals, start) + windowMs <= arrivals.endMs + 1e-6
}

function endOfWindow(arrivals: Arrivals, start: number): number {
  const byTime = firstScheduledFrom(arrivals, scheduledAt(arrivals, start) + windowMs)
  return Math.min(arrivals.count, Math.max(byTime, start + windowRequests))
}
