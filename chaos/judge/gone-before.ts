/** Was anything of what the first fault takes away gone before it? Then that outage is not the fault's. */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { FaultRecord } from './faults.ts'
import { duration } from './figures.ts'
import { stateAt, type Watched } from './sightings.ts'
import type { Defect } from './validity-load.ts'

/**
 * A beacon that tells that a ping is not answered says when the last one was. It had been answered up to 0.1 s before the
 * request over an existing connection, and up to 0.4 s over a fresh one, in 308 such reports of real trials.
 */
const unansweredMostMs = 2_500
/** So long after the request, what a beacon tells is of the fault. */
const toldWithinMs = 5_000

/** Later ones may find a database that restarts because of an earlier one. */
export function goneBefore(
  journal: RecordedJournal,
  fault: FaultRecord,
  { faults, watched }: { faults: readonly FaultRecord[]; watched: readonly Watched[] },
): Defect {
  const { requested } = fault
  if (faults.some((other) => other.requested.atMs < requested.atMs)) return undefined
  for (const thing of watched) {
    const seen = stateAt(thing, requested.atMs)
    if (seen === undefined || seen.isUp) continue
    const what = thing.node === undefined ? `"${thing.name}" did not hold any more` : `${thing.name} was gone`
    return `${what} ${duration(requested.atMs - seen.atMs)} before it was requested`
  }
  return lastAnswerDefect(journal, requested.atMs)
}

/** The first that a beacon tells of a silence after the request. */
function lastAnswerDefect(journal: RecordedJournal, requestedMs: number): Defect {
  const told = [
    ...journal.of('beacon.edge').map(({ atMs, from, to, connection, up, lastAnswerMs }) => ({
      atMs,
      what: `a ping from ${from} to ${to} and back (${connection} connection) was answered`,
      isUp: up,
      lastMs: lastAnswerMs,
    })),
    ...journal.of('beacon.heard').map(({ atMs, at, from, heard, lastMs }) => ({
      atMs,
      what: `${at} heard ${from}`,
      isUp: heard,
      lastMs,
    })),
  ].filter(({ atMs }) => atMs > requestedMs && atMs < requestedMs + toldWithinMs)
  const early = told.find(({ isUp, lastMs }) => !isUp && lastMs !== null && lastMs < requestedMs - unansweredMostMs)
  return early && `${early.what} the last time ${duration(requestedMs - (early.lastMs ?? 0))} before it was requested`
}
