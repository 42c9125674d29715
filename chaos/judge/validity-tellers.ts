/**
 * Does the journal tell what nobody in its world could tell? A database of which a URL says the role commits nothing for
 * Blackstart and knows no standbys; one that is said to be such and does both is another. So no world gets rid of what
 * it would have to show by calling its databases by another name.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { isPostgres, nodesOf, tellsRoleOnly } from '../topology/topology.ts'
import { isOfWrites, nodeOf } from './observers.ts'
import type { Defect } from './validity-load.ts'

export function tellersDefect(journal: RecordedJournal): Defect {
  return clusterDefect(journal) ?? observedDefect(journal) ?? roleOnlyDefect(journal)
}

/** Only PostgreSQL says of which cluster it is. */
function clusterDefect({ opened }: RecordedJournal): Defect {
  const told = opened.systemIdentifier ?? opened.versions['postgresql']
  return told !== undefined && !nodesOf(opened.topology, 'database').some(isPostgres)
    ? `it tells of PostgreSQL (${told}), and the topology has no such database`
    : undefined
}

/** Whoever was observed as a database, or followed one, is one. */
function observedDefect(journal: RecordedJournal): Defect {
  const databases = new Set(nodesOf(journal.opened.topology, 'database').map(({ name }) => name))
  const observed = [...journal.of('observer.started'), ...journal.of('observer.summary')].find(
    (event) => event.observer === 'database' && !databases.has(nodeOf(event)),
  )
  if (observed !== undefined) return `${nodeOf(observed)} was observed as a database, and is none in the topology`
  const standby = journal
    .of('redundant')
    .flatMap(({ standbys }) => standbys)
    .find((name) => !databases.has(name))
  return standby && `${standby} is said to have followed a primary, and is no database in the topology`
}

function roleOnlyDefect(journal: RecordedJournal): Defect {
  const { topology, audit } = journal.opened
  const silent = new Set(
    nodesOf(topology, 'database')
      .filter(tellsRoleOnly)
      .map(({ name }) => name),
  )
  if (silent.size === 0) return undefined
  const told = [
    ...journal.of('database.writable').map(({ kind, node }) => ({ kind, node })),
    ...[...journal.of('database.replication'), ...journal.of('redundant')].map(({ kind, primary }) => ({
      kind,
      node: primary,
    })),
    ...[...journal.of('observer.started'), ...journal.of('observer.summary')]
      .filter(isOfWrites)
      .map((event) => ({ kind: event.kind, node: nodeOf(event) })),
    ...(audit === undefined ? journal.of('audit.read').map(({ kind, node }) => ({ kind, node })) : []),
  ].find(({ node }) => silent.has(node))
  return told && `"${told.kind}" is of ${told.node}, and of that a URL says the role and nothing more`
}
