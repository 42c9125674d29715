/** Journal → verdict. Pure: the same answer tomorrow, without Docker. */
import type { RecordedJournal } from '../journal/recorded.ts'
import { dueUpTo } from '../scenarios/due.ts'
import { type Arrivals, arrivalsBefore, arrivalsOf, at } from './arrivals.ts'
import { decidedMs } from './decided.ts'
import { electionFields, measureElections } from './elections.ts'
import { type Failover, observeFailover } from './failover.ts'
import { type FaultRecord, faultsOf, lastHealMs, requestedMs } from './faults.ts'
import {
  faultFields,
  gapFields,
  lossFields,
  momentFields,
  observerFields,
  outageFields,
  phaseLengths,
  primaryFields,
  readFields,
  tenureFields,
  writeFields,
} from './fields.ts'
import type { Measured } from './finding.ts'
import { measureGaps } from './gaps.ts'
import { differencesFromIncluded } from './included.ts'
import { measureLosses } from './losses.ts'
import { judgeObjectives, worstOf } from './objectives.ts'
import { measureOutage } from './outage.ts'
import { cutPhases } from './phases.ts'
import { type PredictedPhases, predictPhases } from './predict.ts'
import { measurePrimaries } from './primaries.ts'
import { primaryLostMs } from './primary-loss.ts'
import { measureReads } from './reads.ts'
import { summarize, unpromised } from './summary.ts'
import { measureTenure } from './tenure.ts'
import { notLookedFor } from './unasked.ts'
import { uncertaintyOf } from './uncertainty.ts'
import { checkValidity } from './validity.ts'
import { arrivalsDefect, undatedDefect } from './validity-arrivals.ts'
import { clockAheadMs, stepErrorMs } from './validity-clocks.ts'
import { heardDefect } from './validity-heard.ts'
import type { Defect } from './validity-load.ts'
import { timesDefect } from './validity-times.ts'
import { type Phase, type ValidityCheck, type Verdict, verdictSchemaVersion } from './verdict.ts'
import { measureWrites } from './writes.ts'

/**
 * What a trial's journal proves: met, missed or inconclusive, with the measurements behind it. Lengths and moments are
 * whole milliseconds (no observer is finer), so that phases sum exactly to what they span. `null` where nothing was
 * measured.
 */
export function judge(journal: RecordedJournal): Verdict {
  const { opened } = journal
  const { scenario } = opened
  const measured = measure(journal)
  const { requestedMs, recorded, faults, outage, failover } = measured
  const { verdict, validity, broken, objectives } = weigh(journal, measured)
  const phases = phasesOf(journal, measured)
  const unasked = notLookedFor(journal, measured, objectives)
  const differences = differencesFromIncluded(opened)
  return {
    schemaVersion: verdictSchemaVersion,
    trialId: opened.trialId,
    scenario: scenario.name,
    title: scenario.title,
    startedAt: new Date(opened.wallStartMs).toISOString(),
    verdict,
    summary: summarize({ verdict, objectives, broken, unasked, found: unpromised(scenario.objectives, measured) }),
    validity,
    objectives,
    ...(differences.length > 0 && { differsFromIncluded: differences }),
    ...(unasked.length > 0 && { notLookedFor: unasked }),
    ...outageFields(outage, requestedMs),
    uncertainty: uncertaintyOf(opened),
    ...writeFields(measured.writes),
    ...gapFields(measured.gaps),
    droppedArrivals: journal.of('load.ended').at(-1)?.dropped ?? null,
    ...lossFields(measured.losses, recorded, opened.trialId),
    ...primaryFields(measured.primaries),
    ...tenureFields(measured.tenure),
    dcsElections: electionFields(measured.elections),
    phasesFromMs: phases.length === 0 || failover === null ? null : Math.round(failover.fromMs),
    ...readFields(measured.reads),
    phasesMs: phaseLengths(phases),
    phases,
    moments: momentFields({ journal, faults, requestedMs, outage, failover }),
    faults: faults.map(faultFields),
    observers: observerFields(journal),
  }
}

/** What was measured, and why some of it could not be. */
interface Measurement extends Measured {
  /** Every request of the journal, and those that count. */
  recorded: Arrivals
  arrivals: Arrivals
  faults: readonly FaultRecord[]
  failover: Failover | null
  /** Why not every arrival is on record, and why the times of the requests are not possible. */
  dropped: Defect
  impossible: Defect
  /** Why it is not known when the requests were due. */
  undated: Defect
  /** How far the load generator's clock was ahead, where its times were put right by it. */
  aheadMs: number
}

function measure(journal: RecordedJournal): Measurement {
  const { scenario } = journal.opened
  const aheadMs = clockAheadMs(journal)
  const recorded = arrivalsOf(journal.requests, scenario.load.ratePerSecond, aheadMs)
  const arrivals = recordedForSure(journal, recorded)
  const faults = faultsOf(journal)
  const t0 = requestedMs(faults)
  // Times that are not possible measure nothing, nor do those of which it is not known when they were due; nor does a
  // stream that ends before the fault, of which no request failed.
  const impossible = timesDefect(journal, arrivals, t0)
  const undated = impossible === undefined ? undatedDefect(journal, recorded) : undefined
  const dropped = arrivalsDefect(journal, arrivals, { requestedMs: t0, undated })
  const measurable = t0 !== null && arrivals.count > 0 && impossible === undefined && undated === undefined
  return {
    requestedMs: t0,
    lastHealMs: lastHealMs(faults),
    recorded,
    arrivals,
    faults,
    dropped,
    impossible,
    undated,
    aheadMs,
    outage: measurable
      ? measureOutage({ arrivals, requests: journal.requests, requestedMs: t0, limits: scenario.objectives.window })
      : null,
    gaps: measurable
      ? measureGaps({
          recorded,
          arrivals,
          requests: journal.requests,
          requestedMs: t0,
          stalledOverMs: scenario.objectives.window.stalledOverMs,
        })
      : null,
    failover: t0 === null ? null : observeFailover(journal, faults, t0),
    primaries: measurePrimaries(journal, aheadMs),
    writes: measurable ? measureWrites(arrivals, journal.requests, t0) : null,
    reads: measurable ? measureReads(arrivals, journal.requests, t0 + aheadMs) : null,
    tenure: t0 === null ? null : measureTenure(journal, t0),
    elections: t0 === null ? null : measureElections(journal, t0),
    losses: measureLosses(journal, recorded, {
      ledgerComplete: dropped === undefined,
      ...(arrivals !== recorded && { unrecorded: mayBeUnrecorded(journal, arrivals) }),
    }),
  }
}

/** What is missed where nobody is served any more. */
const ofService: ReadonlySet<Verdict['objectives'][number]['name']> = new Set([
  'recover-within',
  'recover-after-heal',
  'failed-requests',
  'failed-reads',
  'write-gap',
  'read-gap',
])

/** Which promises were kept, and whether the trial can be believed. */
function weigh(
  journal: RecordedJournal,
  measured: Measurement,
): Pick<Verdict, 'verdict' | 'validity' | 'objectives'> & { broken: ValidityCheck | undefined } {
  const { objectives: asked } = journal.opened.scenario
  const { arrivals, outage } = measured
  const undoubted = judgeObjectives(asked, measured)
  const untilMs = outage?.recovery.outcome === 'recovered' ? outage.recovery.atMs : arrivals.endMs
  const missed = undoubted.filter((result) => result.verdict === 'missed')
  const validity = checkValidity({
    ...measured,
    journal,
    untilMs,
    isServiceMissed: missed.some(({ name }) => ofService.has(name)),
    decidedMs:
      undoubted.length === 0
        ? [untilMs]
        : decidedMs(missed, { ...measured, requests: journal.requests, otherwiseMs: untilMs }),
  })
  const [broken, ...others] = validity.filter((check) => !check.holds)
  const { aheadMs } = measured
  const stepped = broken?.name === 'clocks-agree' && others.length === 0 && heardDefect(journal, aheadMs) === undefined
  const errorMs = stepped ? stepErrorMs(journal, arrivals) : undefined
  const objectives = judgeObjectives(asked, measured, { broken, errorMs })
  const verdict = worstOf([
    ...objectives.map((result) => result.verdict),
    ...(broken === undefined ? [] : ['inconclusive' as const]),
  ])
  return { verdict, validity, broken, objectives }
}

function phasesOf(journal: RecordedJournal, { outage, failover, faults }: Measurement): Phase[] {
  if (outage === null || failover === null) return []
  return cutPhases({ failover, recovery: outage.recovery, predicted: predictionOf(journal, faults, failover) })
}

/**
 * Where the load was asked to stop, requests under way were cut off and have no record. Every arrival that was due a
 * client's patience before that has ended, one way or another; what clients saw later is left out.
 */
function recordedForSure(journal: RecordedJournal, arrivals: Arrivals): Arrivals {
  const stoppedMs = journal.of('load.ended').at(-1)?.stoppedMs
  return stoppedMs === undefined
    ? arrivals
    : arrivalsBefore(arrivals, stoppedMs - journal.opened.scenario.load.timeoutMs)
}

/**
 * Arrivals after the last one that counts, up to the last one that was due when the load had ended: it goes on for the
 * moment that its stop takes.
 */
function mayBeUnrecorded(journal: RecordedJournal, { count, row }: Arrivals): { after: number; upTo: number } {
  const after = count === 0 ? -1 : journal.requests.n(at(row, count - 1))
  const [started] = journal.of('load.started')
  const ended = journal.of('load.ended').at(-1)
  if (started === undefined || ended?.stoppedMs === undefined) return { after, upTo: Infinity }
  const upTo = Math.ceil(dueUpTo(started, ended.atMs))
  return { after, upTo: Math.max(after, upTo) }
}

/**
 * The settings bound a change of primary only where the fault that it followed took the primary away; a planned one
 * waits for no time-out.
 */
function predictionOf(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  { oldPrimary, fromMs }: Failover,
): PredictedPhases | null {
  return primaryLostMs(journal, faults, oldPrimary) === fromMs ? predictPhases(journal.opened.topology.timeouts) : null
}
