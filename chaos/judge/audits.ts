/**
 * The audits of a trial: what every database holds after heal and catch-up, and which of the readings can be believed.
 *
 * A reading is refused where it contradicts itself or cannot be what it says it is: of another world, of another server,
 * too early, or with another number of rows than it lists. What was refused counts as not read.
 */
import { parseRanges, type Ranges } from '../journal/ranges.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { databasesThatTell, nodesOf } from '../topology/topology.ts'
import { startDefect, strangeServer } from './audit-servers.ts'
import { derived } from './derived.ts'
import { counted, moment } from './figures.ts'
import { redundancyDefect, redundantAfterHeal, roleAt } from './redundancy.ts'
import { redundancyLapsed } from './redundant-since.ts'
import { some } from './words.ts'

export type Reading = EventOf<'audit.read'>

export interface Audit {
  node: string
  /** The last reading of this node. */
  event: Reading
  stored: Ranges
  /** What the readings before it found, in order. */
  earlier: Ranges[]
  /** All its readings, in order: what one of them found was there, whatever the next one finds. */
  readings: Reading[]
}

export interface Audits {
  /** One for each database that was read, by name. */
  read: readonly Audit[]
  /** Why they do not say everything; null when they do. */
  defect: string | null
  /** Each of them was read after every database had caught up. */
  caughtUp: boolean
  /** Each was read again after all of them had been read: what they still disagree on is not on its way. */
  readAgain: boolean
}

/** Read once for each journal: half a million writes of each of four databases take a while. */
export const auditsOf = derived(readAudits)

/** Why the audits do not say everything; null when they do. */
export function auditDefect(journal: RecordedJournal): string | null {
  if (nobodyLooked(journal)) return null
  return auditsOf(journal).defect
}

/** What was read, where nothing is missing of it. */
export function auditWords({ opened }: RecordedJournal): string {
  if (opened.audit?.by === 'nobody') return 'not looked for: blackstart.yaml does not say how writes are read back'
  return opened.audit === undefined
    ? 'every database was read in full after it had caught up'
    : `${some(opened.audit.nodes)} ${opened.audit.nodes.length === 1 ? 'was' : 'were'} asked for every write`
}

/** Of a system of one's own that does not say how its writes are read back: no defect, and no number either. */
export function nobodyLooked({ opened }: RecordedJournal): boolean {
  return opened.audit?.by === 'nobody'
}

/** Names of the nodes that are to be read: those that the journal says, or every database. */
export function toBeRead({ opened }: RecordedJournal): string[] {
  return opened.audit?.nodes ?? nodesOf(opened.topology, 'database').map((node) => node.name)
}

/** When the database was in the state that a reading shows. */
export function snapshotMs({ atMs, snapshotMs = atMs }: Reading): number {
  return Math.min(snapshotMs, atMs)
}

function readAudits(journal: RecordedJournal): Audits {
  const databases = toBeRead(journal)
  const loadEnd = loadEndOf(journal)
  const read = new Map<string, Audit>()
  const lists = new Map<string, Ranges | null>()
  let refused: string | undefined
  for (const event of journal.of('audit.read')) {
    // Databases that agree hold the same list.
    const stored = lists.has(event.writes) ? (lists.get(event.writes) ?? null) : parseRanges(event.writes)
    lists.set(event.writes, stored)
    const refusal = refusalOf(event, { journal, databases, loadEnd, stored })
    refused ??= refusal
    if (stored === null || refusal !== undefined) continue
    const before = read.get(event.node)
    read.set(event.node, {
      node: event.node,
      event,
      stored,
      earlier: before === undefined ? [] : [...before.earlier, before.stored],
      readings: [...(before?.readings ?? []), event],
    })
  }
  const audits = [...read.values()].toSorted((a, b) => a.node.localeCompare(b.node))
  const behind = lagging(journal, audits)
  const missing = databases.filter((name) => !read.has(name))
  const firstReadMs = Math.max(...audits.flatMap(({ readings }) => readings[0]?.atMs ?? []))
  return {
    read: audits,
    caughtUp: behind === undefined,
    readAgain: audits.every(({ earlier, event }) => earlier.length > 0 && snapshotMs(event) >= firstReadMs),
    defect:
      (databases.length === 0 ? nobodyToRead(journal) : undefined) ??
      failure(journal) ??
      refused ??
      (missing.length === 0
        ? undefined
        : `${some(missing)} ${missing.length === 1 ? 'was' : 'were'} not read, or not readable`) ??
      strangeServer(journal, audits) ??
      unequal(audits) ??
      behind ??
      null,
  }
}

function nobodyToRead({ opened: { audit } }: RecordedJournal): string {
  return audit === undefined
    ? 'the topology has no database node'
    : 'no node of the topology can be asked for its writes'
}

function failure(journal: RecordedJournal): string | undefined {
  const failed = journal.of('audit.failed')[0]
  return failed && `the audit of ${failed.node} failed: ${failed.reason}`
}

interface LoadEnd {
  atMs: number
  what: string
}

/** The load's end, or the last acknowledged write, whichever is later: no reading before it holds everything. */
export function loadEndOf(journal: RecordedJournal): LoadEnd {
  const { requests } = journal
  let lastAckMs = -Infinity
  for (let i = 0; i < requests.length; i++) {
    const endedMs = requests.endedMs(i)
    if (endedMs > lastAckMs && requests.isWrite(i) && requests.isAcked(i)) lastAckMs = endedMs
  }
  const endedMs = journal.of('load.ended').at(-1)?.atMs ?? -Infinity
  return endedMs >= lastAckMs
    ? { atMs: endedMs, what: 'the load ended' }
    : { atMs: lastAckMs, what: 'the last write was acknowledged' }
}

function refusalOf(
  event: Reading,
  seen: { journal: RecordedJournal; databases: readonly string[]; loadEnd: LoadEnd; stored: Ranges | null },
): string | undefined {
  const { journal, databases, loadEnd, stored } = seen
  const { node, systemIdentifier, server } = event
  // Older journals do not say which cluster the world had: then the readings must at least be of one.
  const cluster =
    journal.opened.systemIdentifier ??
    journal.of('audit.read').find((other) => other.systemIdentifier !== undefined)?.systemIdentifier
  // A world of the same name that was made anew after the trial began: what is absent there was not lost.
  if (cluster !== undefined && systemIdentifier !== undefined && systemIdentifier !== cluster)
    return `${node} is of another world: it holds cluster ${systemIdentifier}, not ${cluster}`
  if (!databases.includes(node)) return `${node} was read, and is no database of this world`
  if (server?.node !== undefined && server.node !== node)
    return `${server.node} was read where ${node} should have been`
  const role = roleAt(journal, node, event.atMs)
  if (role === 'unreachable' || role === 'starting') return `${node} was read while it was ${role}`
  if (stored === null) return `${node} was not read, or not readable: its list of writes is none`
  const contradiction = rowsDefect(event, stored)
  if (contradiction !== undefined) return contradiction
  const started = startDefect(journal, event)
  if (started !== undefined) return started
  if (snapshotMs(event) < loadEnd.atMs)
    return `${node} was read at ${moment(snapshotMs(event))}, before ${loadEnd.what} (${moment(loadEnd.atMs)})`
  return undefined
}

/** Every row is a write, another copy of one, or a key that nobody sent. */
function rowsDefect({ node, rows, duplicated, unexpected }: Reading, stored: Ranges): string | undefined {
  const listed = stored.size + unexpected.length
  const fits = duplicated.length === 0 ? rows === listed : rows >= listed + duplicated.length
  return fits
    ? undefined
    : `the reading of ${node} contradicts itself: it has ${counted(rows, 'row')}, and lists ${counted(stored.size, 'write')}` +
        ` and ${counted(unexpected.length, 'other key')}`
}

/** Databases that disagree are all read again. */
function unequal(audits: readonly Audit[]): string | undefined {
  const readings = audits.map(({ earlier }) => earlier.length + 1)
  const [most, least] = [Math.max(...readings), Math.min(...readings)]
  const often = audits[readings.indexOf(most)]
  return most > least
    ? `${often?.node} was read ${most} times and ${audits[readings.indexOf(least)]?.node} ${least === 1 ? 'once' : `${least} times`}: databases are read again together`
    : undefined
}

/** Why it is not known that every reading shows a database that had caught up. */
function lagging(journal: RecordedJournal, audits: readonly Audit[]): string | undefined {
  // Where nobody can see copies, only the rounds of reading show that no copy is behind.
  if (journal.opened.audit !== undefined && databasesThatTell(journal.opened.topology).length === 0) return undefined
  const redundant = redundantAfterHeal(journal)
  if (redundant === undefined || audits.some(({ event }) => snapshotMs(event) < redundant.atMs))
    return 'the databases were read before they had caught up: no "redundant" after the last heal'
  return redundancyDefect(journal) ?? redundancyLapsed(journal)
}
