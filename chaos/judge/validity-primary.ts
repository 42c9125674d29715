/**
 * Do all who know of a primary name the same one? The leader key, what a database says that it is, its commits, and the
 * engine that starts it. Where two of them speak of one moment they agreed in every real trial.
 */
import { deadNodes } from '../journal/effects.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import { isMultiPrimary, nodesOf } from '../topology/topology.ts'
import { duration, moment } from './figures.ts'
import { acceptedAt, redundantAfterHeal, roleAt } from './redundancy.ts'
import { type Spell, writableSpells } from './spells.ts'
import type { Defect } from './validity-load.ts'

/** A primary that is busy may be seen to commit only this much later, or be asked again. */
const seenWithinMs = 1_000
/** A commit and the sample that showed it: 0.002 ms apart in a real trial. */
const oneSampleMs = 10
/** So long a database may be out of reach for one who asks for its role, and commit for another. */
const unreachableMostMs = 2_500
/** A container that starts had been away; its spell of commits is over before that. */
const startWithinMs = 500

export function primaryDefect(journal: RecordedJournal): Defect {
  const { topology } = journal.opened
  const spells = writableSpells(journal)
  return (
    holderDefect(journal) ??
    timelineDefect(journal) ??
    startedDefect(journal, spells) ??
    unreachableDefect(journal, spells) ??
    (nodesOf(topology, 'database').some(isMultiPrimary)
      ? undefined
      : (faultDefect(journal, spells) ?? followedDefect(journal)))
  )
}

/** Where the leader key names databases, it names no others. */
function holderDefect(journal: RecordedJournal): Defect {
  const databases = new Set(nodesOf(journal.opened.topology, 'database').map(({ name }) => name))
  const held = journal.of('dcs.leader').filter(({ leader }) => leader !== null)
  if (!held.some(({ leader }) => databases.has(leader ?? ''))) return undefined
  const strange = held.find(({ leader }) => !databases.has(leader ?? ''))
  return (
    strange && `${strange.leader} held the leader key at ${moment(strange.atMs)}, and the topology has no such database`
  )
}

/** A database goes on to a later timeline, and never back. */
function timelineDefect(journal: RecordedJournal): Defect {
  const latest = new Map<string, number>()
  for (const { node, timeline, atMs } of journal.of('database.role')) {
    if (timeline === null) continue
    const before = latest.get(node) ?? timeline
    if (timeline < before)
      return `${node} said that it was on timeline ${timeline} at ${moment(atMs)}, and on ${before} before that`
    latest.set(node, timeline)
  }
  return undefined
}

/** What the engine starts did not run. */
function startedDefect(journal: RecordedJournal, spells: readonly Spell[]): Defect {
  const started = journal
    .of('node.started')
    .find(
      ({ node, how, atMs }) =>
        how === 'start' &&
        spells.some(
          (spell) => spell.node === node && spell.fromMs < atMs - startWithinMs && spell.toMs > atMs + startWithinMs,
        ),
    )
  return started && `${started.node} was started at ${moment(started.atMs)}, and was seen to commit before and after`
}

/** One who asks it for its role finds nobody, and one who asks it to commit finds it all the while. */
function unreachableDefect(journal: RecordedJournal, spells: readonly Spell[]): Defect {
  const since = new Map<string, number>()
  const away = (node: string, toMs: number): Defect => {
    const fromMs = since.get(node)
    if (fromMs === undefined || toMs - fromMs <= unreachableMostMs) return undefined
    return spells.some((spell) => spell.node === node && spell.fromMs <= fromMs && spell.toMs >= toMs)
      ? `${node} is recorded as unreachable for ${duration(toMs - fromMs)} from ${moment(fromMs)} on, and was seen to commit all the while`
      : undefined
  }
  for (const { node, role, atMs } of journal.of('database.role')) {
    const defect = away(node, atMs)
    if (defect !== undefined) return defect
    if (role === 'unreachable') since.set(node, since.get(node) ?? atMs)
    else since.delete(node)
  }
  return undefined
}

/** When the first fault comes nothing is broken yet: who commits is primary, holds the key, and is alone. */
function faultDefect(journal: RecordedJournal, spells: readonly Spell[]): Defect {
  const t0Ms = journal.of('fault.requested').reduce((first, { atMs }) => Math.min(first, atMs), Infinity)
  const committing = spells.filter(({ fromMs, toMs }) => fromMs <= t0Ms && toMs >= t0Ms - seenWithinMs)
  const [own] = committing
  const databases = nodesOf(journal.opened.topology, 'database').map(({ name }) => name)
  if (own === undefined) return rolesDefect(journal, databases, t0Ms)
  if (committing.some(({ node }) => node !== own.node)) return undefined
  const other = databases.find((name) => name !== own.node && roleAt(journal, name, t0Ms) === 'primary')
  if (other !== undefined) return `${other} was primary by its own word when the fault came, and ${own.node} committed`
  if (roleAt(journal, own.node, t0Ms) === 'standby')
    return `${own.node} committed when the fault came, and was a standby by its own word`
  const keys = journal.of('dcs.leader').filter(({ atMs }) => atMs <= t0Ms)
  const newest = keys.reduce((revision, event) => Math.max(revision, event.revision), -Infinity)
  const key = keys.find(({ revision }) => revision === newest)
  if (key === undefined || (key.leader !== null && !databases.includes(key.leader))) return undefined
  return key.leader === own.node
    ? undefined
    : `${key.leader ?? 'nobody'} held the leader key when the fault came, and ${own.node} committed`
}

/** Where only roles are told, one database has that of the primary. */
function rolesDefect(journal: RecordedJournal, databases: readonly string[], t0Ms: number): Defect {
  const [one, another] = databases.filter((name) => roleAt(journal, name, t0Ms) === 'primary')
  return another && `${one} and ${another} were both primary by their own word when the fault came`
}

/**
 * Only a primary knows who follows it. One that a fault cut off may tell so for a while, and commits nothing; nor does
 * one that comes back from the dead as the primary that it was, by its own word, until somebody makes it follow (Redis
 * Sentinel: 10 s). A commit that waits for its standbys ends a spell, and takes nothing from a primary.
 */
function followedDefect(journal: RecordedJournal): Defect {
  const faults = journal.of('fault.requested')
  const fromMs = faults.reduce((first, { atMs }) => Math.min(first, atMs), Infinity)
  const toMs = journal.of('heal.proved').reduce((last, { atMs }) => Math.max(last, atMs), -Infinity) + seenWithinMs
  const gone = new Set(faults.flatMap(deadNodes))
  const redundantMs = redundantAfterHeal(journal)?.atMs ?? Infinity
  const told = journal
    .of('database.replication')
    .find(
      ({ primary, atMs }) =>
        (atMs < fromMs || atMs > toMs) &&
        !(gone.has(primary) && atMs < redundantMs && roleAt(journal, primary, atMs) === 'primary') &&
        !acceptedAt(journal, primary, atMs) &&
        !commitWaits(journal, primary, atMs),
    )
  return told && `${told.primary} told of its standbys at ${moment(told.atMs)}, and was not seen to accept writes then`
}

/** Whether, from the last commit that the node gave until this moment, it owed the next one. */
function commitWaits(journal: RecordedJournal, node: string, atMs: number): boolean {
  return journal
    .of('observer.gap')
    .some(
      (gap) =>
        gap.observer === 'database' &&
        gap.subject === `${node} write` &&
        gap.reason.startsWith('subject:') &&
        gap.fromMs <= atMs &&
        atMs <= gap.toMs &&
        writableSpells(journal).some(
          (spell) => spell.node === node && Math.abs(spell.toMs - gap.fromMs) <= oneSampleMs,
        ),
    )
}
