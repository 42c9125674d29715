/** What clients were promised: to be served again in time, without failures, and quickly. */
import type { Objectives } from '../scenarios/schema.ts'
import { counted, duration } from './figures.ts'
import { type Finding, type Measured, unmeasured } from './finding.ts'
import type { Outage } from './outage.ts'
import { waitedWords } from './words.ts'
import { slowerThan } from './writes.ts'

export function recoverWithin(objectives: Objectives, measured: Measured): Finding | null {
  const { recoverWithinMs: limit } = objectives
  const { requestedMs, outage } = measured
  if (limit === undefined) return null
  const finding = {
    name: 'recover-within',
    promise: `clients are served again within ${duration(limit)}`,
    limit,
    actual: null,
  } as const
  if (outage === null || requestedMs === null) return unmeasured(finding)
  const { recovery } = outage
  const sinceT0 = (ms: number): number => Math.round(ms) - Math.round(requestedMs)
  // Where a promise of its own is about the gap, that says it.
  const gap = objectives.writeGapMs === undefined ? measured.gaps?.write : undefined
  const waited = gap ? waitedWords({ writeGapMs: gap.lengthMs, writeGapOpen: gap.open }) : ''
  if (recovery.outcome === 'uninterrupted')
    return { ...finding, verdict: 'met', evidence: `clients were not interrupted${waited}` }
  if (recovery.outcome === 'some-failed')
    return { ...finding, verdict: 'met', evidence: `${someFailed(outage)}${waited}` }
  if (recovery.outcome === 'recovered') {
    const actual = sinceT0(recovery.atMs)
    return {
      ...finding,
      actual,
      verdict: actual <= limit ? 'met' : 'missed',
      evidence: `recovered in ${duration(actual)}${strays(outage)}${waited}`,
    }
  }
  const watched = `not recovered in the ${duration(sinceT0(recovery.atMs))} that were observed after the fault`
  if (sinceT0(recovery.notBeforeMs) > limit) return { ...finding, verdict: 'missed', evidence: watched }
  return { ...finding, verdict: 'inconclusive', evidence: `${watched}, which is too short to tell` }
}

function someFailed({ failedRequests, requests }: Outage): string {
  return `clients were not interrupted, but ${failedRequests} of ${counted(requests, 'request')} failed`
}

/** Failures after recovery that are too few for another outage are said, and are none. */
function strays({ strayFailures }: Outage): string {
  return strayFailures === null || strayFailures === 0 ? '' : `; ${counted(strayFailures, 'request')} failed after that`
}

export function failedRequests(
  { failedRequests: limit }: Objectives,
  { requestedMs, outage }: Measured,
): Finding | null {
  if (limit === undefined) return null
  const promise = limit === 0 ? 'no request fails' : `at most ${counted(limit, 'request')} fail`
  const finding = { name: 'failed-requests', promise, limit } as const
  if (outage === null) return unmeasured({ ...finding, actual: null })
  const actual = outage.failedRequests
  return {
    ...finding,
    actual,
    verdict: actual <= limit ? 'met' : 'missed',
    evidence: `${actual} of ${counted(outage.requests, 'request')} failed from the fault on${actual > limit ? example(outage, requestedMs) : ''}`,
  }
}

/** What to look for in the logs of the system. */
function example({ firstFailed }: Outage, requestedMs: number | null): string {
  if (firstFailed === null || requestedMs === null) return ''
  const { n, op, scheduledMs, endedMs, status, error, node } = firstFailed
  const due = Math.round(scheduledMs) - Math.round(requestedMs)
  const answer = status === 0 ? (error ?? 'no answer') : `status ${status}`
  const by = node === undefined ? '' : ` from ${node}`
  const when = due < 0 ? `${duration(-due)} before` : `${duration(due)} after`
  return `, first the ${op} n ${n}, due ${when} the fault: ${answer}${by} after ${duration(endedMs - scheduledMs)}`
}

export function slowestRequest({ slowestRequestMs: limit }: Objectives, { outage }: Measured): Finding | null {
  if (limit === undefined) return null
  const finding = {
    name: 'slowest-request',
    promise: `every request that succeeds takes at most ${duration(limit)}`,
    limit,
  } as const
  if (outage === null || outage.slowestRequestMs === null) return unmeasured({ ...finding, actual: null })
  const actual = Math.round(outage.slowestRequestMs)
  return {
    ...finding,
    actual,
    verdict: actual <= limit ? 'met' : 'missed',
    evidence: `the slowest took ${duration(actual)} from its scheduled time`,
  }
}

export function writeP99({ writeP99Ms: limit }: Objectives, { writes }: Measured): Finding | null {
  if (limit === undefined) return null
  const finding = { name: 'write-p99', promise: `99 of 100 writes succeed within ${duration(limit)}`, limit } as const
  if (writes === null) return unmeasured({ ...finding, actual: null })
  const all = counted(writes.writes, 'write')
  if (writes.writes === 0)
    return {
      ...finding,
      actual: null,
      verdict: 'inconclusive',
      evidence: 'no write was due or under way after the fault',
    }
  if (writes.p99Ms === null) {
    return {
      ...finding,
      actual: null,
      verdict: 'missed',
      evidence: `${writes.failed} of ${all} failed from the fault on, which is more than 1 in 100`,
    }
  }
  const actual = Math.round(writes.p99Ms)
  const within = `99 of 100 succeeded within ${duration(actual)} of their scheduled time`
  if (actual <= limit) return { ...finding, actual, verdict: 'met', evidence: `of ${all} from the fault on ${within}` }
  const failed = writes.failed === 0 ? '' : `, ${writes.failed} of them because they failed`
  return {
    ...finding,
    actual,
    verdict: 'missed',
    evidence: `${slowerThan(writes, limit)} of ${all} from the fault on did not${failed}; ${within}`,
  }
}
