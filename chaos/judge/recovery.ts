/**
 * T6: when clients were served again, and stayed so.
 *
 * A window starts at an arrival, spans 5 s and at least 200 requests, and is good when enough of them succeed and the
 * 99th percentile of the latency from the scheduled time is within its limit (a failed request counts as infinitely
 * slow). The percentile is the nearest-rank one, so it is within the limit exactly when at most 1 % of the requests
 * exceed it: a prefix sum replaces the sorting, and all windows together cost O(n).
 *
 * A window tolerates a few bad requests, so the first good one starts a little *before* the outage's end: it begins
 * where just as many bad requests are left as it may hold. T6 is therefore moved behind the outage's tail (`tailEnd`).
 */

import type { Objectives } from '../scenarios/schema.ts'
import { type Arrivals, at, firstScheduledFrom, latencyMs } from './arrivals.ts'

export const windowMs = 5000
export const windowRequests = 200
const tolerated = 0.01
export type Recovery =
  | { outcome: 'uninterrupted' }
  | { outcome: 'some-failed' }
  /** `gapMs`: time since the arrival before, so the true moment lies within [atMs − gapMs, atMs]. */
  | { outcome: 'recovered'; atMs: number; gapMs: number }
  /** `notBeforeMs`: the outage reached at least until here. */
  | { outcome: 'censored'; atMs: number; notBeforeMs: number }

/** When the stream was good again after `requestedMs` (T0), to stay so until its end. */
export function findRecovery(arrivals: Arrivals, requestedMs: number, limits: Objectives['window']): Recovery {
  const first = firstScheduledFrom(arrivals, requestedMs)
  const bad = badArrivals(arrivals, limits.p99Ms)
  const windows = goodWindows(arrivals, bad, first, limits.successShare)
  if (windows.length === 0) return { outcome: 'censored', atMs: arrivals.endMs, notBeforeMs: requestedMs }
  const lastBad = windows.lastIndexOf(0)
  if (lastBad === -1) return { outcome: 'uninterrupted' }

  const recovered = tailEnd(arrivals, bad, first + lastBad)
  const lastWindow = first + windows.length - 1
  if (recovered > lastWindow) {
    const notBeforeMs = recovered < arrivals.count ? at(arrivals.scheduledMs, recovered) : arrivals.endMs
    return { outcome: 'censored', atMs: arrivals.endMs, notBeforeMs }
  }
  const atMs = at(arrivals.scheduledMs, recovered)
  return { outcome: 'recovered', atMs, gapMs: atMs - at(arrivals.scheduledMs, recovered - 1) }
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
      (end - start < windowRequests || at(arrivals.scheduledMs, end) < at(arrivals.scheduledMs, start) + windowMs)
    ) {
      badInside += at(bad, end)
      failedInside += at(arrivals.failed, end)
      end++
    }
    const size = end - start
    if (!fits(arrivals, start, end)) return good.subarray(0, start - first)
    // The sum of shares in binary fractions may miss a whole number by a hair.
    const enoughSucceed = size - failedInside >= successShare * size - 1e-9
    good[start - first] = enoughSucceed && badInside <= Math.floor(size * tolerated + 1e-9) ? 1 : 0
    badInside -= at(bad, start)
    failedInside -= at(arrivals.failed, start)
  }
  return good
}

function fits(arrivals: Arrivals, start: number, end: number): boolean {
  if (end - start < windowRequests) return false
  return end < arrivals.count || at(arrivals.scheduledMs, start) + windowMs <= arrivals.endMs + 1e-6
}

/**
 * Index of the first arrival behind the outage, looking on from its last bad window. The running sum of (bad − drift)
 * rises while the outage lasts, even if only some requests fail (those that write, or that met the dead region), and
 * falls afterwards; its last peak is the outage's end (Page's CUSUM as an estimate of the change point, with the drift
 * midway between the outage's share of bad requests and none). For an outage in which every request fails, that is the
 * first success.
 */
function tailEnd(arrivals: Arrivals, bad: Uint8Array, lastBadWindow: number): number {
  const windowEnd = endOfWindow(arrivals, lastBadWindow)
  const drift = tailShare(bad.subarray(lastBadWindow, windowEnd)) / 2
  let sum = 0
  let peak = 0
  let end = lastBadWindow + 1
  for (let i = lastBadWindow; i < endOfWindow(arrivals, windowEnd - 1); i++) {
    sum += at(bad, i) - drift
    if (sum >= peak) {
      peak = sum
      end = i + 1
    }
  }
  return end
}

/** Share of bad requests up to the middle one of those in the window; the second half may reach into better times. */
function tailShare(bad: Uint8Array): number {
  const half = Math.ceil(bad.reduce((sum, one) => sum + one, 0) / 2)
  let seen = 0
  for (let i = 0; i < bad.length; i++) {
    seen += at(bad, i)
    if (at(bad, i) === 1 && seen === half) return half / (i + 1)
  }
  return 1
}

function endOfWindow(arrivals: Arrivals, start: number): number {
  const byTime = firstScheduledFrom(arrivals, at(arrivals.scheduledMs, start) + windowMs)
  return Math.min(arrivals.count, Math.max(byTime, start + windowRequests))
}
