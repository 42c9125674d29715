/**
 * What was measured, as the fields of a verdict: whole milliseconds, and null where nothing was measured.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { Arrivals } from './arrivals.ts'
import type { Failover } from './failover.ts'
import { type FaultRecord, healedMs } from './faults.ts'
import { type Gap, type Gaps, wholeStall } from './gaps.ts'
import type { Losses } from './losses.ts'
import { observerKey } from './observers.ts'
import type { Outage } from './outage.ts'
import type { Primaries } from './primaries.ts'
import { type Reads, wholeStale } from './reads.ts'
import { unexplainedGaps } from './silences.ts'
import type { Tenure } from './tenure.ts'
import type { Phase, Verdict } from './verdict.ts'
import { faultTarget } from './words.ts'
import type { WriteTimes } from './writes.ts'

export function outageFields(
  outage: Outage | null,
  t0: number | null,
): Pick<
  Verdict,
  | 'outcome'
  | 'recoveredInMs'
  | 'recoveryResolutionMs'
  | 'censoredAtMs'
  | 'timeToFirstSuccessMs'
  | 'failingMs'
  | 'slowestRequestMs'
  | 'requests'
  | 'failedRequests'
  | 'strayFailures'
  | 'blastRadius'
> {
  const recovery = outage?.recovery
  const sinceT0 = (ms: number | null | undefined): number | null =>
    ms === null || ms === undefined || t0 === null ? null : Math.round(ms) - Math.round(t0)
  return {
    outcome: recovery?.outcome ?? null,
    recoveredInMs: recovery?.outcome === 'recovered' ? sinceT0(recovery.atMs) : null,
    recoveryResolutionMs: recovery?.outcome === 'recovered' ? Math.ceil(recovery.resolutionMs) : null,
    censoredAtMs: recovery?.outcome === 'censored' ? sinceT0(recovery.atMs) : null,
    timeToFirstSuccessMs: sinceT0(outage?.firstSuccessMs),
    failingMs: outage === null ? null : Math.max(0, Math.ceil(outage.failingMs - 1e-6)),
    slowestRequestMs: whole(outage?.slowestRequestMs),
    requests: outage?.requests ?? null,
    failedRequests: outage?.failedRequests ?? null,
    strayFailures: outage?.strayFailures ?? null,
    blastRadius: outage?.blastRadius ?? {},
  }
}

export function writeFields(writes: WriteTimes | null): Pick<Verdict, 'writes' | 'failedWrites' | 'writeP99Ms'> {
  return { writes: writes?.writes ?? null, failedWrites: writes?.failed ?? null, writeP99Ms: whole(writes?.p99Ms) }
}

export function gapFields(
  gaps: Gaps | null,
): Pick<
  Verdict,
  | 'writeGapMs'
  | 'writeGapFromMs'
  | 'writeGapOpen'
  | 'readGapMs'
  | 'readGapFromMs'
  | 'readGapOpen'
  | 'gapsByRegion'
  | 'stalledMs'
  | 'stalledOverMs'
> {
  const lengthOf = (gap: Gap | null | undefined): number | null => whole(gap?.lengthMs)
  return {
    writeGapMs: lengthOf(gaps?.write),
    writeGapFromMs: whole(gaps?.write?.fromMs),
    writeGapOpen: gaps?.write?.open ?? false,
    readGapMs: lengthOf(gaps?.read),
    readGapFromMs: whole(gaps?.read?.fromMs),
    readGapOpen: gaps?.read?.open ?? false,
    gapsByRegion: Object.fromEntries(
      Object.entries(gaps?.byRegion ?? {}).map(([region, { write, read }]) => [
        region,
        { writeGapMs: lengthOf(write), readGapMs: lengthOf(read) },
      ]),
    ),
    stalledMs: gaps === null ? null : wholeStall(gaps),
    stalledOverMs: gaps?.stalledOverMs ?? null,
  }
}

export function readFields(
  reads: Reads | null,
): Pick<Verdict, 'staleReads' | 'worstStaleMs' | 'staleByRegion' | 'readsAgain' | 'readsBack'> {
  const regions = [...(reads?.byRegion ?? [])].map(
    ([region, { reads, stale, worstMs }]) => [region, { reads, stale, worstMs: wholeStale(worstMs) }] as const,
  )
  return {
    staleReads: reads?.stale ?? null,
    worstStaleMs: reads === null ? null : wholeStale(reads.worstMs),
    staleByRegion: reads === null ? null : Object.fromEntries(regions),
    readsAgain: reads?.again ?? null,
    readsBack: reads?.wentBack ?? null,
  }
}

export function lossFields(
  losses: Losses,
  arrivals: Arrivals,
  trialId: string,
): Pick<
  Verdict,
  | 'ackedWrites'
  | 'rejectedWrites'
  | 'unknownWrites'
  | 'lostWrites'
  | 'lostWriteSamples'
  | 'lostSpanMs'
  | 'unknownStoredWrites'
  | 'resurrectedWrites'
  | 'duplicatedWrites'
  | 'divergentWrites'
  | 'invariantsHold'
  | 'unauditedStores'
> {
  const ifAny = (value: number): number | null => (arrivals.count === 0 ? null : value)
  return {
    ackedWrites: ifAny(losses.ackedWrites),
    rejectedWrites: ifAny(losses.rejectedWrites),
    unknownWrites: ifAny(losses.unknownWrites),
    lostWrites: losses.lostWrites,
    lostWriteSamples: losses.samples.map(({ n, ackedAtMs, absentFrom }) => ({
      n,
      key: `${trialId}-${n}`,
      ackedAtMs: Math.round(ackedAtMs),
      absentFrom,
    })),
    lostSpanMs: whole(losses.lostSpanMs),
    unknownStoredWrites: losses.unknownStoredWrites,
    resurrectedWrites: losses.resurrectedWrites,
    duplicatedWrites: losses.duplicatedWrites,
    divergentWrites: losses.divergentWrites,
    invariantsHold: losses.consistent === true && losses.invariantsChecked === 0 ? null : losses.consistent,
    unauditedStores: losses.unauditedStores,
  }
}

/** Rounded up, but for the error of binary fractions: a tenth of a millisecond of split brain is not none. */
export function primaryFields({
  dualWritableMs,
  overlaps,
}: Primaries): Pick<Verdict, 'dualWritableMs' | 'dualWritable'> {
  return {
    dualWritableMs: dualWritableMs === null ? null : Math.max(0, Math.ceil(dualWritableMs - 1e-6)),
    dualWritable: overlaps.map(({ nodes, fromMs, toMs }) => ({
      nodes,
      fromMs: Math.floor(fromMs),
      toMs: Math.ceil(toMs),
    })),
  }
}

export function tenureFields(tenure: Tenure | null): Pick<Verdict, 'primaryKept' | 'takeOvers'> {
  return {
    primaryKept: tenure?.kept ?? null,
    takeOvers: (tenure?.takeOvers ?? []).map(({ node, atMs, how, observer }) => ({
      node,
      atMs: Math.round(atMs),
      how,
      observer,
    })),
  }
}

export function phaseLengths(phases: readonly Phase[]): Verdict['phasesMs'] {
  const lengthOf = (name: Phase['name']): number | null => phases.find((phase) => phase.name === name)?.lengthMs ?? null
  return {
    detect: lengthOf('detect'),
    elect: lengthOf('elect'),
    promote: lengthOf('promote'),
    route: lengthOf('route'),
    settle: lengthOf('settle'),
  }
}

export function momentFields(options: {
  journal: RecordedJournal
  faults: readonly FaultRecord[]
  requestedMs: number | null
  outage: Outage | null
  failover: Failover | null
}): Verdict['moments'] {
  const { journal, faults, outage, failover } = options
  const healed = healedMs(faults)
  const redundant = healed === null ? undefined : journal.of('redundant').find((event) => event.atMs >= healed)
  return {
    requestedMs: whole(options.requestedMs),
    effectiveMs: whole(faults[0]?.effectiveMs),
    firstFailureMs: whole(outage?.firstFailureMs),
    detectedMs: whole(failover?.detected?.atMs),
    electedMs: whole(failover?.elected?.atMs),
    promotedMs: whole(failover?.promoted?.atMs),
    routedMs: whole(failover?.routed?.atMs),
    recoveredMs: outage?.recovery.outcome === 'recovered' ? Math.round(outage.recovery.atMs) : null,
    healedMs: whole(healed),
    redundantMs: whole(redundant?.atMs),
  }
}

export function faultFields(fault: FaultRecord): Verdict['faults'][number] {
  const { requested } = fault
  return {
    faultId: requested.faultId,
    kind: requested.fault,
    target: faultTarget(requested),
    ...(requested.with === undefined ? {} : { with: requested.with }),
    requestedMs: Math.round(requested.atMs),
    effectiveMs: whole(fault.effectiveMs),
    spreadMs: whole(fault.spreadMs),
    healRequestedMs: whole(fault.healRequestedMs),
    healedMs: whole(fault.healedMs),
    doesNotModel: requested.doesNotModel,
  }
}

export function observerFields(journal: RecordedJournal): Verdict['observers'] {
  const gaps = Map.groupBy(unexplainedGaps(journal), observerKey)
  return journal.of('observer.summary').map(({ observer, subject, samples, p50Ms, p95Ms, maxMs }) => ({
    observer,
    subject,
    samples,
    p50Ms,
    p95Ms,
    maxMs,
    unexplainedGaps: gaps.get(observerKey({ observer, subject }))?.length ?? 0,
  }))
}

function whole(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms)
}
