/**
 * Outages as clients feel them, whatever the windows of recovery allow: how long no write was acknowledged, how long no
 * read was, and how long somebody waited.
 *
 * A gap is the longest time between two acknowledgements in a row, so it is hardly ever shorter than the time between
 * two arrivals of that kind. At 40 requests a second, half of them writes, the control has a write gap of 91 ms, and a
 * region's death one of 1.3 to 1.6 s that no window of recovery sees.
 */
import type { RequestTable } from '../journal/requests.ts'
import { type Arrivals, at } from './arrivals.ts'

export interface Gap {
  lengthMs: number
  /** The acknowledgement before it; where there was none, the first moment of the schedule. */
  fromMs: number
  /** It reached the end of the stream, so it lasted at least so long. */
  open: boolean
  /** Open, and a request of its kind failed in it: somebody was waiting when the stream ended. */
  unanswered: boolean
}

export interface KindsOfGap {
  /** Null where no request of the kind was acknowledged at all. */
  write: Gap | null
  read: Gap | null
}

export interface Gaps extends KindsOfGap {
  /** The same of what one region answered. */
  byRegion: Record<string, KindsOfGap>
  /** Time in which some client had waited for longer than `stalledOverMs`. */
  stalledMs: number
  stalledOverMs: number
}

/** As it is reported: rounded up, since a tenth of a millisecond is not none. */
export function wholeStall({ stalledMs }: Gaps): number {
  return Math.max(0, Math.ceil(stalledMs - 1e-6))
}

/** A stretch of time; gaps that ended before T0 are no business of the fault. */
interface Span {
  requestedMs: number
  startMs: number
  endMs: number
}

/** Ends of acknowledged requests, ascending. */
type Acks = Record<'write' | 'read', Float64Array>

/**
 * `recorded` has every request of the journal, since each acknowledgement ends a gap; `arrivals` those that count. Each
 * acknowledgement is sorted once, with those of its region and kind: a million of them cost 0.1 s and 16 MB.
 */
export function measureGaps(options: {
  recorded: Arrivals
  arrivals: Arrivals
  requests: RequestTable
  requestedMs: number
  stalledOverMs: number
}): Gaps {
  const { recorded, arrivals, requests, requestedMs, stalledOverMs } = options
  const span = { requestedMs, startMs: at(recorded.scheduledMs, 0), endMs: recorded.endMs }
  const regions = acksByRegion(recorded, requests)
  const lastFailureMs = lastFailures(recorded, requests)
  const all = (kind: keyof Acks): Gap | null => {
    const acks = [...regions.values()].map((region) => region[kind]).reduce(merged, new Float64Array())
    return longestGap(acks, lastFailureMs[kind], span)
  }
  const named = [...regions].filter(([name]) => name !== unnamed).toSorted(([a], [b]) => a.localeCompare(b))
  return {
    write: all('write'),
    read: all('read'),
    byRegion: Object.fromEntries(
      named.map(([name, { write, read }]) => [
        name,
        { write: longestGap(write, -Infinity, span), read: longestGap(read, -Infinity, span) },
      ]),
    ),
    stalledMs: stalledTime(arrivals, requestedMs, stalledOverMs),
    stalledOverMs,
  }
}

/** A stack may not say which region answered. */
const unnamed = ''

function acksByRegion(arrivals: Arrivals, requests: RequestTable): Map<string, Acks> {
  const counts = new Map<string, Record<keyof Acks, number>>()
  forEachAck(arrivals, requests, (region, kind) => {
    const count = counts.get(region) ?? { write: 0, read: 0 }
    count[kind]++
    counts.set(region, count)
  })
  const acks = new Map([...counts].map(([region, { write, read }]) => [region, ofLength(write, read)]))
  for (const count of counts.values()) count.write = count.read = 0
  forEachAck(arrivals, requests, (region, kind, endedMs) => {
    const column = acks.get(region)?.[kind]
    const count = counts.get(region)
    if (column && count) column[count[kind]++] = endedMs
  })
  for (const { write, read } of acks.values()) {
    write.sort()
    read.sort()
  }
  return acks
}

function ofLength(write: number, read: number): Acks {
  return { write: new Float64Array(write), read: new Float64Array(read) }
}

function forEachAck(
  { count, failed, row, endedMs }: Arrivals,
  requests: RequestTable,
  visit: (region: string, kind: keyof Acks, endedMs: number) => void,
): void {
  for (let i = 0; i < count; i++) {
    if (at(failed, i) === 1) continue
    const from = at(row, i)
    visit(requests.region(from) ?? unnamed, requests.isWrite(from) ? 'write' : 'read', at(endedMs, i))
  }
}

function lastFailures({ count, failed, row, endedMs }: Arrivals, requests: RequestTable): Record<keyof Acks, number> {
  const last = { write: -Infinity, read: -Infinity }
  for (let i = 0; i < count; i++) {
    if (at(failed, i) === 0) continue
    const kind = requests.isWrite(at(row, i)) ? 'write' : 'read'
    last[kind] = Math.max(last[kind], at(endedMs, i))
  }
  return last
}

/** Both are ascending, and so is the result. */
function merged(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const both = new Float64Array(a.length + b.length)
  let [left, right] = [0, 0]
  for (let i = 0; i < both.length; i++) {
    const fromLeft = right >= b.length || (left < a.length && at(a, left) <= at(b, right))
    both[i] = fromLeft ? at(a, left++) : at(b, right++)
  }
  return both
}

/** Over all pairs of which the later one is after T0, and from the last acknowledgement to the stream's end. */
function longestGap(acks: Float64Array, lastFailureMs: number, { requestedMs, startMs, endMs }: Span): Gap | null {
  if (acks.length === 0) return null
  let longest: Gap | null = null
  const consider = (fromMs: number, toMs: number, open: boolean, unanswered: boolean): void => {
    if (toMs <= requestedMs || toMs - fromMs <= (longest?.lengthMs ?? -1)) return
    longest = { lengthMs: toMs - fromMs, fromMs, open, unanswered }
  }
  let beforeMs = startMs
  for (let i = 0; i < acks.length; i++) {
    const ackMs = at(acks, i)
    if (ackMs > requestedMs) consider(beforeMs, ackMs, false, false)
    beforeMs = ackMs
  }
  consider(beforeMs, endMs, true, lastFailureMs > beforeMs)
  return longest
}

/**
 * The union of the times from `overMs` after a request's schedule to its end. Arrivals come in the order of their
 * schedule, so one pass is enough.
 */
function stalledTime(arrivals: Arrivals, requestedMs: number, overMs: number): number {
  let sum = 0
  let coveredToMs = requestedMs
  for (let i = 0; i < arrivals.count; i++) {
    const endedMs = at(arrivals.endedMs, i)
    const fromMs = Math.max(at(arrivals.scheduledMs, i) + overMs, coveredToMs)
    if (!(endedMs > fromMs) || endedMs === Infinity) continue
    sum += endedMs - fromMs
    coveredToMs = endedMs
  }
  return sum
}
