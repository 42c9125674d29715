/** Limits asked for against what was measured, each in a sentence that names the promise and the evidence. */
import type { Objectives } from '../scenarios/schema.ts'
import { counted, duration, moment } from './figures.ts'
import type { Losses, LostWrite } from './losses.ts'
import type { Outage } from './outage.ts'
import type { Primaries } from './primaries.ts'
import type { KeyLapse, Tenure } from './tenure.ts'
import type { ObjectiveResult, ValidityCheck, VerdictName } from './verdict.ts'
import { some } from './words.ts'
import { slowerThan, type WriteTimes } from './writes.ts'

export interface Measured {
  requestedMs: number | null
  outage: Outage | null
  losses: Losses
  primaries: Primaries
  writes: WriteTimes | null
  tenure: Tenure | null
}

/**
 * A result before its message has the verdict and the promise in front. `stands`: true even if an instrument was
 * broken.
 */
type Finding = Omit<ObjectiveResult, 'message'> & { evidence: string; stands?: boolean }

/**
 * One result for each objective that the scenario states, and one for the stored data's consistency wherever losses are
 * judged or it is broken. When a validity check does not hold, nothing counts as met, and a miss counts only where the
 * evidence stands by itself: an acked write that is absent, broken data, and two databases that both committed. A
 * missed recovery time under a load that was not what it should be says nothing, and neither does a change of primary
 * under a fault that may have been another than the one asked for.
 */
export function judgeObjectives(
  objectives: Objectives,
  measured: Measured,
  broken: ValidityCheck | undefined,
): ObjectiveResult[] {
  const findings = [
    recoverWithin(objectives, measured),
    lostWrites(objectives, measured),
    invariants(objectives, measured),
    onePrimary(objectives, measured),
    samePrimary(objectives, measured),
    failedRequests(objectives, measured),
    slowestRequest(objectives, measured),
    writeP99(objectives, measured),
  ]
  return findings
    .filter((finding) => finding !== null)
    .map(({ evidence, stands, ...finding }) => {
      const doubted =
        broken !== undefined && finding.verdict !== 'inconclusive' && !(finding.verdict === 'missed' && stands === true)
      const verdict = doubted ? 'inconclusive' : finding.verdict
      const because = doubted ? `${broken.name}: ${broken.detail}; measured all the same: ${evidence}` : evidence
      return { ...finding, verdict, message: `${verdict} "${finding.promise}": ${because}` }
    })
}

function recoverWithin({ recoverWithinMs: limit }: Objectives, { requestedMs, outage }: Measured): Finding | null {
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
  if (recovery.outcome === 'uninterrupted')
    return { ...finding, verdict: 'met', evidence: 'clients were not interrupted' }
  if (recovery.outcome === 'recovered') {
    const actual = sinceT0(recovery.atMs)
    return {
      ...finding,
      actual,
      verdict: actual <= limit ? 'met' : 'missed',
      evidence: `recovered in ${duration(actual)}`,
    }
  }
  const watched = `not recovered in the ${duration(sinceT0(recovery.atMs))} that were observed after the fault`
  if (sinceT0(recovery.notBeforeMs) > limit) return { ...finding, verdict: 'missed', evidence: watched }
  return { ...finding, verdict: 'inconclusive', evidence: `${watched}, which is too short to tell` }
}

function lostWrites({ lostWrites: limit }: Objectives, { requestedMs, losses }: Measured): Finding | null {
  if (limit === undefined) return null
  const promise =
    limit === 0
      ? 'no acknowledged write is lost'
      : `at most ${counted(limit, 'acknowledged write')} ${limit === 1 ? 'is' : 'are'} lost`
  const finding = { name: 'lost-writes', promise, limit, actual: losses.lostWrites } as const
  if (losses.surelyLost > limit) {
    const least = losses.lostWrites === null ? 'at least ' : ''
    return {
      ...finding,
      actual: losses.surelyLost,
      verdict: 'missed',
      stands: true,
      evidence: least + describeLoss(losses, requestedMs),
    }
  }
  if (losses.lostWrites === null) return unmeasured(finding)
  if (losses.ackedWrites === 0)
    return { ...finding, verdict: 'inconclusive', evidence: 'no write was acknowledged, so none could be lost' }
  if (losses.lostWrites > 0) return { ...finding, verdict: 'met', evidence: describeLoss(losses, requestedMs) }
  return {
    ...finding,
    verdict: 'met',
    evidence: `all ${counted(losses.ackedWrites, 'acknowledged write')} are on every database`,
  }
}

function describeLoss(losses: Losses, requestedMs: number | null): string {
  const lost = losses.surelyLost
  const first = losses.samples[0]
  const nodes = [...new Set(losses.samples.flatMap((write) => write.absentFrom))].sort()
  const numbers = some(
    losses.samples.map((write) => write.n),
    3,
  )
  const more = lost > losses.samples.length ? ` of ${lost}` : ''
  return (
    `${counted(lost, 'write')} acked${origin(losses.samples, requestedMs)} ${lost === 1 ? 'is' : 'are'} absent from ${some(nodes)} ` +
    `(n ${numbers}${more}; acked at ${moment(first?.ackedAtMs ?? 0)})`
  )
}

/** " by east before the fault", as far as all samples agree. */
function origin(samples: readonly LostWrite[], requestedMs: number | null): string {
  const regions = new Set(samples.map((write) => write.region))
  const [region] = regions
  const by = regions.size === 1 && region !== undefined ? ` by ${region}` : ''
  if (requestedMs === null) return by
  if (samples.every((write) => write.ackedAtMs <= requestedMs)) return `${by} before the fault`
  return samples.every((write) => write.ackedAtMs > requestedMs) ? `${by} after the fault` : by
}

function invariants({ lostWrites: asked }: Objectives, { losses }: Measured): Finding | null {
  if (asked === undefined && losses.invariantsHold !== false) return null
  const finding = {
    name: 'invariants-hold',
    promise: 'the stored data is consistent',
    limit: true,
    actual: losses.invariantsHold,
  } as const
  if (losses.invariantsHold === null) return unmeasured(finding)
  if (losses.invariantsHold)
    return {
      ...finding,
      verdict: 'met',
      evidence: 'the databases agree, hold nothing that was not sent, and no invariant is broken',
    }
  return { ...finding, verdict: 'missed', stands: true, evidence: losses.defects.join('; ') }
}

function onePrimary({ onePrimary: asked }: Objectives, { primaries }: Measured): Finding | null {
  if (asked !== true) return null
  const finding = { name: 'one-primary', promise: 'never two databases accept writes at once', limit: true } as const
  const [first] = primaries.overlaps
  if (first !== undefined) {
    const length = duration(Math.ceil(primaries.dualWritableMs ?? 0))
    const evidence = `${first.nodes.join(' and ')} both committed writes from ${moment(first.fromMs)} to ${moment(first.toMs)}; ${length} of split brain in all`
    return { ...finding, actual: false, verdict: 'missed', stands: true, evidence }
  }
  if (primaries.dualWritableMs === null) return unmeasured({ ...finding, actual: null })
  return {
    ...finding,
    actual: true,
    verdict: 'met',
    evidence: 'every database was asked throughout, and at most one committed',
  }
}

function samePrimary({ samePrimary: asked }: Objectives, { tenure }: Measured): Finding | null {
  if (asked !== true) return null
  const finding = {
    name: 'same-primary',
    promise: 'no other database takes over',
    limit: true,
    actual: tenure?.kept ?? null,
  } as const
  if (tenure === null) return unmeasured(finding)
  const { primary, takeOvers, keyLapses, watched, kept } = tenure
  if (primary === null)
    return {
      ...finding,
      verdict: 'inconclusive',
      evidence: 'nobody was seen to be primary when the fault was requested',
    }
  if (kept === null)
    return { ...finding, verdict: 'inconclusive', evidence: 'neither the leader key nor every database was observed' }
  if (!kept) {
    const signs = takeOvers.map(({ node, atMs, how, observer }) => `${node} ${how} at ${moment(atMs)} (${observer})`)
    return {
      ...finding,
      verdict: 'missed',
      evidence: `${primary} was primary when the fault was requested; ${some(signs, 4)}`,
    }
  }
  const who = [watched.leaderKey ? 'the leader key' : '', watched.databases ? 'every database' : '']
    .filter((name) => name !== '')
    .join(' and ')
  return {
    ...finding,
    verdict: 'met',
    evidence: [`nobody took over from ${primary}, as ${who} showed`, ...keyLapses.slice(0, 3).map(lapseWords)].join(
      '; ',
    ),
  }
}

function lapseWords({ fromMs, toMs }: KeyLapse): string {
  const after = toMs === null ? 'nobody took it' : `it took it again at ${moment(toMs)}`
  return `its leader key was lost at ${moment(fromMs)}, and ${after}`
}

function failedRequests({ failedRequests: limit }: Objectives, { outage }: Measured): Finding | null {
  if (limit === undefined) return null
  const promise = limit === 0 ? 'no request fails' : `at most ${counted(limit, 'request')} fail`
  const finding = { name: 'failed-requests', promise, limit } as const
  if (outage === null) return unmeasured({ ...finding, actual: null })
  const actual = outage.failedRequests
  return {
    ...finding,
    actual,
    verdict: actual <= limit ? 'met' : 'missed',
    evidence: `${actual} of ${counted(outage.requests, 'request')} failed from the fault on`,
  }
}

function slowestRequest({ slowestRequestMs: limit }: Objectives, { outage }: Measured): Finding | null {
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

function writeP99({ writeP99Ms: limit }: Objectives, { writes }: Measured): Finding | null {
  if (limit === undefined) return null
  const finding = { name: 'write-p99', promise: `99 of 100 writes succeed within ${duration(limit)}`, limit } as const
  if (writes === null) return unmeasured({ ...finding, actual: null })
  const all = counted(writes.writes, 'write')
  if (writes.writes === 0)
    return { ...finding, actual: null, verdict: 'inconclusive', evidence: 'no write was scheduled after the fault' }
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

function unmeasured(finding: Omit<Finding, 'verdict' | 'evidence'>): Finding {
  return { ...finding, verdict: 'inconclusive', evidence: 'not measured' }
}

/** The worst wins: missed, then inconclusive, then met. Nothing judged is inconclusive, never met. */
export function worstOf(verdicts: readonly VerdictName[]): VerdictName {
  if (verdicts.includes('missed')) return 'missed'
  return verdicts.length === 0 || verdicts.includes('inconclusive') ? 'inconclusive' : 'met'
}
