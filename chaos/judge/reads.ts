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
import { type Acknowledged, Answers, type ReadsOfAccount } from './answers.ts'
import { type Arrivals, at, rowAt } from './arrivals.ts'

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
  /** See `silentAnswers`. */
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
  const answers = new Answers(arrivals, requests)
  const counts = (row: number): boolean => requests.endedMs(row) >= requestedMs
  reads.silent = silentAnswers(arrivals, requests, requestedMs)
  if (!answers.hasAcks || !answers.rows.some(counts)) return null
  reads.bySession = answers.rows.some((row) => requests.told.session(row) !== undefined)
  for (let account = 0; account < answers.accounts; account++) {
    const its = answers.reads(account)
    countStale(reads, requests, { acks: answers.acks(account), reads: its, requestedMs })
    countBack(reads, requests, its.rows, requestedMs)
  }
  return reads
}

function none(): ReadsOf {
  return { reads: 0, stale: 0, worstMs: 0 }
}

/** Successful requests whose answer says no version: reads from T0 on, writes of the whole trial. */
function silentAnswers(arrivals: Arrivals, requests: RequestTable, requestedMs: number): number {
  let silent = 0
  for (let i = 0; i < arrivals.count; i++) {
    const row = rowAt(arrivals, i)
    if (!requests.isAcked(row) || requests.told.accounts(row) > 0) continue
    if (requests.isWrite(row) || requests.endedMs(row) >= requestedMs) silent++
  }
  return silent
}

/** Sorts in place, unless that is done already: answers come nearly in the order of their versions. */
function sorted(entries: Uint32Array, compare: (a: number, b: number) => number): Uint32Array {
  for (let i = 1; i < entries.length; i++)
    if (compare(at(entries, i - 1), at(entries, i)) > 0) return entries.sort(compare)
  return entries
}

function countStale(
  all: Reads,
  requests: RequestTable,
  { acks, reads, requestedMs }: { acks: Acknowledged; reads: ReadsOfAccount; requestedMs: number },
): void {
  const { versions, earliestMs } = acks
  const firstMs = earliestMs[0] ?? Infinity
  for (let i = 0; i < reads.rows.length; i++) {
    const row = at(reads.rows, i)
    const startedMs = reads.startedMs[i] ?? 0
    if (firstMs >= startedMs || requests.endedMs(row) < requestedMs) continue
    const version = reads.versions[i] ?? 0
    const staleMs = startedMs - (earliestMs[firstAbove(versions, version)] ?? Infinity)
    const region = requests.region(row)
    note(all, staleMs)
    note(ofRegion(all, region ?? 'none'), staleMs)
    if (staleMs > (all.worst?.staleMs ?? 0))
      all.worst = { account: requests.told.account(row, 0), version, startedMs, staleMs, region }
  }
}

function ofRegion({ byRegion }: Reads, name: string): ReadsOf {
  const known = byRegion.get(name)
  if (known !== undefined) return known
  const its = none()
  byRegion.set(name, its)
  return its
}

function note(tally: ReadsOf, staleMs: number): void {
  tally.reads++
  if (staleMs <= 0) return
  tally.stale++
  tally.worstMs = Math.max(tally.worstMs, staleMs)
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
