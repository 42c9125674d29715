/**
 * Was every database asked to commit throughout, from the first fault to the end of the load? That there was one
 * primary only can be said of times in which all were asked.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { databasesThatTell, nodesOf, tellsRoleOnly } from '../topology/topology.ts'
import { duration, moment } from './figures.ts'
import { isOfWrites, nodeOf } from './observers.ts'
import { type Samples, samplesOf } from './samples.ts'
import { gapLength, gapLimitMs, type Silence, unexplainedSilences } from './silences.ts'
import { worst } from './statistics.ts'
import type { Defect } from './validity-load.ts'
import { some } from './words.ts'

/** How closely the databases were asked, and why that does not say that there was one primary. */
export interface DatabaseWatch {
  defect: Defect
  /** Why it can never be known in this world. */
  unaskable: string | undefined
  /** In 95 of 100 cases the next question came within this time, for the database that was asked least often. */
  resolutionMs: number | null
}

type Summary = EventOf<'observer.summary'>

/** Each database is asked at least five times a second; of all real trials the worst median was 0.2 s, the worst p95 0.23 s. */
export function watchOfDatabases(journal: RecordedJournal): DatabaseWatch {
  const databases = databasesThatTell(journal.opened.topology).map(({ name }) => name)
  const summaries = journal.of('observer.summary').filter(isOfWrites)
  const mine = databases.map((name) => ({ name, summary: summaries.find((event) => nodeOf(event) === name) }))
  const silences = unexplainedSilences(journal).filter(({ gap }) => isOfWrites(gap))
  const samples = samplesOf(journal)
  const defect = mine
    .map(({ name, summary }) => askedDefect(journal, name, summary) ?? countDefect(name, summary, samples))
    .find((found) => found !== undefined)
  return {
    defect: defect ?? blindDefect(journal, silences),
    unaskable: unaskable(journal),
    resolutionMs: worst(mine.flatMap(({ summary }) => summary?.p95Ms ?? [])),
  }
}

/** In worlds of other people there may be nobody to ask. */
function unaskable({ opened: { topology } }: RecordedJournal): string | undefined {
  const databases = nodesOf(topology, 'database')
  if (databases.length === 0) return 'this world has no database that Blackstart knows'
  const silent = databases.filter(tellsRoleOnly).map(({ name }) => name)
  return silent.length === 0
    ? undefined
    : `whether ${some(silent, 3)} ${silent.length === 1 ? 'accepts' : 'accept'} writes cannot be asked: a URL says the role, and nothing more`
}

/** A standby that refuses from first to last changes nothing, so its observer's start is all there is of it. */
export function wasAsked(journal: RecordedJournal, node: string): boolean {
  return (
    journal.of('database.writable').some((event) => event.node === node) ||
    journal.of('observer.started').some((event) => isOfWrites(event) && nodeOf(event) === node)
  )
}

function askedDefect(journal: RecordedJournal, name: string, summary: Summary | undefined): Defect {
  if (!wasAsked(journal, name)) return `${name} was never asked to commit`
  if (summary === undefined) return `how often ${name} was asked to commit is not known`
  if (summary.samples === 0) return `${name} never answered whether it commits`
  const start = journal.of('observer.started').find((event) => isOfWrites(event) && nodeOf(event) === name)
  if (start !== undefined && start.intervalMs > gapLimitMs)
    return `${name} was to be asked to commit only every ${duration(start.intervalMs)} (limit ${duration(gapLimitMs)})`
  // A primary whose commits wait for a slow link is asked as seldom as it answers; each of these waits is on record.
  const silences = journal.of('observer.gap').filter((gap) => isOfWrites(gap) && nodeOf(gap) === name).length
  if (summary.p50Ms > gapLimitMs && silences < summary.samples / 2)
    return `${name} was asked to commit too seldom: every other question came ${duration(summary.p50Ms)} or more after the one before (limit ${duration(gapLimitMs)})`
  const endMs = journal.of('load.ended').at(-1)?.atMs
  return endMs !== undefined && summary.atMs < endMs
    ? `${name} was asked to commit only until ${moment(summary.atMs)}, and the load ended at ${moment(endMs)}`
    : undefined
}

function countDefect(name: string, summary: Summary | undefined, samples: Samples): Defect {
  const reason = summary && samples.defectOf(summary)
  return reason === undefined ? undefined : `the observer that asked ${name} to commit ${reason}`
}

function blindDefect(journal: RecordedJournal, silences: readonly Silence[]): Defect {
  const fromMs = journal.of('fault.requested').reduce((first, { atMs }) => Math.min(first, atMs), Infinity)
  const toMs = journal.of('load.ended').at(-1)?.atMs ?? Infinity
  const blind = silences.find(({ gap }) => gap.fromMs < toMs && gap.toMs > fromMs)
  return blind === undefined
    ? undefined
    : `${nodeOf(blind.gap)} was not asked to commit for ${duration(gapLength(blind.gap))} from ${moment(blind.gap.fromMs)}: ${blind.why}`
}
