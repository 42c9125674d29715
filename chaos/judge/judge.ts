/** Journal → verdict. Pure: the same answer tomorrow, without Docker. */
import type { RecordedJournal } from '../journal/recorded.ts'
import { type Arrivals, arrivalsBefore, arrivalsOf, at } from './arrivals.ts'
import { type Failover, observeFailover } from './failover.ts'
import { type FaultRecord, faultsOf, healedMs, requestedMs } from './faults.ts'
import { type Losses, measureLosses } from './losses.ts'
import { judgeObjectives, worstOf } from './objectives.ts'
import { measureOutage, type Outage } from './outage.ts'
import { cutPhases } from './phases.ts'
import { type PredictedPhases, predictPhases } from './predict.ts'
import { measurePrimaries, type Primaries } from './primaries.ts'
import { primaryLostMs } from './primary-loss.ts'
import { summarize } from './summary.ts'
import { measureTenure, type Tenure } from './tenure.ts'
import { checkValidity, observerKey, unexplainedGaps } from './validity.ts'
import { arrivalsDefect } from './validity-load.ts'
import { timesDefect } from './validity-times.ts'
import { type Phase, type Verdict, verdictSchemaVersion } from './verdict.ts'
import { faultTarget } from './words.ts'
import { measureWrites, type WriteTimes } from './writes.ts'

/**
 * What a trial's journal proves: met, missed or inconclusive, with the measurements behind it. Lengths and moments are
 * whole milliseconds (no observer is finer), so that phases sum to the recovery time exactly. `null` where nothing was
 * measured.
 */
export function judge(journal: RecordedJournal): Verdict {
  const { opened } = journal
  const { scenario } = opened
  const recorded = arrivalsOf(journal.requests, scenario.load.ratePerSecond)
  const arrivals = recordedForSure(journal, recorded)
  const faults = faultsOf(journal)
  const t0 = requestedMs(faults)
  // Times that are not possible measure nothing; nor does a stream that ends before the fault, of which no request
  // failed.
  const impossible = timesDefect(journal, arrivals, t0)
  const measurable = t0 !== null && arrivals.count > 0 && impossible === undefined
  const outage = measurable
    ? measureOutage({ arrivals, requests: journal.requests, requestedMs: t0, limits: scenario.objectives.window })
    : null
  const failover = t0 === null ? null : observeFailover(journal, t0)
  const primaries = measurePrimaries(journal)
  const writes = measurable ? measureWrites(arrivals, journal.requests, t0) : null
  const tenure = t0 === null ? null : measureTenure(journal, t0)

  const untilMs = outage?.recovery.outcome === 'recovered' ? outage.recovery.atMs : arrivals.endMs
  const dropped = arrivalsDefect(journal, arrivals, t0)
  const losses = measureLosses(journal, recorded, {
    ledgerComplete: dropped === undefined,
    ...(arrivals !== recorded && { completeUpTo: lastNumber(journal, arrivals) }),
  })
  const measured = { requestedMs: t0, outage, losses, primaries, writes, tenure }
  const undoubted = judgeObjectives(scenario.objectives, measured, undefined)
  const hostMatters = undoubted.length === 0 || undoubted.some((result) => result.verdict === 'missed')
  const validity = checkValidity({
    journal,
    arrivals,
    faults,
    requestedMs: t0,
    dropped,
    impossible,
    untilMs,
    hostMatters,
  })
  const broken = validity.find((check) => !check.holds)
  const objectives = judgeObjectives(scenario.objectives, measured, broken)
  const verdict = worstOf([
    ...objectives.map((result) => result.verdict),
    ...(broken === undefined ? [] : ['inconclusive' as const]),
  ])
  const phases =
    t0 === null || outage === null || failover === null
      ? []
      : cutPhases({
          requestedMs: t0,
          failover,
          recovery: outage.recovery,
          predicted: predictionOf(journal, faults, { requestedMs: t0, failover }),
        })

  return {
    schemaVersion: verdictSchemaVersion,
    trialId: opened.trialId,
    scenario: scenario.name,
    title: scenario.title,
    startedAt: new Date(opened.wallStartMs).toISOString(),
    verdict,
    summary: summarize({ verdict, objectives, broken }),
    validity,
    objectives,
    ...outageFields(outage, t0),
    ...writeFields(writes),
    droppedArrivals: journal.of('load.ended').at(-1)?.dropped ?? null,
    ...lossFields(losses, recorded, opened.trialId),
    ...primaryFields(primaries),
    ...tenureFields(tenure),
    phasesMs: phaseLengths(phases),
    phases,
    moments: momentFields({ journal, faults, requestedMs: t0, outage, failover }),
    faults: faults.map(faultFields),
    observers: observerFields(journal),
  }
}

/**
 * Where the load was told to stop, what was under way was cut off and has no record. Every arrival that was due a
 * client's patience before that has ended, one way or another; what clients saw later is left out.
 */
function recordedForSure(journal: RecordedJournal, arrivals: Arrivals): Arrivals {
  const stoppedMs = journal.of('load.ended').at(-1)?.stoppedMs
  return stoppedMs === undefined
    ? arrivals
    : arrivalsBefore(arrivals, stoppedMs - journal.opened.scenario.load.timeoutMs)
}

function lastNumber({ requests }: RecordedJournal, { count, row }: Arrivals): number {
  return count === 0 ? -1 : requests.n(at(row, count - 1))
}

function outageFields(
  outage: Outage | null,
  t0: number | null,
): Pick<
  Verdict,
  | 'outcome'
  | 'recoveredInMs'
  | 'censoredAtMs'
  | 'timeToFirstSuccessMs'
  | 'failingMs'
  | 'slowestRequestMs'
  | 'requests'
  | 'failedRequests'
  | 'blastRadius'
> {
  const recovery = outage?.recovery
  const sinceT0 = (ms: number | null | undefined): number | null =>
    ms === null || ms === undefined || t0 === null ? null : Math.round(ms) - Math.round(t0)
  return {
    outcome: recovery?.outcome ?? null,
    recoveredInMs: recovery?.outcome === 'recovered' ? sinceT0(recovery.atMs) : null,
    censoredAtMs: recovery?.outcome === 'censored' ? sinceT0(recovery.atMs) : null,
    timeToFirstSuccessMs: sinceT0(outage?.firstSuccessMs),
    failingMs: outage === null ? null : Math.max(0, Math.ceil(outage.failingMs - 1e-6)),
    slowestRequestMs: whole(outage?.slowestRequestMs),
    requests: outage?.requests ?? null,
    failedRequests: outage?.failedRequests ?? null,
    blastRadius: outage?.blastRadius ?? {},
  }
}

function writeFields(writes: WriteTimes | null): Pick<Verdict, 'writes' | 'failedWrites' | 'writeP99Ms'> {
  return { writes: writes?.writes ?? null, failedWrites: writes?.failed ?? null, writeP99Ms: whole(writes?.p99Ms) }
}

function lossFields(
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
    invariantsHold: losses.invariantsHold,
  }
}

/** Rounded up: a tenth of a millisecond of split brain is not none. */
function primaryFields({ dualWritableMs, overlaps }: Primaries): Pick<Verdict, 'dualWritableMs' | 'dualWritable'> {
  return {
    dualWritableMs: dualWritableMs === null ? null : Math.ceil(dualWritableMs),
    dualWritable: overlaps.map(({ nodes, fromMs, toMs }) => ({
      nodes,
      fromMs: Math.floor(fromMs),
      toMs: Math.ceil(toMs),
    })),
  }
}

function tenureFields(tenure: Tenure | null): Pick<Verdict, 'primaryKept' | 'takeOvers'> {
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

/** The settings bound a change of primary only where a fault took the primary away; a planned one waits for nobody. */
function predictionOf(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  seen: { requestedMs: number; failover: Failover },
): PredictedPhases | null {
  const lostMs = primaryLostMs(journal, faults, seen.failover.oldPrimary)
  return lostMs === null
    ? null
    : predictPhases(journal.opened.topology.timeouts, { lostAfterMs: Math.round(lostMs - seen.requestedMs) })
}

function phaseLengths(phases: readonly Phase[]): Verdict['phasesMs'] {
  const lengthOf = (name: Phase['name']): number | null => phases.find((phase) => phase.name === name)?.lengthMs ?? null
  return {
    detect: lengthOf('detect'),
    elect: lengthOf('elect'),
    promote: lengthOf('promote'),
    route: lengthOf('route'),
    settle: lengthOf('settle'),
  }
}

function momentFields(options: {
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

function faultFields(fault: FaultRecord): Verdict['faults'][number] {
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

function observerFields(journal: RecordedJournal): Verdict['observers'] {
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
