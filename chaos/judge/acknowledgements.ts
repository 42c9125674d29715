/**
 * What clients' acknowledged writes say of the databases behind them: each names the database that committed it, some
 * time between the request's start and its answer. Databases are probed a few times a second; clients may see more.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { RequestTable } from '../journal/requests.ts'
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
  const byNode = Map.groupBy(spells, ({ node }) => node)
  const writes = new Map<string, Overlap[]>()
  const unseen: Unseen[] = []
  for (const row of acknowledgedWrites(requests)) {
    const database = requests.database(row)
    if (database === undefined) continue
    const fromMs = requests.startedMs(row) - aheadMs
    const toMs = requests.endedMs(row) - aheadMs
    if (!isNear(byNode.get(database) ?? [], fromMs, toMs)) unseen.push({ n: requests.n(row), database, endedMs: toMs })
    for (const [node, own] of byNode) {
      if (node === database || !surrounds(own, fromMs, toMs)) continue
      const key = `${node} ${database}`
      const its = writes.get(key) ?? []
      if (its.length === 0) writes.set(key, its)
      its.push({ nodes: [node, database].toSorted(), fromMs, toMs })
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

function* acknowledgedWrites(requests: RequestTable): Iterable<number> {
  for (let row = 0; row < requests.length; row++) if (requests.isWrite(row) && requests.isAcked(row)) yield row
}

/** Requests have the load generator's clock, probes the harness's. */
function surrounds(spells: readonly Spell[], fromMs: number, toMs: number): boolean {
  return spells.some((spell) => spell.fromMs + timingErrorMs < fromMs && toMs + timingErrorMs < spell.toMs)
}

function isNear(spells: readonly Spell[], fromMs: number, toMs: number): boolean {
  return spells.some((spell) => spell.fromMs - unseenLimitMs <= toMs && fromMs <= spell.toMs + unseenLimitMs)
}
