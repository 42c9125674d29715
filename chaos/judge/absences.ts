/**
 * What the dead and the cut-off cannot do while a fault lasts: tell anything, be started, or know what was decided
 * without them.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { beaconOf, nodesOf } from '../topology/topology.ts'
import { moment } from './figures.ts'
import type { Defect } from './validity-load.ts'

/** What one fault keeps away, from its proof to the request of its heal. */
export interface Absence {
  fromMs: number
  /**
   * From when on nobody can be answered: when what acted saw all of it dead, or the proof of what is asked first and
   * finishes its work. Not the last act: where only first processes can be signalled, the kernel ends the others after
   * them, and on a busy machine that takes a while.
   */
  unservedMs: number
  untilMs: number
  dead: ReadonlySet<string>
  /** "east>west": no byte arrives. */
  silent: ReadonlySet<string>
  /** The same both ways: no ping is answered. */
  unanswered: ReadonlySet<string>
}

/** A member tells of a change within this time, or at its next look. */
const watchedWithinMs = 300
/** The clocks of a database and of the harness may be so far apart, and what was asked before may be told so late. */
const clocksApartMs = 1_000

export function absenceDefect(journal: RecordedJournal, absence: Absence): Defect {
  return tellerDefect(journal, absence) ?? restartDefect(journal, absence) ?? majorityDefect(journal, absence)
}

/** The dead tell no time, no standbys, no servers and no pings. What they were asked before is told a little later. */
function tellerDefect(journal: RecordedJournal, { fromMs, untilMs, dead }: Absence): Defect {
  const { topology } = journal.opened
  const isMeanwhile = ({ atMs }: { atMs: number }): boolean => atMs > fromMs + clocksApartMs && atMs < untilMs
  const isDead = (name: string | undefined): boolean => name !== undefined && dead.has(name)
  const beacon = (site: string): string | undefined => beaconOf(topology, site)?.name
  const clock = journal.of('load.clock').find((event) => isMeanwhile(event) && isDead(event.by))
  if (clock !== undefined) return `${clock.by} told the time at ${moment(clock.atMs)}, before the heal`
  const primary = journal.of('database.replication').find((event) => isMeanwhile(event) && isDead(event.primary))
  if (primary !== undefined)
    return `${primary.primary} told of its standbys at ${moment(primary.atMs)}, before the heal`
  const router = journal.of('router.server').find((event) => isMeanwhile(event) && isDead(event.router))
  if (router !== undefined) return `${router.router} told of its servers at ${moment(router.atMs)}, before the heal`
  const heard = journal
    .of('beacon.heard')
    .find((event) => isMeanwhile(event) && event.heard && (isDead(beacon(event.at)) || isDead(beacon(event.from))))
  return heard && `${heard.at} heard ${heard.from} at ${moment(heard.atMs)}, before the heal`
}

/** A server that says that it was started meanwhile had been started again by somebody else. */
function restartDefect(journal: RecordedJournal, { unservedMs, untilMs, dead }: Absence): Defect {
  for (const { node, server } of journal.of('audit.read')) {
    if (server === undefined || !dead.has(node)) continue
    const startedMs = Date.parse(server.startedAt) - journal.opened.wallStartMs
    if (startedMs > unservedMs + clocksApartMs && startedMs < untilMs - clocksApartMs)
      return `${node} says that it was started at ${moment(startedMs)}, before the heal`
  }
  return undefined
}

/**
 * The leader key changes only where a majority of the members is together: a member that hears no majority learns of no
 * newer revision than all of them knew when the fault had acted.
 */
function majorityDefect(journal: RecordedJournal, { unservedMs, untilMs, dead, silent }: Absence): Defect {
  const { topology } = journal.opened
  const members = nodesOf(topology, 'dcs')
  const keys = journal.of('dcs.leader')
  const known = keys.filter(({ atMs }) => atMs <= unservedMs + watchedWithinMs)
  const newest = known.reduce((revision, event) => Math.max(revision, event.revision), -Infinity)
  const hasMajority = (name: string): boolean => {
    const site = members.find((member) => member.name === name)?.site
    const together = members.filter(
      (other) => !dead.has(other.name) && (other.site === site || !silent.has(`${other.site}>${site}`)),
    )
    return together.length * 2 > members.length
  }
  const learned = keys.find(
    ({ atMs, revision, member }) =>
      atMs > unservedMs + watchedWithinMs &&
      atMs < untilMs &&
      revision > newest &&
      !dead.has(member) &&
      !hasMajority(member),
  )
  return (
    learned &&
    `${learned.member} told of a new holder of the leader key at ${moment(learned.atMs)}, and the members that it hears are no majority`
  )
}
