/** One primary: when did which database commit the probe write, and did two of them do so in the same instant? */
import type { RecordedJournal } from '../journal/recorded.ts'
import { databasesThatTell, isMultiPrimary, nodesOf } from '../topology/topology.ts'
import { type ClientEvidence, clientEvidence, type Unseen } from './acknowledgements.ts'
import { type Overlap, type Spell, writableSpells } from './spells.ts'
import { clocksComparable } from './validity-clocks.ts'
import { type DatabaseWatch, watchOfDatabases } from './watch-databases.ts'

export interface Diverged {
  node: string
  timeline: number
  atMs: number
  /** Who had committed on this timeline, or a later one, before. */
  other: string
  otherTimeline: number
}

export interface Primaries {
  /** Null if some database was not asked throughout, or none was seen to commit; unless two were. */
  dualWritableMs: number | null
  overlaps: Overlap[]
  /** Acknowledged writes whose database nobody saw accepting then. */
  unseen: Unseen[]
  /** A database that committed on a timeline that another one had already, which no promotion does. */
  diverged: Diverged | undefined
  /** Every database takes writes, so that two at once are no split brain. */
  multiPrimary: boolean
  /** How closely the databases were watched. */
  watch: DatabaseWatch
}

/** Overlaps that are listed. These are enough to judge a cluster that splits more often. */
const mostOverlaps = 1_000

/**
 * By the databases' own commits, asked one by one, and by what they acknowledged to clients, unless their clock
 * contradicts itself. `aheadMs`: how far it is ahead.
 */
export function measurePrimaries(journal: RecordedJournal, aheadMs: number): Primaries {
  const spells = writableSpells(journal)
  const clients = clocksComparable(journal) ? evidenceOf(journal, spells, aheadMs) : { overlaps: [], unseen: [] }
  const watch = watchOfDatabases(journal)
  if (nodesOf(journal.opened.topology, 'database').some(isMultiPrimary))
    return {
      overlaps: [],
      unseen: clients.unseen,
      diverged: undefined,
      watch,
      dualWritableMs: null,
      multiPrimary: true,
    }
  const overlaps = [...overlapsOf(spells), ...clients.overlaps]
    .toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
    .slice(0, mostOverlaps)
  // Some node must have committed: a probe that never saw a primary would not have seen two.
  const asked = watch.defect === undefined && watch.unaskable === undefined
  const throughout = asked && spells.length > 0 && clients.unseen.length === 0
  // Two nodes seen accepting at once are split brain even if a third was not asked.
  const seenMs = clients.overlaps.length === 0 ? overlappingMs(spells) : union(overlaps)
  return {
    overlaps,
    unseen: clients.unseen,
    diverged: divergedOf(journal),
    watch,
    multiPrimary: false,
    dualWritableMs: throughout || overlaps.length > 0 ? seenMs : null,
  }
}

/** No probe could have seen what a database acknowledged that is asked for its role alone. */
function evidenceOf(journal: RecordedJournal, spells: readonly Spell[], aheadMs: number): ClientEvidence {
  const { overlaps, unseen } = clientEvidence(journal, spells, aheadMs)
  const told = new Set(databasesThatTell(journal.opened.topology).map(({ name }) => name))
  return { overlaps, unseen: unseen.filter(({ database }) => told.has(database)) }
}

/** Each promotion begins a later timeline: so it was with all 45 changes of primary in real trials. */
function divergedOf(journal: RecordedJournal): Diverged | undefined {
  let latest: { node: string; timeline: number } | undefined
  for (const { node, accepting, timeline, commitMs, atMs } of journal.of('database.writable')) {
    if (!accepting || timeline === null) continue
    if (latest !== undefined && latest.node !== node && timeline <= latest.timeline)
      return { node, timeline, atMs: commitMs ?? atMs, other: latest.node, otherTimeline: latest.timeline }
    if (latest === undefined || timeline >= latest.timeline) latest = { node, timeline }
  }
  return undefined
}

/** Time that at least one of them covers. Expects them sorted by start. */
function union(overlaps: readonly Overlap[]): number {
  let sum = 0
  let coveredTo = -Infinity
  for (const { fromMs, toMs } of overlaps) {
    sum += Math.max(0, toMs - Math.max(fromMs, coveredTo))
    coveredTo = Math.max(coveredTo, toMs)
  }
  return sum
}

/** The first of them, by their start. Expects spells sorted by start. */
function overlapsOf(spells: readonly Spell[]): Overlap[] {
  const overlaps: Overlap[] = []
  let open: Spell[] = []
  for (const spell of spells) {
    if (overlaps.length >= mostOverlaps) break
    open = open.filter((earlier) => earlier.toMs > spell.fromMs)
    for (const earlier of open) {
      if (earlier.node !== spell.node)
        overlaps.push({
          nodes: [earlier.node, spell.node].toSorted(),
          fromMs: spell.fromMs,
          toMs: overlapEndMs(earlier.toMs, spell),
        })
    }
    open.push(spell)
  }
  return overlaps.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs).slice(0, mostOverlaps)
}

/** A single commit inside another node's spell has no length, but it happened: a millisecond is the least we report. */
function overlapEndMs(earlierEndMs: number, { fromMs, toMs }: Spell): number {
  return Math.max(Math.min(earlierEndMs, toMs), fromMs + 1)
}

/**
 * Time in which at least one pair overlaps; three nodes at once do not count twice. Expects spells sorted by start:
 * then each overlaps longest with whichever other node's earlier one ends last, so two candidates are enough to know.
 */
function overlappingMs(spells: readonly Spell[]): number {
  let sum = 0
  let coveredTo = -Infinity
  let last: Spell | undefined
  let lastOfOthers: Spell | undefined
  for (const spell of spells) {
    const earlier = last?.node === spell.node ? lastOfOthers : last
    if (earlier !== undefined && earlier.toMs > spell.fromMs) {
      const endMs = overlapEndMs(earlier.toMs, spell)
      sum += Math.max(0, endMs - Math.max(spell.fromMs, coveredTo))
      coveredTo = Math.max(coveredTo, endMs)
    }
    if (last === undefined || spell.node === last.node)
      last = last !== undefined && last.toMs > spell.toMs ? last : spell
    else if (spell.toMs > last.toMs) [last, lastOfOthers] = [spell, last]
    else if (lastOfOthers === undefined || spell.toMs > lastOfOthers.toMs) lastOfOthers = spell
  }
  return sum
}
