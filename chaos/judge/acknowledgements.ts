/**
 * What clients' acknowledged writes say of the databases behind them: each names the database that committed it, some
 * time between the request's start and its answer. Databases are probed a few times a second; clients may see more.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { Overlap, Spell } from './spells.ts'
import { timingErrorMs } from './validity-times.ts'

/** A write that was acknowledged at a time at which nobody saw its database accept. */
export interface Unseen {
  n: number
  database: string
  endedMs: number
}

/**
 * A promotion is seen at the next probe, which may wait for a second. In real runs no write was acknowledged more than
 * 0.16 s away from a time in which its database was seen to commit (docs/decisions.md, "One primary").
 */
const unseenLimitMs = 1_000
/** Writes further apart than this are separate overlaps. */
const oneOverlapMs = 1_000

export interface ClientEvidence {
  /** Writes of clients that one database acknowledged while another was seen to accept writes throughout. */
  overlaps: Overlap[]
  unseen: Unseen[]
}

/**
 * Compares each acknowledged write with the times in which probes saw the databases accept. A write that lies wholly
 * within another database's time was committed by a second primary: the other one committed before it, after it, and
 * was not seen to stop in between.
 */
export function clientEvidence(
  { requests }: RecordedJournal,
  spells: readonly Spell[],
  aheadMs: number,
): ClientEvidence {
  const ofDatabase = new Map<string, SpellsOf>()
  const writes = new Map<string, Overlap[]>()
  const unseen: Unseen[] = []
  for (let row = 0; row < requests.length; row++) {
    if (!requests.isWrite(row) || !requests.isAcked(row)) continue
    const database = requests.database(row)
    if (database === undefined) continue
    const fromMs = requests.startedMs(row) - aheadMs
    const toMs = requests.endedMs(row) - aheadMs
    const { own, others } = ofDatabase.get(database) ?? spellsOf(database, spells, ofDatabase)
    if (!isNear(own, fromMs, toMs)) unseen.push({ n: requests.n(row), database, endedMs: toMs })
    for (const { node, its } of others) {
      if (!surrounds(its, fromMs, toMs)) continue
      const key = `${node} ${database}`
      const within = writes.get(key) ?? []
      if (within.length === 0) writes.set(key, within)
      within.push({ nodes: [node, database].toSorted(), fromMs, toMs })
    }
  }
  return { overlaps: [...writes.values()].flatMap(joined), unseen }
}

/** Answers come in another order than their requests began. */
function joined(writes: Overlap[]): Overlap[] {
  const overlaps: Overlap[] = []
  for (const write of writes.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = overlaps.at(-1)
    if (last !== undefined && write.fromMs - last.toMs < oneOverlapMs) last.toMs = Math.max(last.toMs, write.toMs)
    else overlaps.push({ ...write })
  }
  return overlaps
}

/** When a database accepted writes, and when each other one did. */
interface SpellsOf {
  own: Spell[]
  others: { node: string; its: Spell[] }[]
}

/** Sought once for each database, and kept in `known`. */
function spellsOf(database: string, spells: readonly Spell[], known: Map<string, SpellsOf>): SpellsOf {
  const { true: own = [], false: others = [] } = Object.groupBy(spells, ({ node }) => `${node === database}`)
  const byNode = Map.groupBy(others, ({ node }) => node)
  const found = { own, others: [...byNode].map(([node, its]) => ({ node, its })) }
  known.set(database, found)
  return found
}

/** Requests have the load generator's clock, probes the harness's. */
function surrounds(spells: readonly Spell[], fromMs: number, toMs: number): boolean {
  return spells.some((spell) => spell.fromMs + timingErrorMs < fromMs && toMs + timingErrorMs < spell.toMs)
}

function isNear(spells: readonly Spell[], fromMs: number, toMs: number): boolean {
  return spells.some((spell) => spell.fromMs - unseenLimitMs <= toMs && fromMs <= spell.toMs + unseenLimitMs)
}
