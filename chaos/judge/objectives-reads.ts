/** What was promised of reads: how old an answer may be, and that nobody sees what he saw go back. */
import type { Objectives } from '../scenarios/schema.ts'
import { counted, duration, moment } from './figures.ts'
import { type Finding, type Measured, unmeasured } from './finding.ts'
import { type Reads, type StaleRead, wholeStale } from './reads.ts'

export function staleReads({ staleReadMs: limit }: Objectives, { reads }: Measured): Finding | null {
  if (limit === undefined) return null
  const promise = limit === 0 ? 'no read is stale' : `no read is stale by more than ${duration(limit)}`
  const finding = { name: 'stale-reads', promise, limit, actual: null } as const
  if (reads === null) return unsaid(finding)
  const actual = wholeStale(reads.worstMs)
  const of = `${counted(reads.reads, 'read')} that began after an acknowledged write to their account`
  if (actual > limit)
    return {
      ...finding,
      actual,
      verdict: 'missed',
      evidence: `${reads.stale} of ${of} did not show it; ${worst(reads.worst)}`,
    }
  if (reads.silent > 0) return silent(finding, reads)
  if (reads.reads === 0)
    return { ...finding, verdict: 'inconclusive', evidence: 'no read began after an acknowledged write to its account' }
  const evidence =
    reads.stale === 0 ? `${of} showed it` : `${reads.stale} of ${of} did not show it; ${worst(reads.worst)}`
  return { ...finding, actual, verdict: 'met', evidence }
}

export function monotonicReads({ monotonicReads: asked }: Objectives, { reads }: Measured): Finding | null {
  if (asked !== true) return null
  const finding = {
    name: 'monotonic-reads',
    promise: 'no client sees an account go back',
    limit: true,
    actual: null,
  } as const
  if (reads === null) return unsaid(finding)
  const within = reads.bySession ? 'in its session' : 'by any client'
  const of = `${counted(reads.again, 'read')} that came after another of the account ${within}`
  if (reads.wentBack > 0)
    return {
      ...finding,
      actual: false,
      verdict: 'missed',
      evidence: `${reads.wentBack} of ${of} answered an older version`,
    }
  if (reads.silent > 0) return silent(finding, reads)
  if (reads.again === 0) return { ...finding, verdict: 'inconclusive', evidence: `no account was read again ${within}` }
  return { ...finding, actual: true, verdict: 'met', evidence: `none of ${of} answered an older version` }
}

function worst(read: StaleRead | null): string {
  if (read === null) return ''
  const by = read.region === undefined ? '' : ` by ${read.region}`
  return `the worst, answered${by}, was ${duration(read.staleMs)} out of date when it began at ${moment(read.startedMs)} (account ${read.account}, version ${read.version})`
}

function unsaid(finding: Omit<Finding, 'verdict' | 'evidence'>): Finding {
  return { ...unmeasured(finding), evidence: 'not measured: the answers say no versions' }
}

function silent(finding: Omit<Finding, 'verdict' | 'evidence'>, reads: Reads): Finding {
  return {
    ...finding,
    verdict: 'inconclusive',
    evidence: `${counted(reads.silent, 'answer')} to successful requests ${reads.silent === 1 ? 'says' : 'say'} no version`,
  }
}
