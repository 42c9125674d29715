/** Whether clients were served again in time: after the first fault, or after the last one began to heal. */
import type { Objectives } from '../scenarios/schema.ts'
import { counted, duration } from './figures.ts'
import { type Finding, type Measured, unmeasured } from './finding.ts'
import type { Outage } from './outage.ts'
import { waitedWords } from './words.ts'

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
  // Where a promise of its own is about the gap, that says it.
  const gap = objectives.writeGapMs === undefined ? measured.gaps?.write : undefined
  const waited = gap ? waitedWords({ writeGapMs: gap.lengthMs, writeGapOpen: gap.open }) : ''
  return {
    ...finding,
    ...servedAgain(outage, { limit, fromMs: requestedMs, in: (length) => `in ${length}`, after: 'the fault', waited }),
  }
}

/**
 * For outages during which nobody can be served. It counts from the moment at which the last heal was asked for, so that
 * the time in which nodes start counts as well.
 */
export function recoverAfterHeal(objectives: Objectives, { outage, lastHealMs }: Measured): Finding | null {
  const { recoverAfterHealMs: limit } = objectives
  if (limit === undefined) return null
  const finding = {
    name: 'recover-after-heal',
    promise: `clients are served again within ${duration(limit)} after the heal`,
    limit,
    actual: null,
  } as const
  if (outage === null) return unmeasured(finding)
  const { outcome } = outage.recovery
  if ((outcome === 'recovered' || outcome === 'censored') && (lastHealMs === null || outage.recovery.atMs < lastHealMs))
    return outcome === 'recovered'
      ? { ...finding, verdict: 'met', evidence: 'they were served again before the heal' }
      : { ...finding, verdict: 'inconclusive', evidence: 'it did not heal while clients were watched' }
  const after = 'the heal began'
  return {
    ...finding,
    ...servedAgain(outage, { limit, fromMs: lastHealMs ?? 0, in: (length) => `${length} after ${after}`, after }),
  }
}

/** Against a limit that counts from a moment, which `after` names; `in` says a length of time since then. */
function servedAgain(
  outage: Outage,
  told: { limit: number; fromMs: number; in: (length: string) => string; after: string; waited?: string },
): Pick<Finding, 'verdict' | 'evidence' | 'actual'> {
  const { recovery } = outage
  const { limit, waited = '' } = told
  if (recovery.outcome === 'uninterrupted')
    return { actual: null, verdict: 'met', evidence: `clients were not interrupted${waited}` }
  if (recovery.outcome === 'some-failed')
    return { actual: null, verdict: 'met', evidence: `${someFailed(outage)}${waited}` }
  const since = (ms: number): number => Math.round(ms) - Math.round(told.fromMs)
  const length = since(recovery.atMs)
  if (recovery.outcome === 'recovered')
    return {
      actual: length,
      verdict: length <= limit ? 'met' : 'missed',
      evidence: `recovered ${told.in(duration(length))}${strays(outage)}${waited}`,
    }
  const watched = `not recovered in the ${duration(length)} that were observed after ${told.after}`
  return since(recovery.notBeforeMs) > limit
    ? { actual: null, verdict: 'missed', evidence: watched }
    : { actual: null, verdict: 'inconclusive', evidence: `${watched}, which is too short to tell` }
}

function someFailed({ failedRequests, requests }: Outage): string {
  return `clients were not interrupted, but ${failedRequests} of ${counted(requests, 'request')} failed`
}

/** Failures after recovery that are too few for another outage are said, and are none. */
function strays({ strayFailures }: Outage): string {
  return strayFailures === null || strayFailures === 0 ? '' : `; ${counted(strayFailures, 'request')} failed after that`
}
