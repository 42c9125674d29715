/** One primary: when did which database commit the probe write, and did two of them do so in the same instant? */
import type { RecordedJournal } from '../journal/recorded.ts'
import { nodesOf } from '../topology/topology.ts'

/** A node accepted writes from its first to its last answered probe commit. */
export interface Spell {
  node: string
  fromMs: number
  toMs: number
}
export interface Overlap {
  nodes: string[]
  fromMs: number
  toMs: number
}
export interface Primaries {
  dualWritableMs: number | null
  overlaps: Overlap[]
}

/** Overlaps that are listed. These are enough to judge a cluster that splits more often. */
const mostOverlaps = 1_000

/**
 * Overlapping spells of different nodes. `dualWritableMs` is null when some database node was never asked, or none was
 * seen to commit.
 */
export function measurePrimaries(journal: RecordedJournal): Primaries {
  const spells = writableSpells(journal)
  const overlaps = overlapsOf(spells)
  const databases = nodesOf(journal.opened.topology, 'database').map((node) => node.name)
  // Some node must have committed: a probe that never saw a primary would not have seen two.
  const allAsked = databases.length > 0 && spells.length > 0 && databases.every((name) => wasAsked(journal, name))
  // Two nodes seen accepting at once are split brain even if a third was not asked.
  return { overlaps, dualWritableMs: allAsked || overlaps.length > 0 ? overlappingMs(spells) : null }
}

/** A standby that refuses from first to last changes nothing, so its observer's start is all there is of it. */
export function wasAsked(journal: RecordedJournal, node: string): boolean {
  return (
    journal.of('database.writable').some((event) => event.node === node) ||
    journal
      .of('observer.started')
      .some((event) => event.observer === 'database' && (event.subject === node || event.subject === `${node} write`))
  )
}

/** The spell that is still open at the end of the journal lasts until there. */
function writableSpells(journal: RecordedJournal): Spell[] {
  const spells: Spell[] = []
  const open = new Map<string, number>()
  for (const event of journal.of('database.writable')) {
    const fromMs = open.get(event.node)
    if (event.accepting) {
      if (fromMs === undefined) open.set(event.node, event.commitMs ?? event.atMs)
    } else if (fromMs !== undefined) {
      // Without the last commit's time, the last sample that still showed the old state is the best there is.
      spells.push({
        node: event.node,
        fromMs,
        toMs: Math.max(fromMs, event.commitMs ?? event.atMs - event.uncertaintyMs),
      })
      open.delete(event.node)
    }
  }
  for (const [node, fromMs] of open) spells.push({ node, fromMs, toMs: Math.max(fromMs, journal.lastAtMs) })
  return spells.toSorted((a, b) => a.fromMs - b.fromMs || a.node.localeCompare(b.node))
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
