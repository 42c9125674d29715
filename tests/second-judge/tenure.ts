/** Whether the primary of the first fault's moment kept its place. */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import { isAsked } from './databases.ts'

export interface Tenure {
  kept: boolean
  /** "node at ms", once for the leader key and once for commits. */
  takeOvers: string[]
}

/**
 * The primary is who commits, and who holds the leader key. Another one takes over by holding the leader key, or by a commit of its own. Null where nobody watched: neither the
 * leader key, nor every database.
 */
export function tenureOf(journal: RecordedJournal, t0Ms: number): Tenure | null {
  const reports = journal.of('database.writable').filter(({ accepting }) => accepting)
  const begunMs = (report: (typeof reports)[number]): number => report.commitMs ?? report.atMs
  const keys = journal.of('dcs.leader')
  const holder = keys.findLast(({ atMs }) => atMs <= t0Ms)?.leader ?? null
  const committing = reports.findLast((report) => begunMs(report) <= t0Ms)?.node ?? null
  const primaries = [holder, committing]
  if (holder === null && committing === null) return null
  const byKey = keys.filter(({ atMs, leader }) => atMs > t0Ms && leader !== null && !primaries.includes(leader))
  const byCommit = reports.filter((report) => begunMs(report) > t0Ms && !primaries.includes(report.node))
  const watched =
    journal.of('observer.started').some(({ observer }) => observer === 'dcs') ||
    journal.opened.topology.nodes.every(({ role, name }) => role !== 'database' || isAsked(journal, name))
  const takeOvers = [
    ...firsts(byKey.map(({ leader, atMs }) => [leader ?? '', atMs])),
    ...firsts(byCommit.map((report) => [report.node, begunMs(report)])),
  ]
  if (takeOvers.length === 0 && !watched) return null
  return { kept: takeOvers.length === 0, takeOvers: [...new Set(takeOvers)].sort() }
}

function firsts(signs: readonly [node: string, atMs: number][]): string[] {
  return [...new Set(signs.map(([node]) => node))].map((node) => {
    const its = signs.filter(([other]) => other === node).map(([, atMs]) => atMs)
    return `${node} at ${Math.round(Math.min(...its))}`
  })
}
