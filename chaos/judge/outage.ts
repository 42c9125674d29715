/** What clients saw of the outage: T1, T6, failing time, first success, slowest request, and which regions it hit. */
import type { RequestTable } from '../journal/requests.ts'
import type { Objectives } from '../scenarios/schema.ts'
import { type Arrivals, at, firstScheduledFrom, latencyMs } from './arrivals.ts'
import { findRecovery, type Recovery } from './recovery.ts'

export interface Outage {
  recovery: Recovery
  /** T1: the first failure that a client saw, whenever its request was scheduled. */
  firstFailureMs: number | null
  /** When the first request succeeded that came after the first failed one, and did the same (wrote, or read). */
  firstSuccessMs: number | null
  failingMs: number
  slowestRequestMs: number | null
  /** Requests that had not ended at T0, and how many of them failed. */
  requests: number
  failedRequests: number
  blastRadius: Record<string, { requests: number; failed: number }>
}

/** Reads the client stream from T0 on. Requests that were under way at T0 count: the fault can hit them. */
export function measureOutage(options: {
  arrivals: Arrivals
  requests: RequestTable
  requestedMs: number
  limits: Objectives['window']
}): Outage {
  const { arrivals, requests, requestedMs, limits } = options
  const recovery = findRecovery(arrivals, requestedMs, limits)
  const untilMs = recovery.outcome === 'recovered' ? recovery.atMs : arrivals.endMs
  let firstFailureMs: number | null = null
  let slowestRequestMs: number | null = null
  let count = 0
  let failedRequests = 0
  for (let i = 0; i < arrivals.count; i++) {
    const endedMs = at(arrivals.endedMs, i)
    if (endedMs < requestedMs) continue
    count++
    if (at(arrivals.failed, i) === 1) {
      failedRequests++
      firstFailureMs = Math.min(endedMs, firstFailureMs ?? Infinity)
    } else {
      slowestRequestMs = Math.max(latencyMs(arrivals, i), slowestRequestMs ?? 0)
    }
  }
  return {
    recovery,
    firstFailureMs,
    slowestRequestMs,
    failedRequests,
    requests: count,
    firstSuccessMs: firstSuccess(arrivals, requests, requestedMs),
    failingMs: failingTime(arrivals, requestedMs),
    blastRadius: blastRadius({ arrivals, requests, fromMs: requestedMs, untilMs }),
  }
}

/**
 * Sum of the slots of failed arrivals, a slot reaching from one arrival to the next. In an open model arrivals sample
 * the system on a schedule that does not depend on it, so an arrival stands for the time until the next one: with a
 * steady rate this estimates the time during which a client that came by would have failed.
 */
function failingTime(arrivals: Arrivals, requestedMs: number): number {
  let sum = 0
  for (let i = firstScheduledFrom(arrivals, requestedMs); i < arrivals.count; i++) {
    if (at(arrivals.failed, i) === 0) continue
    const slotEnd = i + 1 < arrivals.count ? at(arrivals.scheduledMs, i + 1) : arrivals.endMs
    sum += slotEnd - at(arrivals.scheduledMs, i)
  }
  return sum
}

/**
 * Only requests of the same kind count: while a primary is gone reads go on, and their success says nothing of writes.
 */
function firstSuccess(arrivals: Arrivals, requests: RequestTable, requestedMs: number): number | null {
  let failedWrite: boolean | undefined
  let earliest: number | null = null
  for (let i = firstScheduledFrom(arrivals, requestedMs); i < arrivals.count; i++) {
    const isWrite = requests.isWrite(at(arrivals.row, i))
    if (failedWrite === undefined) {
      if (at(arrivals.failed, i) === 1) failedWrite = isWrite
    } else if (isWrite === failedWrite && at(arrivals.failed, i) === 0) {
      earliest = Math.min(at(arrivals.endedMs, i), earliest ?? Infinity)
    }
  }
  return earliest
}

function blastRadius(options: {
  arrivals: Arrivals
  requests: RequestTable
  fromMs: number
  untilMs: number
}): Outage['blastRadius'] {
  const { arrivals, requests, fromMs, untilMs } = options
  const regions: Outage['blastRadius'] = {}
  const end = firstScheduledFrom(arrivals, untilMs)
  for (let i = firstScheduledFrom(arrivals, fromMs); i < end; i++) {
    const name = requests.region(at(arrivals.row, i)) ?? 'none'
    regions[name] ??= { requests: 0, failed: 0 }
    const region = regions[name]
    region.requests++
    region.failed += at(arrivals.failed, i)
  }
  return Object.fromEntries(Object.entries(regions).toSorted(([a], [b]) => a.localeCompare(b)))
}
