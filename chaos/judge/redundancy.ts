/** Was the database redundant again, as the journal says: every database a standby of one that accepted writes? */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { isMultiPrimary, nodesOf } from '../topology/topology.ts'
import { writableSpells } from './spells.ts'
import { some } from './words.ts'

/** A primary that is busy may be seen to commit again only this much later. */
const seenWithinMs = 1_000

/** One WAL segment: further behind, a standby is still catching up. */
export const caughtUpBytes = 16 * 1024 * 1024

/** What is told of a database that nobody could ask. */
export const awayRoles: readonly string[] = ['unreachable', 'starting']

/** From this version on, the primary's own word is needed. */
const toldByReplication = 3

/** After the last heal, or else the last fault; undefined where the databases were not seen to be redundant then. */
export function redundantAfterHeal(journal: RecordedJournal): EventOf<'redundant'> | undefined {
  const healedMs = Math.max(
    ...journal.of('fault.requested').map((event) => event.atMs),
    ...journal.of('heal.proved').map((event) => event.atMs),
  )
  return journal.of('redundant').find((event) => event.atMs >= healedMs)
}

/** Why that cannot have been so. */
export function redundancyDefect(journal: RecordedJournal): string | undefined {
  const event = redundantAfterHeal(journal)
  if (event === undefined) return undefined
  const { primary, standbys, atMs } = event
  const databases = nodesOf(journal.opened.topology, 'database').map(({ name }) => name)
  const missing = databases.filter((name) => name !== primary && !standbys.includes(name))
  if (missing.length > 0) return `${some(missing)} followed nobody when the databases are said to have been redundant`
  if (standbys.includes(primary) || new Set(standbys).size < standbys.length)
    return `the databases are said to have been redundant around ${primary}, with ${standbys.join(', ')} as its standbys: one stands there twice`
  const away = standbys.find((name) => awayRoles.includes(roleAt(journal, name, atMs) ?? ''))
  if (away !== undefined)
    return `${away} was ${roleAt(journal, away, atMs)} when the databases are said to have been redundant`
  const untold =
    streamingDefect(journal, event) ??
    timelineDefect(journal, event) ??
    roleDefect(journal, event) ??
    holderDefect(journal, event)
  if (untold !== undefined) return untold
  return acceptedAt(journal, primary, atMs)
    ? undefined
    : `the databases are said to have been redundant around ${primary}, which was not seen to accept writes then`
}

/** Whether it was seen to accept writes at that moment, or within a second of it. */
export function acceptedAt(journal: RecordedJournal, node: string, ms: number): boolean {
  return writableSpells(journal).some(
    (spell) => spell.node === node && spell.fromMs - seenWithinMs <= ms && ms <= spell.toMs + seenWithinMs,
  )
}

/** The primary itself must have said so: in 56 of 56 real trials every standby was streaming then. */
function streamingDefect(
  journal: RecordedJournal,
  { primary, standbys, atMs }: EventOf<'redundant'>,
): string | undefined {
  const told = journal.of('database.replication').findLast((event) => event.atMs <= atMs)
  if (journal.opened.schemaVersion < toldByReplication && told?.primary !== primary) return undefined
  if (told?.primary !== primary)
    return `the databases are said to have been redundant around ${primary}, which had told nothing of its standbys`
  const idle = standbys.find((name) => told.standbys.find(({ node }) => node === name)?.state !== 'streaming')
  if (idle !== undefined)
    return `${idle} was not streaming from ${primary} when the databases are said to have been redundant`
  const behind = told.standbys.find(({ lagBytes }) => lagBytes !== null && (lagBytes < 0 || lagBytes > caughtUpBytes))
  return (
    behind &&
    `${behind.node} was ${behind.lagBytes} bytes behind ${primary} when the databases are said to have been redundant`
  )
}

/** By its own word, one is the primary and the others are not; where each takes writes, all are. */
function roleDefect(journal: RecordedJournal, { primary, standbys, atMs }: EventOf<'redundant'>): string | undefined {
  const databases = nodesOf(journal.opened.topology, 'database')
  if (databases.some(isMultiPrimary)) {
    if (journal.opened.schemaVersion < toldByReplication) return undefined
    const idle = [primary, ...standbys].find((name) => !acceptedAt(journal, name, atMs))
    return (
      idle &&
      `${idle} was not seen to accept writes when the databases are said to have been redundant, and each of them takes writes`
    )
  }
  if (roleAt(journal, primary, atMs) === 'standby')
    return `${primary} was a standby by its own word when the databases are said to have been redundant around it`
  const other = standbys.find((name) => roleAt(journal, name, atMs) === 'primary')
  return (
    other && `${other} was primary by its own word when the databases are said to have been redundant around ${primary}`
  )
}

/** A standby that says another timeline than its primary does not follow it: the run waits until all say the same. */
function timelineDefect(
  journal: RecordedJournal,
  { primary, standbys, atMs }: EventOf<'redundant'>,
): string | undefined {
  const known = (node: string) =>
    journal.of('database.role').findLast((event) => event.node === node && event.atMs <= atMs)?.timeline ?? null
  const own = known(primary)
  const other = standbys.find((name) => own !== null && known(name) !== null && known(name) !== own)
  return (
    other &&
    `${other} was on timeline ${known(other)} when the databases are said to have been redundant, and ${primary} on ${own}`
  )
}

/**
 * Where the leader key names databases, its holder is the primary: in 54 of 54 real trials. One that commits beside it is
 * a second primary, which is told elsewhere.
 */
function holderDefect(journal: RecordedJournal, { primary, atMs }: EventOf<'redundant'>): string | undefined {
  const told = journal.of('dcs.leader').filter((event) => event.atMs <= atMs)
  const t0Ms = journal.of('fault.requested').reduce((first, event) => Math.min(first, event.atMs), Infinity)
  const newest = told.reduce((revision, event) => Math.max(revision, event.revision), -Infinity)
  const holder = told.find(({ revision }) => revision === newest)?.leader ?? primary
  const before = told.findLast((event) => event.atMs <= t0Ms)?.leader
  // Where no other may take over, that one did is what was found.
  if (journal.opened.scenario.objectives.samePrimary === true && before !== holder) return undefined
  const isDatabase = nodesOf(journal.opened.topology, 'database').some(({ name }) => name === holder)
  return holder !== primary && isDatabase && !acceptedAt(journal, holder, atMs)
    ? `${holder} held the leader key when the databases are said to have been redundant around ${primary}`
    : undefined
}

/** What a database was last seen to be; undefined if it was not seen by then. */
export function roleAt(journal: RecordedJournal, node: string, ms: number): string | undefined {
  return journal.of('database.role').findLast((event) => event.node === node && event.atMs <= ms)?.role
}
