/** Did every observer look, often enough and all the time? What nobody saw is not evidence that nothing happened. */
import type { RecordedJournal } from '../journal/recorded.ts'
import { namesPrimary, nodesOf, tellsRoleOnly, tellsStatistics } from '../topology/topology.ts'
import { counted, duration, moment } from './figures.ts'
import { isOfWrites, nodeOf, observerKey } from './observers.ts'
import type { Primaries } from './primaries.ts'
import { samplesOf } from './samples.ts'
import { gapLength, gapLimitMs, unexplainedSilences } from './silences.ts'
import type { Defect } from './validity-load.ts'
import { toldDefect } from './validity-told.ts'
import { some } from './words.ts'

/** Roles of nodes that have an observer each, which is called like them. */
const observedRoles = ['database', 'dcs', 'router', 'beacon'] as const

/**
 * Observers must not be blind from the fault until `untilMs` (recovery, or the end of the client stream); those of
 * databases until the end of the load, since a second primary may appear at any time.
 */
export function watchDefect({
  journal,
  requestedMs,
  untilMs,
  primaries,
}: {
  journal: RecordedJournal
  requestedMs: number | null
  untilMs: number
  primaries: Primaries
}): Defect {
  const missing = unwatchedDefect(journal)
  if (missing !== undefined || requestedMs === null) return missing
  const late = journal.of('observer.started').find(({ atMs }) => atMs > requestedMs)
  if (late !== undefined)
    return `the ${late.observer} observer of ${late.subject} began to look only at ${moment(late.atMs)}, after the fault`
  const seldom = seldomDefect(journal)
  if (seldom !== undefined) return seldom
  const blind = unexplainedSilences(journal).find(
    ({ gap }) => gap.observer !== 'harness' && gap.fromMs < untilMs && gap.toMs > requestedMs,
  )
  if (blind !== undefined)
    return `the ${blind.gap.observer} observer of ${blind.gap.subject} was blind for ${duration(gapLength(blind.gap))}: ${blind.why}`
  return miscountedDefect(journal) ?? toldDefect(journal) ?? untoldDefect(journal) ?? databasesDefect(primaries)
}

/** Each was to look often enough, and went on until the load had ended. What asks databases to commit is told below. */
function seldomDefect(journal: RecordedJournal): Defect {
  const rare = journal
    .of('observer.started')
    .find((event) => !isOfWrites(event) && (event.intervalMs <= 0 || event.intervalMs > gapLimitMs))
  if (rare !== undefined)
    return `the ${rare.observer} observer of ${rare.subject} was to look only every ${duration(rare.intervalMs)} (limit ${duration(gapLimitMs)})`
  const endMs = journal.of('load.ended').at(-1)?.atMs ?? -Infinity
  const early = journal.of('observer.summary').find((event) => !isOfWrites(event) && event.atMs < endMs)
  return (
    early &&
    `the ${early.observer} observer of ${early.subject} looked only until ${moment(early.atMs)}, and the load ended at ${moment(endMs)}`
  )
}

function unwatchedDefect(journal: RecordedJournal): Defect {
  const started = journal.of('observer.started')
  const unwatched = observedRoles.flatMap((role) =>
    nodesOf(journal.opened.topology, role).filter(
      (node) =>
        (role !== 'router' || tellsStatistics(node)) &&
        (role !== 'dcs' || namesPrimary(node)) &&
        !started.some((event) => event.observer === role && nodeOf(event) === node.name),
    ),
  )
  if (unwatched.length > 0)
    return `no observer watched ${some(
      unwatched.map(({ name }) => name),
      3,
    )}`
  const heard = new Set(journal.of('observer.summary').map(observerKey))
  const silent = started.filter((event) => !heard.has(observerKey(event)))
  return silent.length === 0
    ? undefined
    : `${some(
        silent.map(({ observer, subject }) => `the ${observer} observer of ${subject}`),
        3,
      )} never reported its samples`
}

function miscountedDefect(journal: RecordedJournal): Defect {
  const samples = samplesOf(journal)
  for (const summary of journal.of('observer.summary')) {
    if (summary.observer === 'harness') continue
    const reason = samples.defectOf(summary)
    if (reason !== undefined) return `the ${summary.observer} observer of ${summary.subject} ${reason}`
  }
  return undefined
}

/** A role that nobody ever told was not watched, however often it was asked for. */
function untoldDefect(journal: RecordedJournal): Defect {
  const told = new Set(journal.of('database.role').map(({ node }) => node))
  const untold = nodesOf(journal.opened.topology, 'database').find(
    (node) => tellsRoleOnly(node) && !told.has(node.name),
  )
  return untold && `${untold.name} never said which role it has`
}

function databasesDefect({ watch, unseen }: Primaries): Defect {
  if (watch.defect !== undefined) return watch.defect
  const [first] = unseen
  return first === undefined
    ? undefined
    : `${first.database} acknowledged ${counted(unseen.length, 'write')} (n ${first.n} at ${moment(first.endedMs)}) at a time when no probe saw it accept writes`
}
