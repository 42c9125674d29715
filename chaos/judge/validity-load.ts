/** Was the load what the scenario asked for? Otherwise the clients' view of the outage is no measurement. */
import type { RecordedJournal } from '../journal/recorded.ts'
import { isShuffledWrite } from '../journal/schedule.ts'
import { type Arrivals, at, endedAt, firstScheduledFrom, hasFailed, rowAt, scheduledAt, startedAt } from './arrivals.ts'
import { duration, moment, percent } from './figures.ts'

/** Undefined when the check holds; otherwise what was seen. */
export type Defect = string | undefined

const warmUpMs = 1000
const reachedShare = 0.98
const startLagLimitMs = 50
/** An arrival that starts this much after its schedule did not arrive when it was due. */
const tardyMs = 500
/**
 * A load generator that starts an arrival this late stood still, like an observer that is blind for as long. In 28 of 31
 * real trials at 40/s the latest start was 13 to 241 ms late; in the other three, on a host without an idle moment, it was
 * 0.26, 0.9 and 2.3 s.
 */
export const stoodStillMs = 250
/** A client gives up this much too late at the most. In 31 real trials: 0.36 s, but for 3 s once where no processor was idle. */
const latestGiveUpMs = 1_000
/** What two clocks may make of it is not held against the load: that they agree is checked elsewhere. */
const clocksApartMs = 100
/** So many arrivals in a row must not start late by half: bunches that each are shorter than `stoodStillMs`. */
const rowLength = 200

/** Steady state before T0: arrivals started at their rate, on time, and were served. */
export function loadDefect(journal: RecordedJournal, arrivals: Arrivals, requestedMs: number | null): Defect {
  const { load, objectives } = journal.opened.scenario
  if (arrivals.count === 0) return 'no request was recorded'
  if (requestedMs === null) return 'there is no fault to mark the end of the steady state'
  const otherwise = planDefect(journal, arrivals, requestedMs)
  if (otherwise !== undefined) return otherwise
  const fromMs = at(arrivals.scheduledMs, 0) + warmUpMs
  if (requestedMs - fromMs < warmUpMs)
    return `only ${duration(Math.max(0, requestedMs - fromMs))} of load after warm-up and before the fault`
  const lags = new Lags(arrivals.count)
  let failed = 0
  for (let i = firstScheduledFrom(arrivals, fromMs); i < arrivals.count; i++) {
    const scheduledMs = scheduledAt(arrivals, i)
    if (scheduledMs >= requestedMs) break
    const lagMs = startedAt(arrivals, i) - scheduledMs
    // One that was due just before the fault may start just after it; one that comes much later was not part of this
    // rate.
    if (lagMs > tardyMs) continue
    lags.push(lagMs)
    // Those that end after T0 were hit by the fault, and are the outage's.
    if (hasFailed(arrivals, i) && endedAt(arrivals, i) < requestedMs) failed++
  }
  const due = (load.ratePerSecond * (requestedMs - fromMs)) / 1000
  if (lags.count < reachedShare * due - 1)
    return `${lags.count} of ${Math.round(due)} arrivals (${percent(lags.count / due)}) were started before the fault`
  if (lags.areLate)
    return `half of the arrivals before the fault started ${duration(lags.median())} or more after their schedule`
  const served = 1 - failed / lags.count
  if (served < objectives.window.successShare)
    return `only ${percent(served)} of the requests succeeded before the fault`
  return undefined
}

/** The steady state lasted as long as planned. */
function planDefect({ opened }: RecordedJournal, arrivals: Arrivals, requestedMs: number): Defect {
  const { scenario, byHand } = opened
  const steadyMs = requestedMs - at(arrivals.scheduledMs, 0)
  if (!byHand && steadyMs < scenario.steadyMs - clocksApartMs)
    return `the load was steady for ${duration(steadyMs)} before the fault; the scenario asks for ${duration(scenario.steadyMs)}`
  return undefined
}

/**
 * As many of the requests wrote as planned, and those that had to (chaos/load/arrivals.js). Of declared requests neighbours
 * change places; a journal from before they did has the even order, in which every part of the schedule holds their share,
 * to within one. Expects every arrival to be on record.
 */
export function writeShareDefect({ opened, requests }: RecordedJournal, arrivals: Arrivals): Defect {
  // Of a script of the user's nobody knows which arrivals ought to write.
  if (opened.clients?.script) return undefined
  const { writeShare } = opened.scenario.load
  const wrote = new Uint8Array(arrivals.count)
  for (let i = 0; i < arrivals.count; i++) {
    const row = rowAt(arrivals, i)
    if (requests.isWrite(row)) wrote[requests.n(row)] = 1
  }
  if (opened.clients?.requests && wrote.every((one, n) => isShuffledWrite(n, writeShare) === (one === 1)))
    return undefined
  const writes = wrote.reduce((sum, one) => sum + one, 0)
  if (Math.abs(writes - writeShare * arrivals.count) > 1)
    return `${percent(writes / arrivals.count)} of the requests wrote; the scenario asks for ${percent(writeShare)}`
  return isEven(wrote, writeShare)
    ? undefined
    : 'the writes are not spread over the requests as the load generator spreads them: some were reads, or the other way round'
}

function isEven(wrote: Uint8Array, writeShare: number): boolean {
  let [writes, most, least] = [0, 0, 0]
  for (let i = 0; i < wrote.length; i++) {
    writes += wrote[i] ?? 0
    const ahead = writes - writeShare * (i + 1)
    if (ahead > most) most = ahead
    if (ahead < least) least = ahead
  }
  return most - least <= 1 - 1e-6
}

/**
 * An open model starts every arrival when it is due, whatever the system does. Where none of them starts, it was the
 * load generator that stood still.
 */
export function punctualityDefect(arrivals: Arrivals, patienceMs: number): Defect {
  for (let i = 0; i < arrivals.count; i++) {
    const tookMs = endedAt(arrivals, i) - startedAt(arrivals, i)
    if (tookMs > patienceMs + latestGiveUpMs)
      return `the load generator stood still: what was due at ${moment(at(arrivals.scheduledMs, i))} is recorded as waiting for ${duration(tookMs)}, and a client gives up after ${duration(patienceMs)}`
  }
  let late = 0
  for (let i = 0; i < arrivals.count; i++) {
    const lagMs = startedAt(arrivals, i) - scheduledAt(arrivals, i)
    if (lagMs > stoodStillMs)
      return `the load generator stood still: what was due at ${moment(scheduledAt(arrivals, i))} started ${duration(lagMs)} late (limit ${duration(stoodStillMs)})`
    if (lagMs >= startLagLimitMs) late++
  }
  return late < rowLength / 2 ? undefined : bunchesDefect(arrivals)
}

function bunchesDefect(arrivals: Arrivals): Defect {
  const lags = new Lags(rowLength)
  for (let from = 0; from + rowLength <= arrivals.count; from += rowLength / 2) {
    lags.clear()
    for (let i = from; i < from + rowLength; i++) lags.push(startedAt(arrivals, i) - scheduledAt(arrivals, i))
    if (lags.areLate)
      return `from ${moment(scheduledAt(arrivals, from))} to ${moment(scheduledAt(arrivals, from + rowLength - 1))} half of the arrivals started ${duration(lags.median())} or more after their schedule`
  }
  return undefined
}

/** How late arrivals started. Whether half of them were late is counted; they are sorted only where that has to be told. */
class Lags {
  readonly #ms: Float64Array
  #late = 0
  count = 0

  constructor(most: number) {
    this.#ms = new Float64Array(most)
  }

  push(lagMs: number): void {
    this.#ms[this.count++] = lagMs
    if (lagMs >= startLagLimitMs) this.#late++
  }

  clear(): void {
    this.count = 0
    this.#late = 0
  }

  /** Whether the median is beyond the limit: the upper one of two. */
  get areLate(): boolean {
    return this.count > 0 && this.#late >= this.count - (this.count >>> 1)
  }

  median(): number {
    return this.#ms.subarray(0, this.count).sort()[this.count >>> 1] ?? 0
  }
}
