/**
 * Are the times of the requests possible? A request that ended before it started, or started before it was due, cannot
 * have been measured correctly.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { RequestTable } from '../journal/requests.ts'
import { dueMs } from '../scenarios/due.ts'
import type { Arrivals } from './arrivals.ts'
import { counted, duration } from './figures.ts'
import type { Defect } from './validity-load.ts'

/** As far as two clocks may be apart, or times be rounded: docs/decisions.md, "The judge". */
export const timingErrorMs = 10

/**
 * Each request starts when it is due or later, and ends when it has started. And there must be some after the fault:
 * without requests no failure can show.
 */
export function timesDefect({ requests }: RecordedJournal, arrivals: Arrivals, requestedMs: number | null): Defect {
  const impossible = firstOf(requests, (i) => {
    const startedMs = requests.startedMs(i)
    const earlyMs = requests.scheduledMs(i) - startedMs
    if (requests.endedMs(i) < startedMs) return `ended ${duration(startedMs - requests.endedMs(i))} before it started`
    return earlyMs > timingErrorMs ? `started ${duration(earlyMs)} before it was due` : undefined
  })
  if (impossible !== undefined) return impossible
  return requestedMs !== null && arrivals.count > 0 && arrivals.endMs <= requestedMs
    ? 'no request was due after the fault was requested'
    : undefined
}

/** Arrivals are numbered by their schedule. A request with another scheduled time would look faster than it was. */
export function scheduleDefect(journal: RecordedJournal): Defect {
  const { requests } = journal
  const schedule = journal.of('load.started').at(0)
  if (schedule === undefined) return undefined
  return firstOf(requests, (i) => {
    const offMs = requests.scheduledMs(i) - dueMs(schedule, requests.n(i))
    return Math.abs(offMs) > timingErrorMs
      ? `is recorded as due ${duration(Math.abs(offMs))} ${offMs > 0 ? 'after' : 'before'} its place in the schedule`
      : undefined
  })
}

/** How many requests have a defect, and what the first one's is. */
function firstOf(requests: RequestTable, defectOf: (i: number) => string | undefined): Defect {
  let impossible = 0
  let first = ''
  for (let i = 0; i < requests.length; i++) {
    const defect = defectOf(i)
    if (defect !== undefined && impossible++ === 0) first = `n ${requests.n(i)} ${defect}`
  }
  if (impossible === 0) return undefined
  return `${impossible} of ${counted(requests.length, 'request')} ${impossible === 1 ? 'has a time that is' : 'have times that are'} not possible: ${first}`
}
