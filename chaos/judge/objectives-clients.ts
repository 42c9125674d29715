/** What clients were promised while it lasts: to be served without failures, and quickly. */
import type { RequestEvent } from '../journal/requests.ts'
import type { Objectives } from '../scenarios/schema.ts'
import { counted, duration } from './figures.ts'
import { type Finding, type Measured, unmeasured } from './finding.ts'
import type { Outage } from './outage.ts'
import { slowerThan } from './writes.ts'

export function failedRequests({ failedRequests: limit }: Objectives, measured: Measured): Finding | null {
  return limit === undefined
    ? null
    : fewFailed({ name: 'failed-requests', limit, of: 'request' }, measured, measured.outage)
}

/** Where writes may stop, reads may be promised to go on. */
export function failedReads({ failedReads: limit }: Objectives, measured: Measured): Finding | null {
  return limit === undefined
    ? null
    : fewFailed({ name: 'failed-reads', limit, of: 'read' }, measured, measured.outage?.reads ?? null)
}

export function failedPromise(limit: number, of: 'request' | 'read'): string {
  return limit === 0 ? `no ${of} fails` : `at most ${counted(limit, of)} fail`
}

function fewFailed(
  { of, ...asked }: { name: 'failed-requests' | 'failed-reads'; limit: number; of: 'request' | 'read' },
  { requestedMs }: Measured,
  seen: Outage['reads'] | null,
): Finding {
  const { limit } = asked
  const finding = { ...asked, promise: failedPromise(limit, of) }
  if (seen === null) return unmeasured({ ...finding, actual: null })
  if (seen.requests === 0)
    return {
      ...finding,
      actual: null,
      verdict: 'inconclusive',
      evidence: `no ${of} was due or under way after the fault`,
    }
  const actual = seen.failedRequests
  return {
    ...finding,
    actual,
    verdict: actual <= limit ? 'met' : 'missed',
    evidence: `${actual} of ${counted(seen.requests, of)} failed from the fault on${actual > limit ? example(seen.firstFailed, requestedMs) : ''}`,
  }
}

/** What to look for in the logs of the system. */
function example(firstFailed: RequestEvent | null, requestedMs: number | null): string {
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
