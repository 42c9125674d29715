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

/** Null when no answer to a write, or none to a read from T0 on, says a version: then nothing was looked for. */
export function measureReads(arrivals: Arrivals, requests: RequestTable, requestedMs: number): Reads | null {
  const accounts = new Map<number, Sights>()
  const reads: Reads = {
    ...none(),
    worst: null,
    byRegion: new Map(),
    again: 0,
    wentBack: 0,
    bySession: false,
    silent: 0,
  }
  const [acks, answers] = collect({ arrivals, requests, requestedMs, accounts, reads })
  if (acks === 0 || answers === 0) return null
  for (const sights of accounts.values()) {
    countStale(reads, requests, sights, requestedMs)
    countBack(reads, requests, sights, requestedMs)
  }
  return reads
}

function none(): ReadsOf {
  return { reads: 0, stale: 0, worstMs: 0 }
}

/** What was answered about one account: rows of reads; and of writes twice the row, plus one for the second account. */
interface Sights {
  acks: number[]
  reads: number[]
}

/** @returns how many writes and how many reads from T0 on say a version */
function collect(options: {
  arrivals: Arrivals
  requests: RequestTable
  requestedMs: number
  accounts: Map<number, Sights>
  reads: Reads
}): [number, number] {
  const { arrivals, requests, requestedMs, accounts, reads } = options
  const { told } = requests
  let [acks, answers] = [0, 0]
  for (let i = 0; i < arrivals.count; i++) {
    const row = at(arrivals.row, i)
    if (!requests.isAcked(row)) continue
    const isWrite = requests.isWrite(row)
    const counts = isWrite || requests.endedMs(row) >= requestedMs
    const named = told.accounts(row)
    if (named === 0 && counts) reads.silent++
    for (let which = 0; which < named; which++) {
      const sights = sightsOf(accounts, told.account(row, which))
      if (isWrite) sights.acks.push(row * 2 + which)
      else sights.reads.push(row)
    }
    if (named > 0 && counts) {
      if (isWrite) acks++
      else answers++
    }
    if (!isWrite && told.session(row) !== undefined) reads.bySession = true
  }
  return [acks, answers]
}

function sightsOf(accounts: Map<number, Sights>, account: number): Sights {
  const known = accounts.get(account)
  if (known !== undefined) return known
  const sights = { acks: [], reads: [] }
  accounts.set(account, sights)
  return sights
}

/** In O(n log n): of the acknowledgements by version, the earliest of each version and all later ones. */
function countStale(all: Reads, requests: RequestTable, { acks, reads }: Sights, requestedMs: number): void {
  if (acks.length === 0) return
  const versionOf = (ack: number): number => requests.told.version(ack >>> 1, ack & 1)
  acks.sort((a, b) => versionOf(a) - versionOf(b))
  const earliestMs = new Float64Array(acks.length)
  let ms = Infinity
  for (let i = acks.length - 1; i >= 0; i--) {
    ms = Math.min(ms, requests.endedMs((acks[i] ?? 0) >>> 1))
    earliestMs[i] = ms
  }
  for (const row of reads) {
    const startedMs = requests.startedMs(row)
    if (requests.endedMs(row) < requestedMs || ms >= startedMs) continue
    const version = requests.told.version(row, 0)
    const unseenMs = earliestMs[firstAbove(acks, version, versionOf)] ?? Infinity
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

/** Index of the first acknowledgement of a higher version; their number when there is none. */
function firstAbove(acks: readonly number[], version: number, versionOf: (ack: number) => number): number {
  let [low, high] = [0, acks.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (versionOf(acks[middle] ?? 0) <= version) low = middle + 1
    else high = middle
  }
  return low
}

function countBack(all: Reads, requests: RequestTable, { reads }: Sights, requestedMs: number): void {
  const sessionOf = (row: number): number => requests.told.session(row) ?? -1
  reads.sort((a, b) => sessionOf(a) - sessionOf(b) || requests.startedMs(a) - requests.startedMs(b))
  for (let from = 0, to = 0; from < reads.length; from = to) {
    const session = sessionOf(reads[from] ?? 0)
    while (to < reads.length && sessionOf(reads[to] ?? 0) === session) to++
    if (to - from > 1) countBackWithin(all, requests, reads.slice(from, to), requestedMs)
  }
}

/** Reads of one account and one session, by their start. Each is held against the highest that had ended by then. */
function countBackWithin(all: Reads, requests: RequestTable, byStart: readonly number[], requestedMs: number): void {
  const byEnd = byStart.toSorted((a, b) => requests.endedMs(a) - requests.endedMs(b))
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
