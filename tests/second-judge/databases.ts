/** Who accepted writes and when: two databases at the same time are two primaries. */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import { type Interval, lengthOf, unionOf } from './intervals.ts'

interface Spell extends Interval {
  node: string
}

/**
 * From the first commit of a spell to its last. A spell that nobody saw end lasts as long as the journal. Where the
 * last commit is not told, the last look that still saw the old state stands for it.
 */
export function spellsOf(journal: RecordedJournal): Spell[] {
  const reports = journal.of('database.writable')
  return reports.flatMap((report, i) => {
    const { node, accepting } = report
    // Written on each change only: one that says the same again begins nothing.
    if (!accepting || reports.slice(0, i).findLast((earlier) => earlier.node === node)?.accepting) return []
    const end = reports.slice(i).find((later) => later.node === node && !later.accepting)
    const fromMs = report.commitMs ?? report.atMs
    const toMs = end === undefined ? journal.lastAtMs : (end.commitMs ?? end.atMs - end.uncertaintyMs)
    return [{ node, fromMs, toMs: Math.max(fromMs, toMs) }]
  })
}

/** All times at which at least two databases accepted writes. A commit within another's spell takes a millisecond. */
export function overlapsOf(spells: readonly Spell[]): Interval[] {
  return unionOf(
    spells.flatMap((one) =>
      spells
        .filter((other) => other.node !== one.node && one.fromMs <= other.fromMs && other.fromMs < one.toMs)
        .map((other) => ({ fromMs: other.fromMs, toMs: Math.max(other.fromMs + 1, Math.min(one.toMs, other.toMs)) })),
    ),
  )
}

/** How far the clocks of clients and observers may differ. */
const clocksApartMs = 10
/** Writes of one pair of databases that are no further apart are one overlap. */
const oneOverlapMs = 1000

/**
 * Clients that were told who had written, while another database was seen to commit before and after it. Each write
 * counts from its start to its answer.
 */
export function provedByClients(spells: readonly Spell[], requests: readonly RequestEvent[]): Interval[] {
  const writes = requests.filter(({ op, outcome, database }) => op === 'write' && outcome === 'acked' && database)
  const surrounds = ({ fromMs, toMs }: Spell, { startedMs, endedMs }: RequestEvent): boolean =>
    fromMs < startedMs - clocksApartMs && endedMs + clocksApartMs < toMs
  const found = spells.flatMap((spell) =>
    writes
      .filter((write) => write.database !== spell.node && surrounds(spell, write))
      .map((write) => ({ pair: `${spell.node} ${write.database}`, fromMs: write.startedMs, toMs: write.endedMs })),
  )
  return [...new Set(found.map(({ pair }) => pair))].flatMap((pair) => joined(found.filter((one) => one.pair === pair)))
}

function joined(overlaps: readonly Interval[]): Interval[] {
  const wider = overlaps.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + oneOverlapMs }))
  return unionOf(wider).map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs - oneOverlapMs }))
}

/** Null unless every database was asked and one of them was seen to commit, or two were seen to at once. */
export function dualWritableMs(journal: RecordedJournal, requests: readonly RequestEvent[]): number | null {
  const spells = spellsOf(journal)
  const overlaps = unionOf([...overlapsOf(spells), ...provedByClients(spells, requests)])
  const asked = journal.opened.topology.nodes
    .filter(({ role }) => role === 'database')
    .every(({ name }) => isAsked(journal, name))
  return overlaps.length > 0 || (asked && spells.length > 0) ? lengthOf(overlaps) : null
}

/** Whether some database committed on a timeline that was another's already: it did not follow that one. */
export function isDiverged(journal: RecordedJournal): boolean {
  const commits = journal.of('database.writable').filter(({ accepting, timeline }) => accepting && timeline !== null)
  return commits.some((later, i) =>
    commits.slice(0, i).some(({ node, timeline }) => node !== later.node && Number(timeline) >= Number(later.timeline)),
  )
}

export function isAsked(journal: RecordedJournal, node: string): boolean {
  return (
    journal.of('database.writable').some((report) => report.node === node) ||
    journal.of('observer.started').some((started) => started.subject.split(' ')[0] === node)
  )
}
