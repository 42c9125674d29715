/** Each write of the client stream, looked up on every database. */
import type { Ranges } from '../journal/ranges.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import type { Outcome } from '../journal/requests.ts'
import { type Arrivals, rowAt } from './arrivals.ts'
import { type Audit, type Audits, snapshotMs, toBeRead } from './audits.ts'

const samplesAtMost = 20

export interface LostWrite {
  n: number
  ackedAtMs: number
  region: string | undefined
  absentFrom: string[]
}

export interface Tally {
  acked: number
  rejected: number
  unknown: number
  lost: number
  firstLostMs: number
  lastLostMs: number
  samples: LostWrite[]
  unknownStored: number
  /** Arrival numbers of rejected writes that are stored. */
  resurrected: number[]
  divergent: number
  /** Divergent writes of unknown outcome that may still have been on their way. */
  unsettled: number
  /** By node: writes that an earlier reading of it found, and the last one did not. */
  vanished: Map<string, number>
  /** Acked writes that no database held in an earlier round of reading, after the last of them had been acknowledged. */
  appeared: number
  /** Stored writes that no request of the journal sent, by node. */
  unsent: Map<string, number>
}

/** `provesAbsence`: from how many databases an acked write must be absent to be lost. */
export interface Tallied {
  journal: RecordedJournal
  arrivals: Arrivals
  audits: Audits
  provesAbsence: number
  /** Numbers greater than `after`, up to `upTo`: some requests of these have no record. */
  unrecorded: { after: number; upTo: number } | undefined
}

export function compare(options: Tallied): Tally {
  const { journal, arrivals, audits, provesAbsence, unrecorded } = options
  const { requests } = journal
  const tally = emptyTally()
  const openFromMs = onTheirWayFromMs(journal, audits)
  const rounds = earlierRounds(journal, audits)
  // Databases that agree hold the same list, which is looked up once.
  const lists = [...Map.groupBy(audits.read, ({ stored }) => stored)].map(([stored, { length: holders }]) => ({
    stored,
    holders,
    unsent: stored.size - excused(stored, unrecorded),
  }))
  for (let i = 0; i < arrivals.count; i++) {
    const row = rowAt(arrivals, i)
    if (!requests.isWrite(row)) continue
    const n = requests.n(row)
    const isAcked = requests.isAcked(row)
    let absent = 0
    for (const list of lists) {
      if (!list.stored.has(n)) absent += list.holders
      else if (isRecorded(n, unrecorded)) list.unsent--
    }
    // Nearly all of a million writes; the others may take their time.
    if (isAcked) tally.acked++
    if (isAcked && rounds.length > 0 && rounds.some((round) => !round.some((stored) => stored.has(n)))) tally.appeared++
    if (isAcked && absent === 0) continue
    const outcome = requests.outcome(row)
    if (!isAcked) tally[outcome]++
    note(tally, { n, outcome, absent, endedMs: requests.endedMs(row), openFromMs, read: audits.read })
    if (isAcked && absent >= provesAbsence) {
      const absentFrom = audits.read.filter((audit) => !audit.stored.has(n)).map((audit) => audit.node)
      addLost(tally, { n, ackedAtMs: requests.endedMs(row), region: requests.region(row), absentFrom })
    }
  }
  for (const { node, stored } of audits.read)
    tally.unsent.set(node, lists.find((list) => list.stored === stored)?.unsent ?? 0)
  return tally
}

/**
 * What the databases held in each round before the last, where all of them were read. Apps may be late to show what is
 * stored.
 */
function earlierRounds(journal: RecordedJournal, { read }: Audits): Ranges[][] {
  const by = journal.opened.audit?.by ?? 'database'
  if (by !== 'database' || read.length === 0 || read.length < toBeRead(journal).length) return []
  const rounds = Math.min(...read.map(({ earlier }) => earlier.length))
  return Array.from({ length: rounds }, (_, round) => read.flatMap(({ earlier }) => earlier[round] ?? []))
}

function isRecorded(n: number, unrecorded: Tallied['unrecorded']): boolean {
  return unrecorded === undefined || n <= unrecorded.after || n > unrecorded.upTo
}

function excused(stored: Audit['stored'], unrecorded: Tallied['unrecorded']): number {
  return unrecorded === undefined ? 0 : stored.sizeUpTo(unrecorded.upTo) - stored.sizeUpTo(unrecorded.after)
}

/** Counts one write that is not where it should be, or should not be where it is. */
function note(
  tally: Tally,
  write: { n: number; outcome: Outcome; absent: number; endedMs: number; openFromMs: number; read: readonly Audit[] },
): void {
  const { n, outcome, absent, endedMs, openFromMs, read } = write
  const stored = absent < read.length
  if (stored && absent > 0) {
    tally.divergent++
    if (outcome === 'unknown' && endedMs > openFromMs) tally.unsettled++
  }
  if (stored && outcome === 'unknown') tally.unknownStored++
  if (stored && outcome === 'rejected') tally.resurrected.push(n)
  for (const { node, stored: last, earlier } of read) {
    if (!last.has(n) && earlier.some((before) => before.has(n)))
      tally.vanished.set(node, (tally.vanished.get(node) ?? 0) + 1)
  }
}

function emptyTally(): Tally {
  return {
    acked: 0,
    rejected: 0,
    unknown: 0,
    lost: 0,
    firstLostMs: Infinity,
    lastLostMs: -Infinity,
    samples: [],
    unknownStored: 0,
    resurrected: [],
    divergent: 0,
    unsettled: 0,
    vanished: new Map(),
    appeared: 0,
    unsent: new Map(),
  }
}

/**
 * Writes that ended later than this may still have been on their way when the databases were read: none if all were
 * read again. Otherwise we grant a write as long as the client had waited for it; the longest write of the apps here
 * takes 1.1 s.
 */
function onTheirWayFromMs(journal: RecordedJournal, { read, readAgain }: Audits): number {
  if (readAgain) return Infinity
  return Math.min(...read.map(({ event }) => snapshotMs(event))) - journal.opened.scenario.load.timeoutMs
}

function addLost(tally: Tally, write: LostWrite): void {
  tally.lost++
  tally.firstLostMs = Math.min(tally.firstLostMs, write.ackedAtMs)
  tally.lastLostMs = Math.max(tally.lastLostMs, write.ackedAtMs)
  if (tally.samples.length < samplesAtMost) tally.samples.push(write)
}
