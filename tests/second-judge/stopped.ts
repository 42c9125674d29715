/**
 * A load that was told to stop, as in a drill. Requests under way at that moment have no record. So the requests that
 * were due within a client's time limit before it do not count for the outage; their acknowledged writes do.
 */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'

/** When the last request was due that counts; Infinity where the load ended by itself. */
export function countedUntilMs(journal: RecordedJournal): number {
  return stoppedMs(journal) - journal.opened.scenario.load.timeoutMs
}

/** Arrivals that were made, and may have been under way at the stop. */
export function mayBeUnrecorded(journal: RecordedJournal, n: number): boolean {
  const [started] = journal.of('load.started')
  if (started === undefined || stoppedMs(journal) === Infinity) return false
  const dueMs = started.firstArrivalMs + (n * 1000) / started.ratePerSecond
  return dueMs >= countedUntilMs(journal) && dueMs <= endedMs(journal)
}

export function stoppedMs(journal: RecordedJournal): number {
  return journal.of('load.ended').at(-1)?.stoppedMs ?? Infinity
}

/** The load goes on for the moment that its stop takes; one slot more, for the arrival that was just due. */
function endedMs(journal: RecordedJournal): number {
  const [started] = journal.of('load.started')
  const ended = journal.of('load.ended').at(-1)
  return (ended?.atMs ?? Infinity) + 1000 / (started?.ratePerSecond ?? 1)
}
