/** The client stream in the order of its schedule. Everything about what clients saw is computed from here. */
import type { RequestTable } from '../journal/requests.ts'

export interface Arrivals {
  readonly count: number
  readonly scheduledMs: Float64Array
  readonly startedMs: Float64Array
  readonly endedMs: Float64Array
  /** 1 where the request was not acked: rejected or unknown. */
  readonly failed: Uint8Array
  /** Position in the journal's table of requests. */
  readonly row: Uint32Array
  /** Time between two arrivals of the schedule, in milliseconds. */
  readonly intervalMs: number
  /** End of the last arrival's slot: the stream says nothing of later moments. */
  readonly endMs: number
}

/**
 * Sorts by schedule, then by arrival number, so that the order of the journal (that of completion) does not matter.
 * `aheadMs`: how far the clock that gave these times is ahead of the harness's; this is the one place where it is put
 * right.
 */
export function arrivalsOf(requests: RequestTable, ratePerSecond: number, aheadMs = 0): Arrivals {
  const row = scheduleOrder(requests)
  const count = row.length
  const scheduledMs = new Float64Array(count)
  const startedMs = new Float64Array(count)
  const endedMs = new Float64Array(count)
  const failed = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const from = row[i] ?? missing(i)
    scheduledMs[i] = requests.scheduledMs(from) - aheadMs
    startedMs[i] = requests.startedMs(from) - aheadMs
    endedMs[i] = requests.endedMs(from) - aheadMs
    failed[i] = requests.isAcked(from) && Number.isFinite(requests.endedMs(from)) ? 0 : 1
  }
  const intervalMs = 1000 / ratePerSecond
  const endMs = count === 0 ? 0 : at(scheduledMs, count - 1) + intervalMs
  return { count, scheduledMs, startedMs, endedMs, failed, row, intervalMs, endMs }
}

/** Those that were due before a moment. */
export function arrivalsBefore(arrivals: Arrivals, ms: number): Arrivals {
  const count = firstScheduledFrom(arrivals, ms)
  const cut = <A extends Float64Array | Uint8Array | Uint32Array>(column: A): A => column.subarray(0, count) as A
  const scheduledMs = cut(arrivals.scheduledMs)
  return {
    ...arrivals,
    count,
    scheduledMs,
    startedMs: cut(arrivals.startedMs),
    endedMs: cut(arrivals.endedMs),
    failed: cut(arrivals.failed),
    row: cut(arrivals.row),
    endMs: count === 0 ? 0 : at(scheduledMs, count - 1) + arrivals.intervalMs,
  }
}

/** Latency from the scheduled time: what a client of an open system feels, including the wait for a free connection. */
export function latencyMs(arrivals: Arrivals, i: number): number {
  return endedAt(arrivals, i) - scheduledAt(arrivals, i)
}

/** Index of the first arrival scheduled at or after a moment; `count` when there is none. */
export function firstScheduledFrom(arrivals: Arrivals, ms: number): number {
  let low = 0
  let high = arrivals.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (scheduledAt(arrivals, middle) < ms) low = middle + 1
    else high = middle
  }
  return low
}

// Each column by itself: through one function for all of them, as `at` is, reading takes twice as long.
export function rowAt({ row }: Arrivals, i: number): number {
  return row[i] ?? missing(i)
}
export function scheduledAt({ scheduledMs }: Arrivals, i: number): number {
  return scheduledMs[i] ?? missing(i)
}
export function startedAt({ startedMs }: Arrivals, i: number): number {
  return startedMs[i] ?? missing(i)
}
export function endedAt({ endedMs }: Arrivals, i: number): number {
  return endedMs[i] ?? missing(i)
}
export function msAt(column: Float64Array, i: number): number {
  return column[i] ?? missing(i)
}
export function hasFailed({ failed }: Arrivals, i: number): boolean {
  return flagAt(failed, i) === 1
}
export function flagAt(column: Uint8Array, i: number): number {
  return column[i] ?? missing(i)
}

function missing(i: number): never {
  throw new RangeError(`arrival ${i} of a stream that is shorter`)
}

/** An element that must exist: a wrong index is a bug, and must not become NaN in a verdict. */
export function at(column: Float64Array | Uint8Array | Uint32Array, i: number): number {
  const value = column[i]
  if (value === undefined) throw new RangeError(`arrival ${i} of ${column.length}`)
  return value
}

function scheduleOrder(requests: RequestTable): Uint32Array {
  const byNumber = numberOrder(requests)
  if (byNumber !== undefined) return byNumber
  const row = new Uint32Array(requests.length)
  for (let i = 0; i < row.length; i++) row[i] = i
  return row.sort((a, b) => requests.scheduledMs(a) - requests.scheduledMs(b) || requests.n(a) - requests.n(b))
}

/**
 * Arrivals are numbered in the order of their schedule, so placing each at its number sorts a million of them in no
 * time. Undefined where that does not hold: numbers that are used twice or leave large holes, or times that do not
 * follow them.
 */
function numberOrder(requests: RequestTable): Uint32Array | undefined {
  const { length } = requests
  let last = -1
  for (let i = 0; i < length; i++) if (requests.n(i) > last) last = requests.n(i)
  const places = last + 1
  if (places > 2 * length) return undefined
  // Rows are counted from 1, so that 0 marks an unused number.
  const rowOf = new Uint32Array(places)
  for (let i = 0; i < length; i++) {
    const n = requests.n(i)
    if (rowOf[n] !== 0) return undefined
    rowOf[n] = i + 1
  }
  let used = 0
  // In place: a filter would box every number.
  for (let n = 0; n < places; n++) {
    const row = rowOf[n] ?? 0
    if (row !== 0) rowOf[used++] = row - 1
  }
  const order = rowOf.subarray(0, used)
  let lastMs = -Infinity
  for (let i = 0; i < used; i++) {
    const scheduledMs = requests.scheduledMs(order[i] ?? missing(i))
    if (scheduledMs < lastMs) return undefined
    lastMs = scheduledMs
  }
  return order
}
