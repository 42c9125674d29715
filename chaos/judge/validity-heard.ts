/**
 * Do the times of the requests fit what the harness knows by its own clock? It read of each request at a moment that it
 * stamped itself, and it saw the load generator start and end. All of this is independent of the comparisons of the clocks,
 * and of the clock that gave the requests their times.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { RequestTable } from '../journal/requests.ts'
import { duration, moment } from './figures.ts'
import { type Defect, stoodStillMs } from './validity-load.ts'
import { timingErrorMs } from './validity-times.ts'

/**
 * A single line may be read this late, because the harness or the load generator had to wait for a processor. In 18 real
 * trials the latest line was 5 to 144 ms late, and the earliest 0.5 ms early to 0.2 ms late.
 */
const lineLateMs = 400
/**
 * Of lines that follow each other, one is in time before so many and so much time are over: in 18 real trials at most 18
 * lines (in 0.3 s), or 0.6 s (9 lines), were late by more than the timing error.
 */
const rowLines = 20
const rowMs = 1_000

/** What the load generator's clock says, put right by as much as it is known to be ahead. */
interface Heard {
  requests: RequestTable
  aheadMs: number
}

const behind = "the clock of the load generator is behind the harness's, or its lines were read late"
const ahead = "the clock of the load generator is ahead of the harness's"

export function heardDefect(journal: RecordedJournal, aheadMs: number): Defect {
  const heard: Heard = { requests: journal.requests, aheadMs }
  return linesDefect(heard) ?? startDefect(journal, aheadMs) ?? endDefect(journal, heard)
}

/** A line is read when its request has ended, not before, and soon. */
function linesDefect({ requests, aheadMs }: Heard): Defect {
  let quickestMs = Infinity
  let late: string | undefined
  for (let i = 0; i < requests.length; i++) {
    const lateMs = requests.atMs(i) - requests.endedMs(i) + aheadMs
    if (lateMs < -timingErrorMs)
      return `request ${requests.n(i)} was recorded ${duration(-lateMs)} before it ended: ${ahead}`
    quickestMs = Math.min(quickestMs, lateMs)
    if (lateMs > lineLateMs)
      late ??= `request ${requests.n(i)} was recorded ${duration(lateMs)} after it ended (limit ${duration(lineLateMs)}): ${behind}`
  }
  return requests.length > 0 && quickestMs > timingErrorMs
    ? `every request was recorded ${duration(quickestMs)} or more after it ended: ${behind}`
    : (rowsDefect({ requests, aheadMs }) ?? late)
}

/** Lines that follow each other, all of them late: a clock that was set back for a while. */
function rowsDefect({ requests, aheadMs }: Heard): Defect {
  const order = readingOrder(requests)
  let [lines, fromMs, toMs, leastMs] = [0, 0, 0, Infinity]
  for (let k = 0; k <= order.length; k++) {
    const i = order[k]
    const lateMs = i === undefined ? 0 : requests.atMs(i) - requests.endedMs(i) + aheadMs
    if (i !== undefined && lateMs > timingErrorMs) {
      toMs = requests.atMs(i)
      if (lines++ === 0) fromMs = toMs
      leastMs = Math.min(leastMs, lateMs)
      continue
    }
    if (lines >= rowLines && toMs - fromMs >= rowMs)
      return `from ${moment(fromMs)} to ${moment(toMs)} every request was recorded ${duration(leastMs)} or more after it ended: ${behind}`
    lines = 0
    leastMs = Infinity
  }
  return undefined
}

/** As they were read. A journal is in that order as it is written; whoever sorts it otherwise changes nothing. */
function readingOrder(requests: RequestTable): Uint32Array {
  const order = Uint32Array.from({ length: requests.length }, (_, i) => i)
  for (let i = 1; i < requests.length; i++) {
    if (requests.atMs(i) < requests.atMs(i - 1))
      return order.sort((a, b) => requests.atMs(a) - requests.atMs(b) || requests.n(a) - requests.n(b))
  }
  return order
}

/** The load generator says so when it starts its first arrival: 5 to 115 ms after that was due, in 18 real trials. */
function startDefect(journal: RecordedJournal, aheadMs: number): Defect {
  const started = journal.of('load.started').at(0)
  if (started === undefined) return undefined
  const lateMs = started.atMs - started.firstArrivalMs + aheadMs
  if (lateMs < -timingErrorMs)
    return `the load generator was seen to start ${duration(-lateMs)} before its first arrival was due: ${ahead}`
  const limitMs = stoodStillMs + lineLateMs / 2
  return lateMs > limitMs
    ? `the load generator was seen to start ${duration(lateMs)} after its first arrival was due (limit ${duration(limitMs)}): ${behind}`
    : undefined
}

/** It has ended when its last request has: 148 to 728 ms before, in 18 real trials. */
function endDefect(journal: RecordedJournal, { requests, aheadMs }: Heard): Defect {
  const ended = journal.of('load.ended').at(-1)
  if (ended === undefined) return undefined
  for (let i = 0; i < requests.length; i++) {
    const afterMs = Math.max(requests.endedMs(i) - aheadMs, requests.atMs(i)) - ended.atMs
    if (afterMs > timingErrorMs)
      return `request ${requests.n(i)} ended ${duration(afterMs)} after the load generator had: ${ahead}`
  }
  return undefined
}
