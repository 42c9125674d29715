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
  const { recovery } = outage
  if (recovery.outcome === 'uninterrupted')
    return { ...finding, verdict: 'met', evidence: 'clients were not interrupted' }
  if (recovery.outcome === 'some-failed') return { ...finding, verdict: 'met', evidence: someFailed(outage) }
  if (lastHealMs === null || recovery.atMs < lastHealMs) {
    if (recovery.outcome === 'recovered')
      return { ...finding, verdict: 'met', evidence: 'they were served again before the heal' }
    return { ...finding, verdict: 'inconclusive', evidence: 'it did not heal while clients were watched' }
  }
  const sinceHeal = (ms: number): number => Math.round(ms) - Math.round(lastHealMs)
  const actual = sinceHeal(recovery.atMs)
  if (recovery.outcome === 'recovered')
    return {
      ...finding,
      actual,
      verdict: actual <= limit ? 'met' : 'missed',
      evidence: `recovered ${duration(actual)} after the heal began${strays(outage)}`,
    }
  const watched = `not recovered in the ${duration(actual)} that were observed after the heal began`
  if (sinceHeal(recovery.notBeforeMs) > limit) return { ...finding, verdict: 'missed', evidence: watched }
  return { ...finding, verdict: 'inconclusive', evidence: `${watched}, which is too short to tell` }
}

function someFailed({ failedRequests, requests }: Outage): string {
  return `clients were not interrupted, but ${failedRequests} of ${counted(requests, 'request')} failed`
}

/** Failures after recovery that are too few for another outage are said, and are none. */
function strays({ strayFailures }: Outage): string {
  return strayFailures === null || strayFailures === 0 ? '' : `; ${counted(strayFailures, 'request')} failed after that`
}
