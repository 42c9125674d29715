/** Were the standbys up to date when the fault came? What a lost region may cost depends on it. */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { databasesThatTell, isMultiPrimary, type Node, nodesOf } from '../topology/topology.ts'
import { primaryBefore } from './failover.ts'
import { duration } from './figures.ts'
import { caughtUpBytes } from './redundancy.ts'
import type { Defect } from './validity-load.ts'
import { some } from './words.ts'

/** The last look at replication comes this much before the fault: 2 ms in 55 real trials. */
const lookedWithinMs = 1_000

type Seen = EventOf<'database.replication'>

/**
 * How many standbys must be synchronous is the label `blackstart.synchronous-standbys` of the databases, or two (or
 * all, if there are fewer): enough that any two of three hold every acked write. Redis and MariaDB have none by nature.
 */
export function replicationDefect(journal: RecordedJournal, requestedMs: number | null): Defect {
  const databases = databasesThatTell(journal.opened.topology)
  if (databases.length < 2) return undefined
  const seen = lastSeen(journal, requestedMs)
  if (seen === undefined) return 'replication was not observed before the fault'
  // It is looked at once more when the fault is due.
  const stage = journal.of('stage.entered').find((event) => event.stage === 'fault')
  if (stage !== undefined && !journal.opened.byHand && stage.atMs - seen.atMs > lookedWithinMs)
    return `replication was observed ${duration(stage.atMs - seen.atMs)} before the fault, and not again`
  const { node: primary } = primaryBefore(journal, requestedMs ?? Infinity)
  // Where all take writes, what one of them says of the others is as good as another's word.
  if (primary !== null && primary !== seen.primary && !databases.some(isMultiPrimary))
    return `replication was observed from ${seen.primary}, and ${primary} was primary`
  return standbyDefect(databases, seen) ?? synchronousDefect(databases, seen)
}

/** What holds, in words. How far behind a standby was is said where nobody knows it. */
export function replicationWords(journal: RecordedJournal, requestedMs: number | null): string {
  const { topology } = journal.opened
  const databases = databasesThatTell(topology)
  if (databases.length < 2)
    return nodesOf(topology, 'database').length > databases.length
      ? 'not looked for: a database of which a URL says the role tells nothing of its standbys'
      : 'there is no standby that Blackstart knows'
  const unknown = (lastSeen(journal, requestedMs)?.standbys ?? []).filter(({ lagBytes }) => lagBytes === null)
  const words = 'every standby was streaming before the fault'
  return unknown.length === 0
    ? words
    : `${words}; how far ${some(unknown.map(({ node }) => node))} was behind, the database did not say`
}

function lastSeen(journal: RecordedJournal, requestedMs: number | null): Seen | undefined {
  return journal.of('database.replication').findLast((event) => requestedMs === null || event.atMs <= requestedMs)
}

function standbyDefect(databases: readonly Node[], seen: Seen): Defect {
  for (const node of databases) {
    const { name } = node
    if (name === seen.primary) continue
    const standby = seen.standbys.find((candidate) => candidate.node === name)
    if (standby?.state !== 'streaming')
      return `${name} was ${standby === undefined ? 'not connected to' : `${standby.state}, not streaming from`} ${seen.primary}`
    if (standby.lagBytes === null && mayNotKnowLag(node)) continue
    if (standby.lagBytes === null || standby.lagBytes < 0) return `how far ${name} was behind is not known`
    if (standby.lagBytes > caughtUpBytes) return `${name} was ${standby.lagBytes} bytes behind`
  }
  return undefined
}

/**
 * MariaDB does not say how far a replica is behind that reads from another file of its log, nor does a user who may not
 * ask; PostgreSQL always does. What a replica lacks of it shows as a loss all the same: it improves no result.
 */
function mayNotKnowLag({ attributes }: Node): boolean {
  return attributes['database.engine'] === 'mariadb'
}

function synchronousDefect(databases: readonly Node[], seen: Seen): Defect {
  const label = databases.map((node) => node.attributes['synchronous-standbys']).find((value) => value !== undefined)
  const wanted = label === undefined ? usuallySynchronous(databases) : Number(label)
  const synchronous = seen.standbys.filter((standby) => standby.sync === 'sync' || standby.sync === 'quorum').length
  return synchronous < wanted
    ? `${synchronous} of ${seen.standbys.length} standbys were synchronous; ${wanted} should have been`
    : undefined
}

/** Redis and MariaDB confirm a write without their replicas, unless they are told otherwise. */
function usuallySynchronous(databases: readonly Node[]): number {
  const asynchronous = databases.every(
    (node) => ['mariadb', 'redis'].includes(node.attributes['database.engine'] ?? '') && !isMultiPrimary(node),
  )
  return asynchronous ? 0 : Math.min(2, databases.length - 1)
}
