/**
 * Judges each objective: the limit against what was measured, in a sentence that names the promise and the evidence.
 */
import type { Objectives } from '../scenarios/schema.ts'
import { dcsElections } from './elections.ts'
import type { Finding, Measured } from './finding.ts'
import { failedReads, failedRequests, slowestRequest, writeP99 } from './objectives-clients.ts'
import { invariants, lostWrites } from './objectives-data.ts'
import { readGap, stalled, writeGap } from './objectives-gaps.ts'
import { onePrimary, samePrimary, takeOvers } from './objectives-primary.ts'
import { monotonicReads, staleReads } from './objectives-reads.ts'
import { recoverAfterHeal, recoverWithin } from './objectives-recovery.ts'
import type { ObjectiveResult, ValidityCheck, VerdictName } from './verdict.ts'

/**
 * One result for each objective that the scenario states, and one for the stored data's consistency wherever losses are
 * judged or it is broken. When a validity check does not hold, nothing counts as met, and a miss counts only where the
 * evidence stands by itself: an acked write that is absent, broken data, and two databases that both committed. A
 * missed recovery time under a load that was not what it should be says nothing, and neither does a change of primary
 * under a fault that may have been another than the one asked for.
 *
 * `errorMs`: where all that does not hold is that requests are dated wrong by this much at the most. A time that was
 * missed by more than that at either end is missed all the same.
 */
export function judgeObjectives(
  objectives: Objectives,
  measured: Measured,
  { broken, errorMs }: { broken?: ValidityCheck | undefined; errorMs?: number | undefined } = {},
): ObjectiveResult[] {
  const findings = [
    recoverWithin(objectives, measured),
    recoverAfterHeal(objectives, measured),
    writeGap(objectives, measured),
    readGap(objectives, measured),
    stalled(objectives, measured),
    lostWrites(objectives, measured),
    invariants(objectives, measured),
    onePrimary(objectives, measured),
    samePrimary(objectives, measured),
    takeOvers(objectives, measured),
    dcsElections(objectives, measured),
    failedRequests(objectives, measured),
    failedReads(objectives, measured),
    slowestRequest(objectives, measured),
    writeP99(objectives, measured),
    staleReads(objectives, measured),
    monotonicReads(objectives, measured),
  ]
  return findings
    .filter((finding) => finding !== null)
    .map(({ evidence, stands, ...finding }) => {
      const far = errorMs !== undefined && missedByMs(finding) > 2 * errorMs
      const doubted =
        broken !== undefined && finding.verdict !== 'inconclusive' && !(finding.verdict === 'missed' && (stands || far))
      const verdict = doubted ? 'inconclusive' : finding.verdict
      const because = doubted ? `${broken.name}: ${broken.detail}; measured all the same: ${evidence}` : evidence
      return { ...finding, verdict, message: `${verdict} "${finding.promise}": ${because}` }
    })
}

/**
 * By how much a limit of time was missed; what was not reached at all within the trial, by any time. A change of primary or
 * of the DCS's term was seen by the harness's own clock.
 */
function missedByMs({ name, verdict, actual, limit }: Omit<Finding, 'evidence'>): number {
  if (verdict === 'missed' && ['same-primary', 'take-overs', 'dcs-elections'].includes(name)) return Infinity
  if (verdict !== 'missed' || typeof limit !== 'number' || !times.has(name)) return -Infinity
  return typeof actual === 'number' ? actual - limit : Infinity
}

const times: ReadonlySet<Finding['name']> = new Set([
  'recover-within',
  'recover-after-heal',
  'write-gap',
  'read-gap',
  'slowest-request',
  'write-p99',
])

/** Whether it is missed, or was measured beyond its limit in a trial that is not sound. */
export function measuredAsMissed(
  { name, verdict, actual, limit }: ObjectiveResult,
  trial: { outcome: string | null },
): boolean {
  if (verdict !== 'inconclusive') return verdict === 'missed'
  if (typeof actual === 'number') return actual > Number(limit)
  if (typeof actual === 'boolean') return actual !== limit
  // What had not come by the end of the trial has no measure.
  return trial.outcome === 'censored' && (name === 'recover-within' || name === 'recover-after-heal')
}

/** The worst wins: missed, then inconclusive, then met. Nothing judged is inconclusive, never met. */
export function worstOf(verdicts: readonly VerdictName[]): VerdictName {
  if (verdicts.includes('missed')) return 'missed'
  return verdicts.length === 0 || verdicts.includes('inconclusive') ? 'inconclusive' : 'met'
}
