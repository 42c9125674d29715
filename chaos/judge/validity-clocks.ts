/**
 * Do all times of the journal come from clocks that agree? Clients' times are the load generator's wall clock; all
 * others are the harness's monotonic clock. If one was set back in between, a slow answer would look fast.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import type { Arrivals } from './arrivals.ts'
import { duration, moment } from './figures.ts'
import type { Defect } from './validity-load.ts'
import { timingErrorMs } from './validity-times.ts'

const clockStepMs = 5
/** Between two comparisons, at the most, while there is load. */
const comparedEveryMs = 10_000
/**
 * A comparison that takes longer says too little of a clock that is read in milliseconds. In 53 real trials there was one
 * in 20 ms every 4.1 s at the worst, and one in 100 ms every 2 s.
 */
const exactWithinMs = 100
/** Either clock is read in whole milliseconds, rounded down. */
const readingErrorMs = 1
/** From this version on, clocks are compared all through a trial. */
const comparedThroughout = 2

type Reading = EventOf<'load.clock'> & { offsetMs: number; roundTripMs: number }

/**
 * How far the load generator's clock is ahead of the harness's (behind: less than 0), where the comparisons say so for
 * sure, else 0. Each reading is exact to half its round trip, so the truth lies where all of them overlap, and where
 * that is on both sides of 0 there is nothing to correct: so it was in 31 of 31 real trials.
 */
export function clockAheadMs(journal: RecordedJournal): number {
  const { leastMs, mostMs } = boundsOf(journal)
  return leastMs <= 0 && mostMs >= 0 ? 0 : (leastMs + mostMs) / 2
}

/** One offset explains all comparisons. Otherwise nobody knows which of two clocks' moments came first. */
export function clocksComparable(journal: RecordedJournal): boolean {
  const { leastMs, mostMs } = boundsOf(journal)
  return leastMs <= mostMs
}

/** Between which the offset lies; any, without a comparison. */
function boundsOf(journal: RecordedJournal): { leastMs: number; mostMs: number } {
  const compared = journal.of('load.clock').filter(wasCompared)
  if (compared.length === 0) return { leastMs: -Infinity, mostMs: Infinity }
  const mostMs = least(compared.map(({ offsetMs, roundTripMs }) => offsetMs + roundTripMs / 2)) + readingErrorMs
  const leastMs = -least(compared.map(({ offsetMs, roundTripMs }) => roundTripMs / 2 - offsetMs)) - readingErrorMs
  return { leastMs, mostMs }
}

/** The comparisons of the clocks themselves; what the requests say of them is in `validity-heard.ts`. */
export function clockDefect(journal: RecordedJournal, arrivals: Arrivals): Defect {
  const readings = journal.of('load.clock')
  if (readings.length === 0) return "the clock of the load generator was not compared with the harness's"
  const stepped = readings.find(hasStepped)
  if (stepped) return `the wall clock stepped by ${duration(stepped.stepMs)} during the trial`
  return comparisonDefect(journal, arrivals)
}

/**
 * By how much a step of the wall clock may have moved the times of the requests, in ms; undefined where it did not step,
 * or where the comparisons of the clocks do not hold either.
 */
export function stepErrorMs(journal: RecordedJournal, arrivals: Arrivals): number | undefined {
  const steps = journal.of('load.clock').filter(hasStepped)
  if (steps.length === 0 || comparisonDefect(journal, arrivals) !== undefined) return undefined
  return -least(steps.map(({ stepMs }) => -Math.abs(stepMs)))
}

function hasStepped({ stepMs }: EventOf<'load.clock'>): boolean {
  return Math.abs(stepMs) > clockStepMs
}

/** The load generator's clock against the harness's wall clock, however that one moved. */
function comparisonDefect(journal: RecordedJournal, arrivals: Arrivals): Defect {
  const readings = journal.of('load.clock')
  const strange = journal.opened.schemaVersion < comparedThroughout ? undefined : readings.find(isImpossible)
  if (strange !== undefined)
    return strange.offsetMs === null || strange.roundTripMs === null
      ? `the clock of the load generator was compared at ${moment(strange.atMs)}, and half of the result is missing`
      : 'the clock of the load generator was compared in no time, which no clock is'
  const compared = readings.filter(wasCompared)
  if (compared.length === 0)
    return "the clock of the load generator was not compared with the harness's: neither a beacon nor the engine told the time"
  for (const { offsetMs, roundTripMs } of compared) {
    const limitMs = Math.max(timingErrorMs, roundTripMs / 2 + clockStepMs)
    if (Math.abs(offsetMs) > limitMs)
      return `the clock of the load generator is off by ${duration(offsetMs)} (limit ${duration(limitMs)})`
  }
  const uncertaintyMs = least(compared.map(({ roundTripMs }) => roundTripMs / 2))
  if (uncertaintyMs > timingErrorMs)
    return `the clock of the load generator could be compared with the harness's only to within ${duration(uncertaintyMs)} (limit ${duration(timingErrorMs)})`
  // Each reading bounds the true offset; where two do not meet, it moved.
  const movedMs =
    -least(compared.map(({ offsetMs, roundTripMs }) => roundTripMs / 2 - offsetMs)) -
    least(compared.map(({ offsetMs, roundTripMs }) => offsetMs + roundTripMs / 2))
  if (movedMs > timingErrorMs)
    return `the clock of the load generator moved against the harness's by ${duration(movedMs)} or more during the trial (limit ${duration(timingErrorMs)})`
  return journal.opened.schemaVersion < comparedThroughout ? undefined : unwatched(journal, arrivals, compared)
}

/** A loop, because a day has more readings than a call takes arguments. */
function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity)
}

/** Older versions wrote 0 when nothing could be asked; a real answer takes more than no time. */
function wasCompared(event: EventOf<'load.clock'>): event is Reading {
  return event.offsetMs !== null && event.roundTripMs !== null && event.roundTripMs > 0
}

/** Both numbers or neither; and a comparison takes time. */
function isImpossible({ offsetMs, roundTripMs }: EventOf<'load.clock'>): boolean {
  return (offsetMs === null) !== (roundTripMs === null) || (roundTripMs !== null && roundTripMs <= 0)
}

function unwatched(journal: RecordedJournal, arrivals: Arrivals, compared: readonly Reading[]): Defect {
  let fromMs = journal.of('load.started').at(0)?.firstArrivalMs ?? 0
  for (const atMs of [
    ...compared
      .filter(({ roundTripMs }) => roundTripMs <= exactWithinMs)
      .map((reading) => reading.atMs)
      .filter((ms) => ms > fromMs && ms < arrivals.endMs),
    arrivals.endMs,
  ]) {
    if (atMs - fromMs > comparedEveryMs)
      return `the clock of the load generator was not compared with the harness's from ${moment(fromMs)} to ${moment(atMs)} (to within ${duration(exactWithinMs / 2)})`
    fromMs = atMs
  }
  return undefined
}
