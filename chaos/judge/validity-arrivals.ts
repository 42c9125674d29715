/**
 * Were there as many arrivals as planned, as many as the load generator counted, and is each on record? All three must be
 * the same number: k6 numbers only the arrivals that it starts, so where some are left out all later ones are dated too
 * early, and what clients felt just then is missing.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { dueUpTo } from '../scenarios/due.ts'
import { type Arrivals, at, rowAt } from './arrivals.ts'
import { counted, duration, moment } from './figures.ts'
import type { Defect } from './validity-load.ts'
import { timingErrorMs } from './validity-times.ts'
import { some } from './words.ts'

/** k6's exit status when it was asked to stop (https://github.com/grafana/k6, errext/exitcodes). */
const k6Stopped = 105
/**
 * k6 makes what is due within its time. It may still make the arrival that is due at the very end (26 of 31 real
 * trials), and may end before it has made those of the last moment, because either is ready when it looks
 * (lib/executor/constant_arrival_rate.go, 1.8.1). So much of the end may be missing. In 31 real trials at 40/s none
 * was; at 500/s on a busy host 2, 78 and 154 of 1000 were, the latter two because k6 was far behind. And its time ends
 * when it looks at its clock, by whole milliseconds: one arrival that was due 1 ms after the end was made, too.
 */
const edgeMs = 50
/** Of a sum of binary fractions that is a whole number. */
const fractionError = 1e-6
/**
 * Where the journal does not say how long the load was to last: it may end this much before the observation does. T0 is
 * drawn over one heartbeat, of which the rest is left then: real loads lasted 52 to 955 ms longer than the observation.
 */
const earlyEndMs = 250
/**
 * The quickest start of so many arrivals, and of a second, is in time: at most 2 ms late in 29 of 31 real trials. In two
 * it was 0.1 and 1.3 s late for a while, because the load generator stood still, and in time again at the end.
 */
const leastInRow = 20

/** Every arrival of the schedule was made and recorded, to the end of the observation. */
export function arrivalsDefect(
  journal: RecordedJournal,
  arrivals: Arrivals,
  { requestedMs, undated }: { requestedMs: number | null; undated: Defect },
): Defect {
  const { ratePerSecond } = journal.opened.scenario.load
  const [started, again] = journal.of('load.started')
  if (started === undefined) return 'the load generator was not seen to start'
  if (again !== undefined) return `the load generator was seen to start ${journal.of('load.started').length} times`
  if (started.ratePerSecond !== ratePerSecond)
    return `the load generator was started at ${started.ratePerSecond} requests/s, and not at ${ratePerSecond}`
  const ended = journal.of('load.ended').at(-1)
  if (ended === undefined) return 'the load generator was not seen to end'
  if (undated !== undefined) return undated
  if (ended.stoppedMs !== undefined && journal.opened.byHand !== true)
    return 'the load was told to stop, and the end of a planned trial is known beforehand'
  const fine = [0, ...(ended.stoppedMs === undefined ? [] : [k6Stopped])]
  if (ended.exitCode === null || !fine.includes(ended.exitCode)) {
    return `the load generator ended with exit status ${ended.exitCode ?? 'unknown'}${ended.reason === undefined ? '' : `: ${ended.reason}`}`
  }
  return (
    summaryDefect(journal) ??
    numberingDefect(journal, arrivals) ??
    (ended.stoppedMs === undefined
      ? (plannedDefect(journal) ?? earlyEndDefect(journal, arrivals, requestedMs))
      : stoppedEarlyDefect(journal, arrivals, ended.stoppedMs))
  )
}

/** What the load generator says that it made, and what is on record. */
function summaryDefect(journal: RecordedJournal): Defect {
  const ended = journal.of('load.ended').at(-1)
  if (ended === undefined) return undefined
  const { iterations, dropped, stoppedMs } = ended
  if (iterations === null || dropped === null)
    return 'the load generator did not say how many arrivals it made and dropped: the last line of its output was not read'
  const recorded = journal.requests.length
  if (recorded < iterations) return `${iterations} requests were made and only ${recorded} recorded`
  // Told to stop, k6 does not count what it cuts off, and it may have written a line of it.
  return recorded > iterations && stoppedMs === undefined
    ? `${recorded} requests are recorded, and the load generator made only ${iterations}`
    : undefined
}

function numberingDefect(journal: RecordedJournal, arrivals: Arrivals): Defect {
  const numbers = ascendingNumbers(journal, arrivals)
  const missing: number[] = []
  let missingCount = 0
  let expected = 0
  for (let i = 0; i < numbers.length; i++) {
    const n = numbers[i] ?? 0
    if (n < expected) return `arrival ${n} is recorded twice`
    missingCount += n - expected
    for (let gap = expected; gap < n && missing.length < 6; gap++) missing.push(gap)
    expected = n + 1
  }
  return missingCount === 0 ? undefined : `${missingCount} arrivals have no record (n ${some(missing)})`
}

/** Arrivals are numbered in the order of their schedule, so there is hardly ever anything to sort. */
function ascendingNumbers({ requests }: RecordedJournal, arrivals: Arrivals): Uint32Array {
  const numbers = new Uint32Array(arrivals.count)
  let last = 0
  let isAscending = true
  for (let i = 0; i < numbers.length; i++) {
    const n = requests.n(rowAt(arrivals, i))
    numbers[i] = n
    if (n < last) isAscending = false
    last = n
  }
  return isAscending ? numbers : numbers.sort()
}

/** The rate times the length that the load generator was asked for. Journals before that length was recorded: below. */
function plannedDefect(journal: RecordedJournal): Defect {
  const started = journal.of('load.started').at(0)
  if (started?.durationMs === undefined) return undefined
  const { durationMs, ratePerSecond, firstArrivalMs, surges = [] } = started
  const endMs = firstArrivalMs + durationMs
  const planned = dueUpTo(started, endMs)
  const atTheEdge = Math.floor(planned - dueUpTo(started, endMs - edgeMs) + fractionError)
  const least = Math.ceil(planned - fractionError) - atTheEdge
  const most = Math.floor(dueUpTo(started, endMs + timingErrorMs)) + 1
  const recorded = journal.requests.length
  return recorded >= least && (recorded <= most || stoodStillAtTheEnd(journal, Math.ceil(planned - fractionError)))
    ? undefined
    : `${recorded} arrivals were made where ${Math.ceil(planned)} were planned (${ratePerSecond}/s for ${duration(durationMs)}${surges.map((surge) => `, ${surge.ratePerSecond}/s for ${duration(surge.toMs - surge.fromMs)} of it`).join('')})`
}

/**
 * k6 may make all that is due when it looks, its time over or not. So beyond the first one that is due when the time is
 * over, or just then (`n`), there may be those that came due before that one was started, where k6 stood still: that one
 * was late, or the one before it, and none of them began sooner. In real trials it was one, after 39 ms, and two.
 */
function stoodStillAtTheEnd({ requests }: RecordedJournal, n: number): boolean {
  let [lateMs, lookedMs, lastDueMs, nextMs] = [0, -Infinity, -Infinity, Infinity]
  for (let i = 0; i < requests.length; i++) {
    const [number, startedMs, dueMs] = [requests.n(i), requests.startedMs(i), requests.scheduledMs(i)]
    lastDueMs = Math.max(lastDueMs, dueMs)
    if (number === n || number === n - 1) lateMs = Math.max(lateMs, startedMs - dueMs)
    if (number === n) lookedMs = startedMs
    if (number > n) nextMs = Math.min(nextMs, startedMs)
  }
  return lateMs > timingErrorMs && lastDueMs <= lookedMs && nextMs >= lookedMs - timingErrorMs
}

function earlyEndDefect(journal: RecordedJournal, arrivals: Arrivals, requestedMs: number | null): Defect {
  if (requestedMs === null) return undefined
  const plannedEndMs = requestedMs + journal.opened.scenario.observeMs
  return arrivals.endMs < plannedEndMs - earlyEndMs
    ? `the load stopped ${duration(plannedEndMs - arrivals.endMs)} before the end of the observation`
    : undefined
}

/** It starts nothing more soon after it was told to stop: 30 ms later at the most in four real drills. */
const goesOnMs = 1_000

/** All that was due a client's patience before the stop has ended, and so has a record. */
function stoppedEarlyDefect(journal: RecordedJournal, arrivals: Arrivals, stoppedMs: number): Defect {
  const knownMs = stoppedMs - journal.opened.scenario.load.timeoutMs
  const { requests } = journal
  for (let i = 0; i < requests.length; i++)
    if (requests.startedMs(i) > stoppedMs + goesOnMs)
      return `the load is said to have been told to stop at ${moment(stoppedMs)}, and request ${requests.n(i)} started at ${moment(requests.startedMs(i))}`
  return arrivals.count > 0 && arrivals.endMs < knownMs - earlyEndMs
    ? `nothing is recorded of the last ${duration(knownMs - arrivals.endMs)} before the load was told to stop`
    : undefined
}

/**
 * Why it is not known when the arrivals were due: then nothing is told that counts from it. A dropped arrival has no number, so each one that is left out moves
 * all later ones to an earlier place in the schedule, and to a longer latency. The starts show it: some arrival of every
 * second starts when it is due, but none does after one was left out, to the end.
 */
export function undatedDefect(journal: RecordedJournal, arrivals: Arrivals): Defect {
  const dropped = journal.of('load.ended').at(-1)?.dropped ?? 0
  if (dropped > 0)
    return `the load generator dropped ${counted(dropped, 'arrival')}: it had no free virtual user (load.maxVirtualUsers), and it is not known when the others were due`
  const length = Math.max(leastInRow, Math.ceil(1000 / arrivals.intervalMs))
  if (arrivals.count < 2 * length) return undefined
  const usualMs = leastLag(arrivals, 0, length)
  // In a surge arrivals are nearer to each other.
  const surges = journal.of('load.started').at(0)?.surges ?? []
  const shortestMs = Math.min(arrivals.intervalMs, ...surges.map(({ ratePerSecond }) => 1000 / ratePerSecond))
  const limitMs = Math.max(timingErrorMs, shortestMs / 2)
  let fromLate = arrivals.count
  let leastMs = Infinity
  for (let from = arrivals.count - length; from >= length; from -= length) {
    const lateMs = leastLag(arrivals, from, from + length) - usualMs
    if (lateMs <= limitMs) break
    fromLate = from
    leastMs = Math.min(leastMs, lateMs)
  }
  return fromLate === arrivals.count
    ? undefined
    : `arrivals were left out, or the load generator fell behind for good: from ${moment(at(arrivals.scheduledMs, fromLate))} to the end every one started ${duration(leastMs)} or more after its place in the schedule (limit ${duration(limitMs)})`
}

function leastLag(arrivals: Arrivals, from: number, to: number): number {
  let leastMs = Infinity
  for (let i = from; i < to; i++) leastMs = Math.min(leastMs, at(arrivals.startedMs, i) - at(arrivals.scheduledMs, i))
  return leastMs
}
