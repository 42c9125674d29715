/**
 * Outages as clients feel them, whatever the windows of recovery allow: how long no write was acknowledged, how long no
 * read was, and how long somebody waited.
 *
 * A gap is the longest time between two acknowledgements in a row, so it is hardly ever shorter than the time between
 * two arrivals of that kind. At 40 requests a second, half of them writes, the control has a write gap of 91 ms, and a
 * region's death one of 1.3 to 1.6 s that no window of recovery sees.
 */
import type { RequestTable } from '../journal/requests.ts'
import { Groups } from './accounts.ts'
import { type Arrivals, endedAt, hasFailed, msAt, rowAt, scheduledAt } from './arrivals.ts'
import { sortNearlySorted } from './sort.ts'

export interface Gap {
  lengthMs: number
  /** The acknowledgement before it; where there was none, the first moment of the schedule. */
  fromMs: number
  /** It reached the end of the stream, so it lasted at least so long. */
  open: boolean
  /** Open, and a request of its kind failed in it, or may have been cut off in it: somebody may have been waiting. */
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

type Kind = 'write' | 'read'
/** Ends of acknowledged requests, ascending. */
type Acks = Record<Kind, Float64Array>

/**
 * `recorded` has every request of the journal, since each acknowledgement ends a gap; `arrivals` those that count. Each
 * acknowledgement is sorted once, with those of its region and kind: a million of them cost 0.2 s of
 * the processor and 16 MB.
 */
export function measureGaps(options: {
  recorded: Arrivals
  arrivals: Arrivals
  requests: RequestTable
  requestedMs: number
  stalledOverMs: number
}): Gaps {
  const { recorded, arrivals, requests, requestedMs, stalledOverMs } = options
  const span = { requestedMs, startMs: scheduledAt(recorded, 0), endMs: recorded.endMs }
  const { regions, lastFailureMs } = acknowledged(recorded, requests)
  // Where the load was told to stop, what was under way has no record.
  if (recorded !== arrivals) lastFailureMs.write = lastFailureMs.read = Infinity
  const all = (kind: Kind): Gap | null => {
    const acks = [...regions.values()].map((region) => region[kind]).reduce(merged)
    return longestGap(acks, lastFailureMs[kind], span)
  }
  const named = [...regions].filter(([name]) => name !== unnamed).toSorted(([a], [b]) => a.localeCompare(b))
  return {
    write: regions.size === 0 ? null : all('write'),
    read: regions.size === 0 ? null : all('read'),
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

/** The acknowledgements of each region, and the last failure of each kind. Counted first, so that no column has to grow. */
function acknowledged(
  arrivals: Arrivals,
  requests: RequestTable,
): { regions: Map<string, Acks>; lastFailureMs: Record<Kind, number> } {
  const codes = new Map<string, number>()
  const lastFailureMs = { write: -Infinity, read: -Infinity }
  const groups = new Groups()
  for (let i = 0; i < arrivals.count; i++) {
    const from = rowAt(arrivals, i)
    if (hasFailed(arrivals, i)) {
      const kind = requests.isWrite(from) ? 'write' : 'read'
      lastFailureMs[kind] = Math.max(lastFailureMs[kind], endedAt(arrivals, i))
    } else groups.count(groupOf(requests, from, codes))
  }
  groups.open(2 * codes.size)
  const endedMs = new Float64Array(groups.total)
  for (let i = 0; i < arrivals.count; i++)
    if (!hasFailed(arrivals, i))
      endedMs[groups.place(groupOf(requests, rowAt(arrivals, i), codes))] = endedAt(arrivals, i)
  const ascending = (group: number): Float64Array => sortNearlySorted(groups.of(group, endedMs))
  const regions = [...codes].map(([name, code]): [string, Acks] => [
    name,
    { read: ascending(2 * code), write: ascending(2 * code + 1) },
  ])
  return { regions: new Map(regions), lastFailureMs }
}

/** Reads and writes of each region are a group. */
function groupOf(requests: RequestTable, row: number, codes: Map<string, number>): number {
  const name = requests.region(row) ?? unnamed
  let code = codes.get(name)
  if (code === undefined) {
    code = codes.size
    codes.set(name, code)
  }
  return 2 * code + (requests.isWrite(row) ? 1 : 0)
}

/** Both are ascending, and so is the result. */
function merged(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const both = new Float64Array(a.length + b.length)
  let [left, right] = [0, 0]
  for (let i = 0; i < both.length; i++) {
    const fromLeft = right >= b.length || (left < a.length && msAt(a, left) <= msAt(b, right))
    both[i] = fromLeft ? msAt(a, left++) : msAt(b, right++)
  }
  return both
}

/** Over all pairs of which the later one is after T0, and from the last acknowledgement to the stream's end. */
function longestGap(acks: Float64Array, lastFailureMs: number, { requestedMs, startMs, endMs }: Span): Gap | null {
  if (acks.length === 0) return null
  let lengthMs = -1
  let fromMs = startMs
  let beforeMs = startMs
  for (let i = 0; i < acks.length; i++) {
    const ackMs = msAt(acks, i)
    if (ackMs > requestedMs && ackMs - beforeMs > lengthMs) {
      lengthMs = ackMs - beforeMs
      fromMs = beforeMs
    }
    beforeMs = ackMs
  }
  const untilEndMs = endMs > requestedMs ? endMs - beforeMs : -1
  if (untilEndMs > lengthMs)
    return { lengthMs: untilEndMs, fromMs: beforeMs, open: true, unanswered: lastFailureMs > beforeMs }
  return lengthMs < 0 ? null : { lengthMs, fromMs, open: false, unanswered: false }
}

/**
 * The union of the times from `overMs` after a request's schedule to its end. Arrivals come in the order of their
 * schedule, so one pass is enough.
 */
function stalledTime(arrivals: Arrivals, requestedMs: number, overMs: number): number {
  let sum = 0
  let coveredToMs = requestedMs
  for (let i = 0; i < arrivals.count; i++) {
    const endedMs = endedAt(arrivals, i)
    const fromMs = Math.max(scheduledAt(arrivals, i) + overMs, coveredToMs)
    if (!(endedMs > fromMs) || endedMs === Infinity) continue
    sum += endedMs - fromMs
    coveredToMs = endedMs
  }
  return sum
}
