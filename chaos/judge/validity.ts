/**
 * Can this trial be believed? Each check says what it saw. A check whose evidence is missing does not hold, because a
 * missing instrument proves nothing.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { schemaVersion } from '../journal/schema.ts'
import type { Arrivals } from './arrivals.ts'
import { auditDefect, auditWords } from './audits.ts'
import { planDefect } from './fault-plan.ts'
import type { FaultRecord } from './faults.ts'
import { duration } from './figures.ts'
import type { Primaries } from './primaries.ts'
import { samplesOf } from './samples.ts'
import { sightingsOf } from './sightings.ts'
import { gapLength, gapLimitMs } from './silences.ts'
import { worst } from './statistics.ts'
import { clockDefect } from './validity-clocks.ts'
import { faultDefect, healDefect, lapseDefect } from './validity-faults.ts'
import { heardDefect } from './validity-heard.ts'
import { hostDefect } from './validity-host.ts'
import { consistencyDefect } from './validity-journal.ts'
import { type Defect, loadDefect, punctualityDefect, writeShareDefect } from './validity-load.ts'
import { replicationDefect, replicationWords } from './validity-replication.ts'
import { surgesDefect } from './validity-surges.ts'
import { scheduleDefect } from './validity-times.ts'
import type { ValidityCheck } from './verdict.ts'
import { watchDefect } from './watch.ts'

const starvedMaxMs = 250
const starvedP95Ms = 50

export interface ValidityInput {
  journal: RecordedJournal
  arrivals: Arrivals
  faults: readonly FaultRecord[]
  requestedMs: number | null
  /** Why not every arrival is on record; losses need that too. */
  dropped: Defect
  /** Why the times of the requests measure nothing. */
  impossible: Defect
  primaries: Primaries
  /** Why it is not known when they were due. */
  undated: Defect
  /** How far the load generator's clock was ahead of the harness's. */
  aheadMs: number
  /** Until when observers must not be blind: recovery, or the end of the client stream. */
  untilMs: number
  /** Whether a promise to clients was missed that those who are served no more miss, by what the journal says. */
  isServiceMissed: boolean
  /**
   * When it was decided that a promise was missed, or the end where none was made. Empty where all were kept: then it
   * does not matter whether the host had room, since a busy host never improves a result.
   */
  decidedMs: readonly number[]
}

/** All checks, in the order in which a reader should fix them: the first broken one usually explains the others. */
export function checkValidity(input: ValidityInput): ValidityCheck[] {
  const { journal, arrivals, faults, requestedMs, dropped, impossible, aheadMs } = input
  const watched = sightingsOf(journal)
  const checks: [ValidityCheck['name'], Defect | null, string][] = [
    ['journal-complete', journalDefect(journal), 'opened, closed, and no event missing'],
    ['journal-consistent', consistencyDefect(journal), consistentWords(journal)],
    ['instruments-worked', instrumentDefect(journal), 'no instrument reported a failure'],
    ['host-had-room', ...hostRoom(input)],
    ['harness-not-starved', starvedDefect(journal), `the harness never waited ${duration(starvedMaxMs)} for its turn`],
    [
      'request-times-possible',
      impossible ?? scheduleDefect(journal),
      'every request was due, started and ended in this order, and some were due after the fault',
    ],
    // Times that are not possible show nothing of clocks.
    [
      'clocks-agree',
      impossible === undefined ? (clockDefect(journal, arrivals) ?? heardDefect(journal, aheadMs)) : undefined,
      impossible === undefined ? agreement(aheadMs) : 'not checked: the times of the requests are not possible',
    ],
    [
      'load-reached-rate',
      reachedDefect(input),
      'arrivals were started at their rate, on time, and served before the fault',
    ],
    ['no-dropped-arrivals', dropped, 'every arrival of the schedule was made and recorded'],
    ['replication-caught-up', replicationDefect(journal, requestedMs), replicationWords(journal, requestedMs)],
    [
      'fault-as-planned',
      planDefect(journal, faults),
      journal.opened.byHand
        ? 'the faults were made by hand, so there was no plan'
        : 'kind, target, moment and length of each fault were those of the scenario',
    ],
    [
      'fault-proved',
      faultDefect(journal, faults, watched),
      'the observers saw what the faults were to change, and nothing else',
    ],
    [
      'fault-lasted',
      lapseDefect(journal, faults, watched),
      'what the faults took away stayed away until it was healed',
    ],
    ['heal-proved', healDefect(input, watched), 'the observers saw everything come back'],
    [
      'observers-without-gaps',
      watchDefect(input),
      `no observer was blind for ${duration(gapLimitMs)} between fault and recovery, nor one of a database before the load's end`,
    ],
    ['every-database-read', auditDefect(journal), auditWords(journal)],
  ]
  return checks.map(([name, defect, fine]) => ({
    name,
    holds: defect === undefined || defect === null,
    detail: defect ?? fine,
  }))
}

function hostRoom(input: ValidityInput): [Defect, string] {
  return input.decidedMs.length === 0
    ? [undefined, 'nothing was missed, with whatever room the host had']
    : [
        hostDefect(input.journal, input),
        'the host had time to spare before the fault, and was as fast as ever after it',
      ]
}

/** A journal of an older version holds less that could contradict it. */
function consistentWords({ opened }: RecordedJournal): string {
  const words = 'nothing in it contradicts the rest: order, names, outcomes'
  return opened.schemaVersion === schemaVersion
    ? words
    : `${words}; it is of version ${opened.schemaVersion}, which is asked for less than ${schemaVersion}`
}

/** Where it is not known when a request was due, it is not known how late it started. */
function reachedDefect({ journal, arrivals, requestedMs, dropped, impossible, undated }: ValidityInput): Defect {
  const isDated = impossible === undefined && undated === undefined
  return (
    loadDefect(journal, arrivals, requestedMs) ??
    surgesDefect(journal, requestedMs) ??
    (isDated ? punctualityDefect(arrivals, journal.opened.scenario.load.timeoutMs) : undefined) ??
    (dropped === undefined ? writeShareDefect(journal, arrivals) : undefined)
  )
}

/** What is off by less than a result may be is put right, and said. */
function agreement(aheadMs: number): string {
  const agreed = 'the load generator and the harness agreed on the time throughout'
  return aheadMs === 0
    ? agreed
    : `${agreed}; its clock was ${duration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead' : 'behind'}, and its times are put right by that`
}

function journalDefect(journal: RecordedJournal): Defect {
  if (!journal.complete) return 'the journal ends in the middle of an event'
  const lost = journal.sequenceBreak
  if (lost !== null) return `line ${lost.line} holds event ${lost.found} where ${lost.expected} was expected`
  const closed = journal.of('trial.closed').at(-1)
  if (closed === undefined) return 'the trial was not closed'
  return closed.reason === 'completed'
    ? undefined
    : `the trial was ${closed.reason}${closed.detail === undefined ? '' : `: ${closed.detail}`}`
}

function instrumentDefect(journal: RecordedJournal): Defect {
  const [first, ...others] = journal.of('instrument.failed')
  if (first === undefined) return undefined
  return `${first.instrument} failed: ${first.reason}${others.length > 0 ? ` (and ${others.length} more)` : ''}`
}

function starvedDefect(journal: RecordedJournal): Defect {
  const summaries = journal.of('observer.summary').filter((event) => event.observer === 'harness')
  if (summaries.length === 0) return 'the event loop of the harness was not observed'
  const stoodMs =
    worst([
      ...summaries.map((event) => event.maxMs),
      ...journal
        .of('observer.gap')
        .filter((event) => event.observer === 'harness')
        .map(gapLength),
    ]) ?? 0
  if (stoodMs > starvedMaxMs) return `the event loop of the harness was blocked for ${duration(stoodMs)}`
  const p95Ms = Math.max(...summaries.map((event) => event.p95Ms))
  if (p95Ms > starvedP95Ms) return `5 % of the turns of the harness's event loop were ${duration(p95Ms)} or more late`
  const samples = samplesOf(journal)
  const miscounted = summaries.map((summary) => samples.defectOf(summary)).find((reason) => reason !== undefined)
  return miscounted && `the observer of the harness's event loop ${miscounted}`
}
