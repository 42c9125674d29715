/**
 * What a client sees of a fault, in words and milliseconds, read from what both ends of its connections wrote down.
 * Pure.
 */
import type { Ending, Transcript } from './wire.ts'

/** `silence` on a connection that was accepted; `no handshake` where not even that came. */
export type Seen = 'answers' | 'silence' | 'no handshake' | Ending

/** When the first act of the fault began, when its last had taken hold, and when its heal was asked for. */
export interface Times {
  faultMs: number
  actedMs: number
  healMs: number
}

/** What came of one connection. */
export interface Reaction {
  during: Seen
  /**
   * From the attempt or the question to what is said under `during`; for who says nothing, from the fault. Null for
   * what never came.
   */
  ms: number | null
  /** What came after the heal of what was still open then. Null when nothing was. */
  after: Seen | null
  /** From the heal, or from the question where that came later. */
  afterMs: number | null
  /** How one that had answered ended before the heal, and when, from the fault. Null when it did not. */
  then: Ending | null
  thenMs: number | null
  /** What it answered to the first question. */
  said: string | null
  /** Whether it answers once more at the end. */
  usable: boolean
}

/**
 * What came of a connection whose both ends talk. `endedMs`: from the fault; `endedAfterHealMs`: from the heal, where
 * it came after it.
 */
export interface Ended {
  how: Ending | null
  endedMs: number | null
  endedAfterHealMs: number | null
  usable: boolean
}

/** What came of a talk in one direction, as its listener heard it. */
export interface Flow {
  /**
   * From the fault to the last line before the longest silence, where one took 300 ms. A busy machine makes short ones
   * of its own. Null when there was none.
   */
  stoppedMs: number | null
  /** From the heal to the first line after it. Null when none came. */
  resumedMs: number | null
  /** Lines that arrived between a quarter of a second after the last act and the heal, and how long they had taken. */
  during: { lines: number; leastMs: number | null; medianMs: number | null; mostMs: number | null }
  /** The longest time between two lines, from the fault on. */
  longestGapMs: number
  /** The oldest line that arrived after the heal was this old. */
  latestMs: number | null
  /** How many lines that arrived after the heal were older than 800 ms. */
  late: number
  /** Null where the speaker died with what it knew. */
  sent: number | null
  lost: number | null
  twice: number
  disordered: number
}

const silenceMs = 300
const lateMs = 800
/** What was under way when the fault came says nothing about it. */
export const settledAfterMs = 250

/**
 * The first question is the one that counts; the last says whether the connection is usable. `fresh`: opened during the
 * fault.
 */
export function reactionOf(
  { openedMs, connectedMs, end, asked }: Transcript,
  { faultMs, healMs }: Pick<Times, 'faultMs' | 'healMs'>,
  { fresh = false }: { fresh?: boolean } = {},
): Reaction {
  const first = asked[0]
  const later = end && first?.atMs && end.atMs <= healMs && first.atMs < end.atMs ? end : undefined
  const rest = {
    then: later?.how ?? null,
    thenMs: later ? later.atMs - faultMs : null,
    said: first?.answer ?? null,
    usable: isUsable({ end, asked }),
  }
  const sinceMs = fresh ? openedMs : first && first.askedMs < healMs ? first.askedMs : faultMs
  // What was asked only after the heal belongs there.
  const answerMs = first?.atMs ?? Infinity
  const endMs = end?.atMs ?? Infinity
  const after = (): Pick<Reaction, 'after' | 'afterMs'> => {
    if (Math.max(...[answerMs, endMs].map((ms) => (ms > healMs && ms < Infinity ? ms : 0))) === 0)
      return { after: 'silence', afterMs: null }
    return answerMs > healMs && answerMs <= endMs
      ? { after: 'answers', afterMs: answerMs - Math.max(healMs, first?.askedMs ?? 0) }
      : { after: end?.how ?? 'closed', afterMs: endMs - healMs }
  }
  if (endMs <= healMs && endMs < answerMs && end) {
    // One that ended before it was asked is measured from the fault.
    return { during: end.how, ms: endMs - (sinceMs > endMs ? faultMs : sinceMs), after: null, afterMs: null, ...rest }
  }
  if (answerMs < Infinity && answerMs <= healMs) {
    return {
      during: 'answers',
      ms: answerMs - sinceMs,
      ...(end && endMs > healMs ? { after: end.how, afterMs: endMs - healMs } : { after: null, afterMs: null }),
      ...rest,
    }
  }
  const shaken = connectedMs !== null && connectedMs <= healMs
  return { during: shaken ? 'silence' : 'no handshake', ms: null, ...after(), ...rest }
}

export function endedOf({ end, asked }: Transcript, { faultMs, healMs }: Times): Ended {
  return {
    how: end?.how ?? null,
    endedMs: end ? end.atMs - faultMs : null,
    endedAfterHealMs: end && end.atMs > healMs ? end.atMs - healMs : null,
    usable: isUsable({ end, asked }),
  }
}

function isUsable({ end, asked }: Pick<Transcript, 'end' | 'asked'>): boolean {
  return end === null && asked.length > 0 && asked.at(-1)?.answer === 'done'
}

export function flowOf(
  speaker: Transcript | undefined,
  listener: Transcript,
  { faultMs, actedMs, healMs }: Times,
): Flow {
  const arrivals = listener.heard.map(([, , atMs]) => atMs)
  const inWindow = listener.heard.filter(([, , atMs]) => atMs > actedMs + settledAfterMs && atMs <= healMs)
  const delays = inWindow.map(([, sentMs, atMs]) => atMs - sentMs)
  const numbers = listener.heard.map(([n]) => n)
  const distinct = new Set(numbers)
  const afterHeal = listener.heard.filter(([, , atMs]) => atMs > healMs)
  const resumed = afterHeal[0]
  const ages = afterHeal.map(([, sentMs, atMs]) => atMs - sentMs)
  return {
    stoppedMs: stopIn(arrivals, { faultMs, healMs }),
    resumedMs: resumed ? resumed[2] - healMs : null,
    during: { lines: inWindow.length, leastMs: least(delays), medianMs: median(delays), mostMs: most(delays) },
    longestGapMs: longestGap(arrivals, faultMs),
    latestMs: most(ages),
    late: ages.filter((ms) => ms > lateMs).length,
    sent: speaker?.sent ?? null,
    lost: speaker ? speaker.sent - distinct.size : null,
    twice: numbers.length - distinct.size,
    disordered: numbers.filter((n, index) => index > 0 && n < (numbers[index - 1] ?? 0)).length,
  }
}

function stopIn(arrivals: number[], { faultMs, healMs }: Pick<Times, 'faultMs' | 'healMs'>): number | null {
  const inside = arrivals.filter((ms) => ms <= healMs)
  const silences = inside.map((ms, index) => ({ ms, lasted: (inside[index + 1] ?? healMs) - Math.max(ms, faultMs) }))
  const longest = silences.toSorted((a, b) => b.lasted - a.lasted)[0]
  return longest && longest.lasted >= silenceMs ? longest.ms - faultMs : null
}

function longestGap(arrivals: number[], sinceMs: number): number {
  return Math.max(0, ...arrivals.map((ms, index) => (ms > sinceMs && index > 0 ? ms - (arrivals[index - 1] ?? ms) : 0)))
}

export function median(values: number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null
}
function least(values: number[]): number | null {
  return values.length > 0 ? Math.min(...values) : null
}
function most(values: number[]): number | null {
  return values.length > 0 ? Math.max(...values) : null
}
