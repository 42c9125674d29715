/**
 * Reasons why a journal proves nothing, the plain ones. The first judge looks at more; a trial that has one of these is
 * never met.
 */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import type { EventOf } from '../../chaos/journal/schema.ts'
import { mayBeUnrecorded } from './stopped.ts'
import type { Storage } from './storage.ts'

/** What a result may be wrong by. */
export const clockLimitMs = 10
/** A probe asks at least four times a second. */
const blindLimitMs = 250

export function doubtsOf(
  journal: RecordedJournal,
  requests: readonly RequestEvent[],
  storage: Storage | null,
): string[] {
  const doubts: Record<string, boolean> = {
    'the journal is torn': !journal.complete,
    'lines are missing or in disorder': journal.sequenceBreak !== null,
    'the trial did not end as planned': journal.of('trial.closed').at(-1)?.reason !== 'completed',
    'arrivals were dropped': journal.of('load.ended').some(({ dropped }) => dropped !== 0),
    'the load did not end well': journal.of('load.ended').length !== 1,
    'arrivals are not all recorded, each once': !eachArrivalOnce(journal, requests),
    'a request is not dated as the schedule says': !isDated(journal, requests),
    'the load did not rise as the scenario asks': !isRaised(journal),
    'no request came after the fault': !requests.some(({ scheduledMs }) => scheduledMs >= firstFaultMs(journal)),
    'a fault was not proved': !everyFaultHas(journal, 'fault.proved'),
    'a fault did not last': journal.of('fault.lapsed').length > 0,
    'a heal was not proved': !everyFaultHas(journal, 'heal.proved'),
    'an instrument failed': journal.of('instrument.failed').length > 0,
    'not every database was read after it had caught up': storage === null,
    'a clock stepped or was apart': journal.of('load.clock').some(isOff),
    'nobody compared the clocks': journal.of('load.clock').every(({ offsetMs }) => offsetMs === null),
    'a standby was not there at the first fault': !caughtUp(journal),
    'a database was not asked for a while': journal
      .of('observer.gap')
      .some((gap) => isBlind(gap, firstFaultMs(journal), requests.at(-1)?.scheduledMs ?? 0)),
  }
  return Object.keys(doubts).filter((doubt) => doubts[doubt])
}

function firstFaultMs(journal: RecordedJournal): number {
  return Math.min(...journal.of('fault.requested').map(({ atMs }) => atMs))
}

function eachArrivalOnce(journal: RecordedJournal, requests: readonly RequestEvent[]): boolean {
  const numbers = requests.map(({ n }) => n).sort((a, b) => a - b)
  return (
    numbers.every((n, i) => isNext(journal, numbers[i - 1] ?? -1, n)) &&
    numbers.length === journal.of('load.ended').reduce((sum, { iterations }) => sum + (iterations ?? 0), 0)
  )
}

/** Numbers count on by one, but for those that were under way when the load was told to stop. */
function isNext(journal: RecordedJournal, before: number, n: number): boolean {
  if (n <= before + 1) return n === before + 1
  const between = Array.from({ length: n - before - 1 }, (_, i) => before + 1 + i)
  return between.every((missing) => mayBeUnrecorded(journal, missing))
}

/** In a straight way: so many arrivals at the usual rate, and so many more in each surge. */
function isDated(journal: RecordedJournal, requests: readonly RequestEvent[]): boolean {
  const [started] = journal.of('load.started')
  if (started === undefined) return true
  const { firstArrivalMs, ratePerSecond, surges = [] } = started
  return requests.every(({ n, scheduledMs }) => {
    let due = ((scheduledMs - firstArrivalMs) / 1000) * ratePerSecond
    for (const { fromMs, toMs, ratePerSecond: rate } of surges)
      if (scheduledMs > fromMs) due += ((Math.min(scheduledMs, toMs) - fromMs) / 1000) * (rate - ratePerSecond)
    const fastest = Math.max(ratePerSecond, ...surges.map((surge) => surge.ratePerSecond))
    return Math.abs(due - n) <= (clockLimitMs / 1000) * fastest + 0.001
  })
}

/** As many surges as the scenario asks for, each as high. */
function isRaised(journal: RecordedJournal): boolean {
  const { ratePerSecond, surges = [] } = journal.opened.scenario.load
  const made = journal.of('load.started').at(0)?.surges ?? []
  return (
    surges.length === made.length &&
    surges.every(({ times }, i) => Math.round(times * ratePerSecond) === made[i]?.ratePerSecond)
  )
}

function everyFaultHas(journal: RecordedJournal, kind: 'fault.proved' | 'heal.proved'): boolean {
  const faults = journal.of('fault.requested')
  return faults.length > 0 && faults.every(({ faultId }) => journal.of(kind).some((proof) => proof.faultId === faultId))
}

function caughtUp(journal: RecordedJournal): boolean {
  const seen = journal.of('database.replication').findLast(({ atMs }) => atMs <= firstFaultMs(journal))
  return seen !== undefined && seen.standbys.length > 0
}

/** A reading is exact to half of its round trip. */
function isOff({ stepMs, offsetMs, roundTripMs }: EventOf<'load.clock'>): boolean {
  return Math.abs(stepMs) > clockLimitMs || Math.abs(offsetMs ?? 0) > clockLimitMs + (roundTripMs ?? 0) / 2
}

/** From the fault to the end of the load. That the database itself was slow to answer is no gap of the observer. */
function isBlind(gap: EventOf<'observer.gap'>, t0Ms: number, lastDueMs: number): boolean {
  const { observer, reason, fromMs, toMs } = gap
  const isOwn = observer === 'database' && !reason.startsWith('subject:')
  return isOwn && toMs - fromMs > blindLimitMs && toMs > t0Ms && fromMs < lastDueMs
}
