/** One primary: when did which database commit the probe write, and did two of them do so in the same instant? */
import type { RecordedJournal } from '../journal/recorded.ts'
import { nodesOf } from '../topology/topology.ts'

/** A node accepted writes from its first to its last answered probe commit. */
export type Spell = { node: string; fromMs: number; toMs: number }
export type Overlap = { nodes: string[]; fromMs: number; toMs: number }
export type Primaries = { dualWritableMs: number | null; overlaps: Overlap[] }

/** Overlapping spells of different nodes. `dualWritableMs` is null when some database node was never asked, or none was seen to commit. */
export function measurePrimaries(journal: RecordedJournal): Primaries {
  const spells = writableSpells(journal)
  const overlaps = overlapsOf(spells)
  const databases = nodesOf(journal.opened.topology, 'database').map((node) => node.name)
  // Somebody must have: a probe that never saw a primary would not have seen two.
  const allAsked = databases.length > 0 && spells.length > 0 && databases.every((name) => wasAsked(journal, name))
  // Two nodes seen accepting at once are split brain even if a third was not asked.
  return { overlaps, dualWritableMs: allAsked || overlaps.length > 0 ? unionLength(overlaps) : null }
}

/** A standby that refuses from first to last changes nothing, so its observer's start is all there is of it. */
export function wasAsked(journal: RecordedJournal, node: string): boolean {
  return journal.of('database.writable').some((event) => event.node === node) ||
    journal.of('observer.started').some((event) => event.observer === 'database' && (event.subject === node || event.subject === `${node} write`))
}

/** The spell that is still open at the end of the journal lasts until there. */
export function writableSpells(journal: RecordedJournal): Spell[] {
  const spells: Spell[] = []
  const open = new Map<string, number>()
  for (const event of journal.of('database.writable')) {
    const fromMs = open.get(event.node)
    if (event.accepting) {
      if (fromMs === undefined) open.set(event.node, event.commitMs ?? event.atMs)
    } else if (fromMs !== undefined) {
      // Without the last commit's time, the last sample that still showed the old state is the best there is.
      spells.push({ node: event.node, fromMs, toMs: Math.max(fromMs, event.commitMs ?? event.atMs - event.uncertaintyMs) })
      open.delete(event.node)
    }
  }
  for (const [node, fromMs] of open) spells.push({ node, fromMs, toMs: Math.max(fromMs, journal.lastAtMs) })
  return spells.sort((a, b) => a.fromMs - b.fromMs || a.node.localeCompare(b.node))
}

function overlapsOf(spells: readonly Spell[]): Overlap[] {
  const overlaps: Overlap[] = []
  for (const [i, first] of spells.entries()) {
    for (const second of spells.slice(i + 1)) {
      if (second.fromMs >= first.toMs) continue
      if (first.node === second.node) continue
      // A single commit inside another node's spell has no length, but it happened: a millisecond is the least we report.
      const toMs = Math.max(Math.min(first.toMs, second.toMs), second.fromMs + 1)
      overlaps.push({ nodes: [first.node, second.node].sort(), fromMs: second.fromMs, toMs })
    }
  }
  return overlaps.sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
}

/** Time in which at least one pair overlaps; three nodes at once do not count twice. Expects overlaps sorted by start. */
function unionLength(overlaps: readonly Overlap[]): number {
  let sum = 0
  let coveredTo = -Infinity
  for (const { fromMs, toMs } of overlaps) {
    sum += Math.max(0, toMs - Math.max(fromMs, coveredTo))
    coveredTo = Math.max(coveredTo, toMs)
  }
  return sum
}
