/** Whether the primary of the first fault's moment kept its place. */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import { isAsked } from './databases.ts'

export interface Tenure {
  kept: boolean
  /** "node at ms", once for the leader key and once for commits. */
  takeOvers: string[]
  /** Whether somebody watched throughout. */
  watched: boolean
  /** How often another node than the one before was primary: by keys or by commits, whichever are more. */
  changes: number
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
  const after = (signs: [node: string, atMs: number][]) =>
    signs.filter(([, atMs]) => atMs >= t0Ms).map(([node]) => (primaries.includes(node) ? 'the first' : node))
  const ofKeys = after(keys.flatMap(({ leader, atMs }) => (leader === null || atMs === t0Ms ? [] : [[leader, atMs]])))
  const ofCommits = after(
    reports.map((report): [string, number] => [report.node, begunMs(report)]).sort(([, a], [, b]) => a - b),
  )
  return {
    kept: takeOvers.length === 0,
    takeOvers: [...new Set(takeOvers)].sort(),
    watched,
    changes: Math.max(changes(ofKeys), changes(ofCommits)),
  }
}

function changes(nodes: readonly string[]): number {
  return ['the first', ...nodes].filter((node, i, all) => i > 0 && node !== all[i - 1]).length
}

function firsts(signs: readonly [node: string, atMs: number][]): string[] {
  return [...new Set(signs.map(([node]) => node))].map((node) => {
    const its = signs.filter(([other]) => other === node).map(([, atMs]) => atMs)
    return `${node} at ${Math.round(Math.min(...its))}`
  })
}
