/**
 * Do the times of the requests fit what the harness knows by its own clock? It read of each request at a moment that it
 * stamped itself, and it saw the load generator start and end. All of this is independent of the comparisons of the clocks,
 * and of the clock that gave the requests their times.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { RequestTable } from '../journal/requests.ts'
import { duration, moment } from './figures.ts'
import { sortRowsNearlySorted } from './sort.ts'
import { median } from './statistics.ts'
import { type Defect, stoodStillMs } from './validity-load.ts'
import { timingErrorMs } from './validity-times.ts'

/**
 * Of lines that follow each other, one is in time before so many and so much time are over. In 31 real trials at most 18
 * lines in 0.3 s were late by more than the timing error, or 42 lines in 0.4 s and 33 in 0.8 s on a host without an idle
 * moment. The quickest line of each trial was read 0.7 ms before to 0.2 ms after its request had ended.
 */
const rowLines = 20
const rowMs = 1_500
/**
 * A request that took long is read of as soon as any other: of those that took longer than this, half were read within
 * 8.8 ms in each of 54 real trials, on hosts without an idle moment too (0.2 to 1.7 ms in most).
 */
const slowMs = 250
const slowReadMs = 50
const slowLines = 10
/**
 * The harness reads of the load generator's start when its first arrival starts (61 ms before to 3 ms after what that
 * arrival itself says, in 31 real trials), and goes on to the steady state at once (0.1 to 1.8 ms).
 */
const startReadMs = 100
const goesOnMs = 25

/** What the load generator's clock says, put right by as much as it is known to be ahead. */
interface Heard {
  requests: RequestTable
  aheadMs: number
}

const behind = "the clock of the load generator is behind the harness's, or its lines were read late"
const ahead = "the clock of the load generator is ahead of the harness's"

export function heardDefect(journal: RecordedJournal, aheadMs: number): Defect {
  const heard: Heard = { requests: journal.requests, aheadMs }
  return linesDefect(heard) ?? slowReadDefect(heard) ?? startDefect(journal, heard) ?? endDefect(journal, heard)
}

/** A line is read when its request has ended and not before, soon, and before those of requests that end later. */
function linesDefect(heard: Heard): Defect {
  const { requests, aheadMs } = heard
  let quickestMs = Infinity
  for (let i = 0; i < requests.length; i++) {
    const lateMs = requests.atMs(i) - requests.endedMs(i) + aheadMs
    if (lateMs < -timingErrorMs)
      return `request ${requests.n(i)} was recorded ${duration(-lateMs)} before it ended: ${ahead}`
    quickestMs = Math.min(quickestMs, lateMs)
  }
  if (requests.length > 0 && quickestMs > timingErrorMs)
    return `every request was recorded ${duration(quickestMs)} or more after it ended: ${behind}`
  const order = readingOrder(requests)
  return rowsDefect(heard, order) ?? queueDefect(heard, order)
}

/** Slow requests that say that they ended before they did are quicker than they were. */
function slowReadDefect({ requests, aheadMs }: Heard): Defect {
  const lateMs: number[] = []
  for (let i = 0; i < requests.length; i++)
    if (requests.endedMs(i) - requests.startedMs(i) > slowMs)
      lateMs.push(requests.atMs(i) - requests.endedMs(i) + aheadMs)
  const half = median(lateMs) ?? 0
  return lateMs.length >= slowLines && half > slowReadMs
    ? `of ${lateMs.length} requests that took longer than ${duration(slowMs)}, half were recorded ${duration(half)} or more after they ended (limit ${duration(slowReadMs)}): they ended later than they say, or their lines were read late`
    : undefined
}

/** Lines that follow each other, all of them late: a clock that was set back for a while. */
function rowsDefect({ requests, aheadMs }: Heard, order: Uint32Array): Defect {
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

/**
 * However late lines are read, they are read in the order in which they were written. One that comes behind others which
 * ended long after it did not end when it says; or the load generator stood still before it wrote it. In 29 of 31 real
 * trials a line came at most 135 ms too late (14 ms on calm hosts), in two on a host without an idle moment 0.3 and 1.3 s.
 */
function queueDefect({ requests }: Heard, order: Uint32Array): Defect {
  let latest = 0
  let latestMs = -Infinity
  for (let k = 0; k < order.length; k++) {
    const i = order[k] ?? 0
    const endedMs = requests.endedMs(i)
    if (latestMs - endedMs > stoodStillMs)
      return `request ${requests.n(i)} ended ${duration(latestMs - endedMs)} before request ${requests.n(latest)}, and was recorded after it (limit ${duration(stoodStillMs)}): the clock of the load generator was set back, or it stood still`
    if (endedMs > latestMs) {
      latest = i
      latestMs = endedMs
    }
  }
  return undefined
}

/** As they were read. A journal is in that order as it is written; whoever sorts it otherwise changes nothing. */
function readingOrder(requests: RequestTable): Uint32Array {
  const order = new Uint32Array(requests.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  for (let i = 1; i < requests.length; i++) {
    if (requests.atMs(i) < requests.atMs(i - 1))
      return sortRowsNearlySorted(order, (a, b) => requests.atMs(a) - requests.atMs(b) || requests.n(a) - requests.n(b))
  }
  return order
}

/** The load generator says so when it starts its first arrival, and the trial goes on. */
function startDefect(journal: RecordedJournal, { requests, aheadMs }: Heard): Defect {
  const started = journal.of('load.started').at(0)
  if (started === undefined) return undefined
  const lateMs = started.atMs - started.firstArrivalMs + aheadMs
  if (lateMs < -timingErrorMs)
    return `the load generator was seen to start ${duration(-lateMs)} before its first arrival was due: ${ahead}`
  for (let i = 0; i < requests.length; i++) {
    if (requests.n(i) !== 0) continue
    const readMs = started.atMs - requests.startedMs(i) + aheadMs
    if (readMs > startReadMs)
      return `the load generator was seen to start ${duration(readMs)} after its first arrival did (limit ${duration(startReadMs)}): ${behind}`
    break
  }
  const steady = journal.of('stage.entered').find(({ stage }) => stage === 'steady')
  if (steady === undefined) return undefined
  const waitedMs = steady.atMs - started.atMs
  return waitedMs < 0 || waitedMs > goesOnMs
    ? `the trial went on ${duration(Math.abs(waitedMs))} ${waitedMs < 0 ? 'before' : 'after'} the load generator is said to have started (limit ${duration(goesOnMs)}): its times were moved`
    : undefined
}

/** It has ended when its last request has: 0.1 to 1.9 s before, in 31 real trials. */
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
