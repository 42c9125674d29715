/** Are the times of the requests possible? What ended before it started, or came before it was due, was not measured. */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { RequestTable } from '../journal/requests.ts'
import type { Arrivals } from './arrivals.ts'
import type { Defect } from './validity-load.ts'
import { count, duration } from './words.ts'

/** As far as two clocks may be apart, or times be rounded: docs/decisions.md, "The judge". */
export const timingErrorMs = 10

/**
 * Each request is due when the schedule says, starts then or later, and ends when it has started. And there must be some after the fault: where
 * nobody asked, nobody was refused.
 */
export function timesDefect(journal: RecordedJournal, arrivals: Arrivals, requestedMs: number | null): Defect {
  const { requests } = journal
  const schedule = journal.of('load.started').at(0)
  let impossible = 0
  let first: string | undefined
  for (let i = 0; i < requests.length; i++) {
    const defect = defectOf(requests, i, schedule)
    if (defect === undefined) continue
    impossible++
    first ??= `n ${requests.n(i)} ${defect}`
  }
  if (first !== undefined) return `${impossible} of ${count(requests.length, 'request')} ${impossible === 1 ? 'has a time that is' : 'have times that are'} not possible: ${first}`
  if (requestedMs !== null && arrivals.count > 0 && arrivals.endMs <= requestedMs) return 'no request was due after the fault was requested'
  return undefined
}

function defectOf(requests: RequestTable, i: number, schedule: { firstArrivalMs: number; ratePerSecond: number } | undefined): string | undefined {
  const scheduledMs = requests.scheduledMs(i)
  const startedMs = requests.startedMs(i)
  const endedMs = requests.endedMs(i)
  if (endedMs < startedMs) return `ended ${duration(startedMs - endedMs)} before it started`
  if (startedMs < scheduledMs - timingErrorMs) return `started ${duration(scheduledMs - startedMs)} before it was due`
  if (schedule === undefined) return undefined
  const offMs = scheduledMs - (schedule.firstArrivalMs + (requests.n(i) * 1000) / schedule.ratePerSecond)
  return Math.abs(offMs) > timingErrorMs ? `is said to have been due ${duration(Math.abs(offMs))} ${offMs > 0 ? 'after' : 'before'} its place in the schedule` : undefined
}
