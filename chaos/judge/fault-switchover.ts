/** Did the switchover happen, and to the database that it names? The leader key and the commits say so. */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { FaultRecord } from './faults.ts'
import type { Defect } from './validity-load.ts'

/** Undefined where it did, or where another fault acted on one of the two first, as the evidence says. */
export function switchoverDefect(
  journal: RecordedJournal,
  { requested, effectiveMs, evidence }: FaultRecord,
  faults: readonly FaultRecord[],
): Defect {
  const { fault, namedWith, with: given, named, nodes } = requested
  if (fault !== 'switchover' || effectiveMs === null) return undefined
  const to = (namedWith ?? given)?.['to']
  if (typeof to !== 'string' || to === 'other') return undefined
  const from = named?.scope === 'node' ? named.name : nodes[0]
  const isTaken = faults.some(
    ({ requested: other }) =>
      other !== requested &&
      other.atMs <= effectiveMs &&
      [...other.nodes, ...(other.disturbed ?? [])].some((name) => name === to || name === from),
  )
  if (isTaken && evidence.some((line) => line.includes('acted first'))) return undefined
  const byThen = ({ atMs }: { atMs: number }): boolean => atMs <= effectiveMs
  const commits = journal.of('database.writable').findLast((event) => event.node === to && byThen(event))
  if (commits?.accepting !== true) return `${to} was not seen to accept writes by then`
  if (commits.atMs < requested.atMs) return `${to} accepted writes before it was requested`
  const keys = journal.of('dcs.leader').filter(byThen)
  const newest = keys.reduce((revision, event) => Math.max(revision, event.revision), -Infinity)
  const holder = keys.find(({ revision }) => revision === newest)
  return holder !== undefined && holder.leader !== to
    ? `${holder.leader ?? 'nobody'} held the leader key then, and not ${to}`
    : undefined
}
