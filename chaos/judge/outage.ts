/**
 * What clients saw of the outage: T1, T6, failing time, first success, slowest request, and which regions it hit.
 *
 * Everything that is counted here and in writes.ts counts one population: the requests that had not ended at T0, to the
 * end of the client stream. A request that was under way at T0 can be hit by the fault; one that had ended cannot.
 * Failed is what was not acked.
 */
import type { RequestEvent, RequestTable } from '../journal/requests.ts'
import type { Objectives } from '../scenarios/schema.ts'
import { type Arrivals, endedAt, firstScheduledFrom, hasFailed, latencyMs, rowAt, scheduledAt } from './arrivals.ts'
import { findRecovery, type Recovery } from './recovery.ts'

export interface Outage {
  recovery: Recovery
  /** T1: the first failure that a client saw, whenever its request was scheduled. */
  firstFailureMs: number | null
  /** When the first request succeeded that came after the first failed one, and did the same (wrote, or read). */
  firstSuccessMs: number | null
  failingMs: number
  slowestRequestMs: number | null
  /** The population, and how many of it failed. */
  requests: number
  failedRequests: number
  /** Of the failed, the one that was due first. */
  firstFailed: RequestEvent | null
  /** The same of reads alone. */
  reads: { requests: number; failedRequests: number; firstFailed: RequestEvent | null }
  /** How many that were due at T6 or later failed, too few for another outage; null where there is no T6. */
  strayFailures: number | null
  blastRadius: Record<string, { requests: number; failed: number }>
}

/** Whether a request belongs to the population: not ended at T0. */
export function inPopulation(arrivals: Arrivals, i: number, requestedMs: number): boolean {
  return endedAt(arrivals, i) >= requestedMs
}

export function measureOutage(options: {
  arrivals: Arrivals
  requests: RequestTable
  requestedMs: number
  limits: Objectives['window']
}): Outage {
  const { arrivals, requests, requestedMs, limits } = options
  const recovery = findRecovery(arrivals, requestedMs, limits)
  const recoveredMs = recovery.outcome === 'recovered' ? recovery.atMs : null
  let firstFailureMs: number | null = null
  let slowestRequestMs: number | null = null
  let count = 0
  let failedRequests = 0
  let firstFailed: RequestEvent | null = null
  let strayFailures = 0
  const reads: Outage['reads'] = { requests: 0, failedRequests: 0, firstFailed: null }
  for (let i = 0; i < arrivals.count; i++) {
    if (!inPopulation(arrivals, i, requestedMs)) continue
    count++
    const isRead = !requests.isWrite(rowAt(arrivals, i))
    if (isRead) reads.requests++
    if (hasFailed(arrivals, i)) {
      failedRequests++
      const request = (): RequestEvent => corrected(arrivals, i, requests.at(rowAt(arrivals, i)))
      firstFailed ??= request()
      if (isRead) {
        reads.failedRequests++
        reads.firstFailed ??= request()
      }
      if (recoveredMs !== null && scheduledAt(arrivals, i) >= recoveredMs) strayFailures++
      firstFailureMs = Math.min(endedAt(arrivals, i), firstFailureMs ?? Infinity)
    } else {
      slowestRequestMs = Math.max(latencyMs(arrivals, i), slowestRequestMs ?? 0)
    }
  }
  return {
    recovery,
    firstFailureMs,
    slowestRequestMs,
    failedRequests,
    firstFailed,
    reads,
    requests: count,
    strayFailures: recoveredMs === null ? null : strayFailures,
    firstSuccessMs: firstSuccess(arrivals, requests, requestedMs),
    failingMs: failingTime(arrivals, requestedMs),
    blastRadius: blastRadius(arrivals, requests, requestedMs),
  }
}

/** With the times of its arrival, which are put right by the load generator's clock. */
function corrected(arrivals: Arrivals, i: number, request: RequestEvent): RequestEvent {
  return { ...request, scheduledMs: scheduledAt(arrivals, i), endedMs: endedAt(arrivals, i) }
}

/**
 * Sum of the slots of failed arrivals, a slot reaching from one arrival to the next. In an open model arrivals sample
 * the system on a schedule that does not depend on it, so an arrival stands for the time until the next one: with a
 * steady rate this estimates the time during which a client that came by would have failed. What lies before T0 is cut
 * off: of the requests under way at T0 only the last one's slot reaches beyond it.
 */
function failingTime(arrivals: Arrivals, requestedMs: number): number {
  let sum = 0
  for (let i = 0; i < arrivals.count; i++) {
    if (!hasFailed(arrivals, i) || !inPopulation(arrivals, i, requestedMs)) continue
    const slotEnd = i + 1 < arrivals.count ? scheduledAt(arrivals, i + 1) : arrivals.endMs
    sum += Math.max(0, slotEnd - Math.max(requestedMs, scheduledAt(arrivals, i)))
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
    const isWrite = requests.isWrite(rowAt(arrivals, i))
    if (failedWrite === undefined) {
      if (hasFailed(arrivals, i)) failedWrite = isWrite
    } else if (isWrite === failedWrite && !hasFailed(arrivals, i)) {
      earliest = Math.min(endedAt(arrivals, i), earliest ?? Infinity)
    }
  }
  return earliest
}

function blastRadius(arrivals: Arrivals, requests: RequestTable, requestedMs: number): Outage['blastRadius'] {
  const regions = new Map<string, { requests: number; failed: number }>()
  for (let i = 0; i < arrivals.count; i++) {
    if (!inPopulation(arrivals, i, requestedMs)) continue
    const name = requests.region(rowAt(arrivals, i)) ?? 'none'
    const region = regions.get(name) ?? { requests: 0, failed: 0 }
    if (region.requests++ === 0) regions.set(name, region)
    if (hasFailed(arrivals, i)) region.failed++
  }
  return Object.fromEntries([...regions].toSorted(([a], [b]) => a.localeCompare(b)))
}
