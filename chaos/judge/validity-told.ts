/**
 * Did every observer tell what it saw, and only what it can have seen? One that counts its samples and tells nothing
 * hangs, or its words were lost; and no change is less certain than its observer was blind. So it was in 77 of 79 real
 * journals; in the other two, of one early world, the members of the DCS could not be asked.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { MilestoneEvent } from '../journal/schema.ts'
import { beaconOf, type Topology } from '../topology/topology.ts'
import { duration, moment } from './figures.ts'
import { isOfWrites, nodeOf, observerKey } from './observers.ts'
import type { Defect } from './validity-load.ts'

/** From this version on, each member of the DCS tells at its first look; other observers always did. */
const membersTell = 3
/** Moments of one process, written a moment later. */
const roundingMs = 1
/** By then an observer has told what it saw first. */
const firstWordMs = 2_500
/** What is uncertain since the last sample, and the longest time between two. */
const sampleErrorMs = 50

export function toldDefect(journal: RecordedJournal): Defect {
  return unstartedDefect(journal) ?? doubledDefect(journal) ?? vagueDefect(journal) ?? silentDefect(journal)
}

/** Nobody reports before he began to look. */
function unstartedDefect(journal: RecordedJournal): Defect {
  const started = new Map(journal.of('observer.started').map((event) => [observerKey(event), event.atMs]))
  for (const event of [...journal.of('observer.summary'), ...journal.of('observer.gap')]) {
    const startMs = started.get(observerKey(event))
    const name = `the ${event.observer} observer of ${event.subject}`
    if (startMs === undefined) return `${name} reported, and was never seen to start`
    if (event.kind === 'observer.gap' && event.fromMs < startMs - roundingMs)
      return `${name} reported a silence from ${moment(event.fromMs)} on, and began to look at ${moment(startMs)}`
  }
  return undefined
}

/** One silence is told once: told twice, it would account for twice as much time without a sample. */
function doubledDefect(journal: RecordedJournal): Defect {
  const byObserver = Map.groupBy(journal.of('observer.gap'), observerKey)
  for (const gaps of byObserver.values()) {
    let toMs = -Infinity
    for (const gap of gaps.toSorted((a, b) => a.fromMs - b.fromMs)) {
      if (gap.fromMs < toMs - roundingMs)
        return `the ${gap.observer} observer of ${gap.subject} reported two silences at once, at ${moment(gap.fromMs)}`
      toMs = gap.toMs
    }
  }
  return undefined
}

/** A change happened since the sample before, and no two samples were further apart than its observer says. */
function vagueDefect(journal: RecordedJournal): Defect {
  const longest = new Map(
    journal
      .of('observer.summary')
      .map((event) => [isOfWrites(event) ? `database ${nodeOf(event)} write` : observerKey(event), event.maxMs]),
  )
  for (const event of journal.milestones) {
    const key = observerOf(event, journal.opened.topology)
    const longestMs = key === undefined ? undefined : longest.get(key)
    if (longestMs === undefined || !('uncertaintyMs' in event)) continue
    if (event.uncertaintyMs > longestMs + sampleErrorMs)
      return `"${event.kind}" at ${moment(event.atMs)} is uncertain by ${duration(event.uncertaintyMs)}, and the ${key} observer was blind for ${duration(longestMs)} at the worst`
  }
  return undefined
}

/** Who observed what an event tells; undefined where nobody samples that. */
function observerOf(event: MilestoneEvent, topology: Topology): string | undefined {
  switch (event.kind) {
    case 'database.role':
      return `database ${event.node} role`
    case 'database.writable':
      return `database ${event.node} write`
    case 'dcs.leader':
      return `dcs ${event.member}`
    case 'router.reachable':
      return `router ${event.router}`
    case 'beacon.reachable':
      return `beacon ${beaconOf(topology, event.site)?.name}`
    default:
      return undefined
  }
}

/** A standby that refuses writes from first to last tells nothing of them; everything else is told at the first look. */
function silentDefect(journal: RecordedJournal): Defect {
  const { schemaVersion, topology } = journal.opened
  const told = new Set(journal.milestones.map((event) => observerOf(event, topology)))
  const silent = journal
    .of('observer.summary')
    .find(
      (event) =>
        event.samples > 0 &&
        event.observer !== 'harness' &&
        !(event.observer === 'dcs' && schemaVersion < membersTell) &&
        !isOfWrites(event) &&
        !told.has(observerKey(event)),
    )
  if (silent !== undefined)
    return `the ${silent.observer} observer of ${silent.subject} took ${silent.samples} samples, and told nothing of what it saw`
  return lateWordDefect(journal) ?? mutePingsDefect(journal)
}

/** What an observer saw first it tells at once: within 0.3 s in 13 real trials. So it is known before the first fault. */
function lateWordDefect(journal: RecordedJournal): Defect {
  const { schemaVersion, topology } = journal.opened
  const faultMs = journal.of('fault.requested').reduce((first, { atMs }) => Math.min(first, atMs), Infinity)
  const first = new Map<string, number>()
  for (const event of journal.milestones) {
    const key = observerOf(event, topology)
    if (key !== undefined && !first.has(key)) first.set(key, event.atMs)
  }
  for (const event of journal.of('observer.started')) {
    if (isOfWrites(event) || (event.observer === 'dcs' && schemaVersion < membersTell)) continue
    const toldMs = first.get(observerKey(event))
    if (toldMs !== undefined && toldMs > faultMs && faultMs - event.atMs > firstWordMs)
      return `the ${event.observer} observer of ${event.subject} began to look at ${moment(event.atMs)}, and told what it saw only at ${moment(toldMs)}, after the fault`
  }
  return undefined
}

/** A beacon that can be asked tells of every other one that a link leads to. */
function mutePingsDefect(journal: RecordedJournal): Defect {
  const { topology } = journal.opened
  const heard = new Set(journal.of('beacon.heard').map(({ at, from }) => `${from}>${at}`))
  const edges = journal.of('beacon.edge')
  const connections = [...new Set(edges.map(({ connection }) => connection))]
  const pinged = new Set(edges.flatMap(({ from, to, connection }) => [`${from}>${to}`, `${from}>${to} ${connection}`]))
  const asked = new Set(journal.of('beacon.reachable').flatMap(({ site, reachable }) => (reachable ? [site] : [])))
  for (const { sites } of topology.links)
    for (const [here, there] of [sites, sites.toReversed()] as [string, string][]) {
      if (!asked.has(here) || beaconOf(topology, there) === undefined) continue
      if (!heard.has(`${there}>${here}`) || !pinged.has(`${here}>${there}`))
        return `the beacon of ${here} was asked, and told nothing of its pings ${heard.has(`${there}>${here}`) ? 'to' : 'from'} ${there}`
      const untold = connections.find((connection) => !pinged.has(`${here}>${there} ${connection}`))
      if (untold !== undefined)
        return `the beacon of ${here} was asked, and told nothing of its pings to ${there} on ${untold} connections`
    }
  return undefined
}
