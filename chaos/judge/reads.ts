/**
 * Reads: whether clients saw what had been acknowledged, and whether what they had seen was gone again.
 *
 * Each transfer raises the versions of both its accounts. A read is *stale* that began after the acknowledgement of a
 * version of its account was received, and answered an older one: by as much as it began after the acknowledgement of
 * the first version that it did not show. A read *went back* that began after another read of its account had ended,
 * and answered a lower version: within one session where the journal knows sessions, over all clients otherwise. All
 * times are by one clock, the load generator's. Of two in the same millisecond nobody knows which came first.
 *
 * Counted are the reads that had not ended at T0, and they are held against all that was answered in the trial.
 */
import type { RequestTable } from '../journal/requests.ts'
import { type Arrivals, at } from './arrivals.ts'

export interface StaleRead {
  account: number
  /** What it answered, when it began, and by how much it was stale. */
  version: number
  startedMs: number
  staleMs: number
  region: string | undefined
}
export interface ReadsOf {
  /** Reads that began after an acknowledged write to their account: no other can be stale. */
  reads: number
  stale: number
  worstMs: number
}
export interface Reads extends ReadsOf {
  worst: StaleRead | null
  /** Region that answered, or "none". */
  byRegion: Map<string, ReadsOf>
  /** Reads that began after another one of their account had ended, and those of them that went back. */
  again: number
  wentBack: number
  /** Whether those were sought within sessions. */
  bySession: boolean
  /** Successful requests whose answer says no version: reads from T0 on, writes of the whole trial. */
  silent: number
}

/** As it is reported: rounded up, but for the error of binary fractions; a read that is stale at all is by 1 ms. */
export function wholeStale(ms: number): number {
  return ms > 0 ? Math.max(1, Math.ceil(ms - 1e-6)) : 0
}

/**
 * Null when no answer to a write, or none to a read from T0 on, says a version: then nothing was looked for.
 * `requestedMs`: T0 by the load generator's clock.
 */
export function measureReads(arrivals: Arrivals, requests: RequestTable, requestedMs: number): Reads | null {
  const reads: Reads = {
    ...none(),
    worst: null,
    byRegion: new Map(),
    again: 0,
    wentBack: 0,
    bySession: false,
    silent: 0,
  }
  const answered = answersOf(arrivals, requests)
  const counts = (row: number): boolean => requests.endedMs(row) >= requestedMs
  reads.silent = answered.silent.reduce((sum, row) => sum + (requests.isWrite(row) || counts(row) ? 1 : 0), 0)
  if (answered.acks.entries.length === 0 || !answered.reads.entries.some(counts)) return null
  reads.bySession = answered.reads.entries.some((row) => requests.told.session(row) !== undefined)
  for (let account = 0; account < answered.accounts; account++) {
    const its = { acks: group(answered.acks, account), reads: group(answered.reads, account) }
    countStale(reads, requests, its, requestedMs)
    countBack(reads, requests, its.reads, requestedMs)
  }
  return reads
}

function none(): ReadsOf {
  return { reads: 0, stale: 0, worstMs: 0 }
}

/** Entries, account by account: those of the account that was met i-th are `entries[ends[i - 1]..ends[i])`. */
interface Grouped {
  entries: Uint32Array
  ends: Uint32Array
}
interface Answers {
  accounts: number
  /** Rows of reads; and of writes twice the row, plus one for the second account. */
  reads: Grouped
  acks: Grouped
  /** Rows of successful requests whose answer says no version. */
  silent: number[]
}

/** Counts first and places then: a million entries in lists that grow would cost some 80 MB. */
function answersOf(arrivals: Arrivals, requests: RequestTable): Answers {
  const { told } = requests
  const codes = new Map<number, number>()
  const sizes: Record<'acks' | 'reads', number[]> = { acks: [], reads: [] }
  const silent: number[] = []
  const each = (place: (of: 'acks' | 'reads', code: number, entry: number) => void): void => {
    for (let i = 0; i < arrivals.count; i++) {
      const row = at(arrivals.row, i)
      if (!requests.isAcked(row)) continue
      const isWrite = requests.isWrite(row)
      const named = told.accounts(row)
      for (let which = 0; which < named; which++)
        place(isWrite ? 'acks' : 'reads', codeOf(codes, told.account(row, which)), isWrite ? row * 2 + which : row)
    }
  }
  each((of, code) => {
    sizes[of][code] = (sizes[of][code] ?? 0) + 1
  })
  const grouped = { acks: room(sizes.acks, codes.size), reads: room(sizes.reads, codes.size) }
  each((of, code, entry) => {
    const { entries, ends } = grouped[of]
    const place = ends[code] ?? 0
    entries[place] = entry
    ends[code] = place + 1
  })
  for (let i = 0; i < arrivals.count; i++) {
    const row = at(arrivals.row, i)
    if (requests.isAcked(row) && told.accounts(row) === 0) silent.push(row)
  }
  return { accounts: codes.size, ...grouped, silent }
}

function codeOf(codes: Map<number, number>, account: number): number {
  const known = codes.get(account)
  if (known !== undefined) return known
  codes.set(account, codes.size)
  return codes.size - 1
}

/** Room for groups of these sizes. Each group's end is at its beginning, until it is filled. */
function room(sizes: readonly number[], groups: number): Grouped {
  const ends = new Uint32Array(groups)
  let sum = 0
  for (let i = 0; i < groups; i++) {
    ends[i] = sum
    sum += sizes[i] ?? 0
  }
  return { entries: new Uint32Array(sum), ends }
}

function group({ entries, ends }: Grouped, account: number): Uint32Array {
  return entries.subarray(account === 0 ? 0 : ends[account - 1], ends[account])
}

/** Sorts in place, unless that is done already: answers come nearly in the order of their versions. */
function sorted(entries: Uint32Array, compare: (a: number, b: number) => number): Uint32Array {
  for (let i = 1; i < entries.length; i++)
    if (compare(at(entries, i - 1), at(entries, i)) > 0) return entries.sort(compare)
  return entries
}

/** The acknowledged versions of one account, ascending, and when the earliest of each and all later ones came. */
interface Acknowledged {
  versions: Uint32Array
  earliestMs: Float64Array
}

function acknowledgedOf(requests: RequestTable, acks: Uint32Array): Acknowledged {
  const versionOf = (ack: number): number => requests.told.version(ack >>> 1, ack & 1)
  let versions = acks.map(versionOf)
  // Answers come nearly in the order of their versions.
  if (!isAscending(versions)) versions = acks.sort((a, b) => versionOf(a) - versionOf(b)).map(versionOf)
  const earliestMs = new Float64Array(acks.length)
  for (let i = acks.length - 1, ms = Infinity; i >= 0; i--) {
    ms = Math.min(ms, requests.endedMs(at(acks, i) >>> 1))
    earliestMs[i] = ms
  }
  return { versions, earliestMs }
}

function isAscending(values: Uint32Array): boolean {
  for (let i = 1; i < values.length; i++) if (at(values, i - 1) > at(values, i)) return false
  return true
}

function countStale(
  all: Reads,
  requests: RequestTable,
  { acks, reads }: Record<'acks' | 'reads', Uint32Array>,
  requestedMs: number,
): void {
  if (acks.length === 0) return
  const { versions, earliestMs } = acknowledgedOf(requests, acks)
  const firstMs = at(earliestMs, 0)
  for (const row of reads) {
    const startedMs = requests.startedMs(row)
    if (requests.endedMs(row) < requestedMs || firstMs >= startedMs) continue
    const version = requests.told.version(row, 0)
    const unseenMs = earliestMs[firstAbove(versions, version)] ?? Infinity
    const region = requests.region(row)
    const its = all.byRegion.get(region ?? 'none') ?? none()
    all.byRegion.set(region ?? 'none', its)
    const staleMs = startedMs - unseenMs
    for (const tally of [all, its]) {
      tally.reads++
      if (staleMs > 0) tally.stale++
      tally.worstMs = Math.max(tally.worstMs, staleMs)
    }
    if (staleMs > (all.worst?.staleMs ?? 0))
      all.worst = { account: requests.told.account(row, 0), version, startedMs, staleMs, region }
  }
}

/** Index of the first version that is higher; their number when there is none. */
function firstAbove(versions: Uint32Array, version: number): number {
  let [low, high] = [0, versions.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (at(versions, middle) <= version) low = middle + 1
    else high = middle
  }
  return low
}

function countBack(all: Reads, requests: RequestTable, reads: Uint32Array, requestedMs: number): void {
  const sessionOf = (row: number): number => requests.told.session(row) ?? -1
  const bySession = sorted(
    reads,
    (a, b) => sessionOf(a) - sessionOf(b) || requests.startedMs(a) - requests.startedMs(b),
  )
  for (let from = 0, to = 0; from < bySession.length; from = to) {
    const session = sessionOf(at(bySession, from))
    while (to < bySession.length && sessionOf(at(bySession, to)) === session) to++
    if (to - from > 1) countBackWithin(all, requests, bySession.subarray(from, to), requestedMs)
  }
}

/** Reads of one account and one session, by their start. Each is held against the highest that had ended by then. */
function countBackWithin(all: Reads, requests: RequestTable, byStart: Uint32Array, requestedMs: number): void {
  const byEnd = sorted(byStart.slice(), (a, b) => requests.endedMs(a) - requests.endedMs(b))
  let ended = 0
  let highest = -1
  for (const row of byStart) {
    const startedMs = requests.startedMs(row)
    for (let next = byEnd[ended]; next !== undefined && requests.endedMs(next) < startedMs; next = byEnd[++ended])
      highest = Math.max(highest, requests.told.version(next, 0))
    if (ended === 0 || requests.endedMs(row) < requestedMs) continue
    all.again++
    if (requests.told.version(row, 0) < highest) all.wentBack++
  }
}
