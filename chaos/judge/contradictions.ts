/**
 * Does anything in the journal contradict a proof? A node that was taken away answers nobody, a direction that is silent
 * carries no ping, and what was healed is there again. Asked of observers and of the clients' own records; what must
 * stay away is what the fault's request says, whatever its kind.
 */
import { deadNodes, silentEdges } from '../journal/effects.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import { beaconOf, nodesOf } from '../topology/topology.ts'
import { type Absence, absenceDefect } from './absences.ts'
import type { FaultRecord } from './faults.ts'
import { moment } from './figures.ts'
import { type Sighting, stateAt, type Watched } from './sightings.ts'
import type { Defect } from './validity-load.ts'
import { timingErrorMs } from './validity-times.ts'

/**
 * A read that is answered from a cache names the database that had filled it. The reference service keeps an account for
 * a second (`TTL_MS` in services/ledger/store/cache.ts).
 */
const cachedMs = 2_000

/**
 * What an app sent before it died may still be on its way, through proxies of a busy machine. In no real trial did such
 * an answer come after the act at all (25 kills, docs/decisions.md).
 */
const onItsWayMs = 500

function absenceOf({ requested, acted, effectiveMs, healRequestedMs }: FaultRecord): Absence | undefined {
  if (effectiveMs === null || healRequestedMs === null) return undefined
  const silent = (requested.lasting?.silent ?? []).map(({ from, to }) => `${from}>${to}`)
  const unanswered = requested.lasting?.silent ?? silentEdges(requested)
  return {
    fromMs: effectiveMs,
    unservedMs:
      requested.planned === false && acted !== null ? Math.min(effectiveMs, acted.atMs + timingErrorMs) : effectiveMs,
    untilMs: healRequestedMs,
    dead: new Set(deadNodes(requested)),
    silent: new Set(silent),
    unanswered: new Set(unanswered.flatMap(({ from, to }) => [`${from}>${to}`, `${to}>${from}`])),
  }
}

/** What was seen of a fault's victims while it is said to have lasted. */
export function sightingDefect(journal: RecordedJournal, fault: FaultRecord, watched: readonly Watched[]): Defect {
  const absence = absenceOf(fault)
  if (absence === undefined || (absence.dead.size === 0 && absence.unanswered.size === 0)) return undefined
  return (
    startDefect(journal, absence) ??
    absenceDefect(journal, absence) ??
    unseenDefect(journal, absence, watched) ??
    observedDefect(journal, absence, watched) ??
    commitDefect(journal, absence) ??
    answerDefect(journal, absence)
  )
}

/** Of what the engine, a DCS member or a router tells of dead nodes. */
function startDefect(journal: RecordedJournal, { fromMs, untilMs, dead }: Absence): Defect {
  const isMeanwhile = ({ atMs }: { atMs: number }): boolean => atMs > fromMs && atMs < untilMs
  const told = journal.of('dcs.leader').find((event) => dead.has(event.member) && isMeanwhile(event))
  if (told !== undefined) return `${told.member} told of the leader key at ${moment(told.atMs)}, before the heal`
  const heard = journal.of('dcs.term').find(({ member, heardMs }) => dead.has(member) && isMeanwhile({ atMs: heardMs }))
  if (heard !== undefined) return `${heard.member} told its term at ${moment(heard.heardMs)}, before the heal`
  const used = journal
    .of('router.server')
    .find((event) => event.state === 'up' && (dead.has(event.server) || dead.has(event.router)) && isMeanwhile(event))
  if (used !== undefined) return `${used.router} took ${used.server} for up at ${moment(used.atMs)}, before the heal`
  const started = journal.of('node.started').find(({ node, atMs }) => dead.has(node) && atMs > fromMs && atMs < untilMs)
  return started && `${started.node} was started again at ${moment(started.atMs)}, before the heal`
}

/** Where beacons stand at both ends of a silent direction, one of them must have told of it. */
function unseenDefect(
  { opened: { topology } }: RecordedJournal,
  absence: Absence,
  watched: readonly Watched[],
): Defect {
  const blind = [...absence.silent]
    .flatMap((way) => way.split('>'))
    .find((site) => beaconOf(topology, site) === undefined)
  // A story that knows no node of a link knows no beacons either.
  if (blind !== undefined && topology.nodes.some(({ role }) => role === 'link'))
    return `no beacon stands at ${blind}, and only beacons at both ends see that a link is silent`
  const told = new Set(watched.map(({ direction }) => direction))
  const unseen = [...absence.silent].find(
    (way) => !told.has(way) && way.split('>').every((site) => beaconOf(topology, site) !== undefined),
  )
  return unseen && `no beacon ever told of ${unseen}`
}

function observedDefect(
  { opened: { topology } }: RecordedJournal,
  absence: Absence,
  watched: readonly Watched[],
): Defect {
  // A beacon that is dead pings nobody.
  const deadSites = new Set(
    topology.nodes.filter(({ role, name }) => role === 'beacon' && absence.dead.has(name)).map(({ site }) => site),
  )
  for (const thing of watched) {
    const isAway =
      (thing.node !== undefined && absence.dead.has(thing.node)) ||
      (thing.direction !== undefined &&
        (absence.silent.has(thing.direction) || deadSites.has(siteBefore(thing.direction)))) ||
      (thing.roundTrip !== undefined && absence.unanswered.has(thing.roundTrip.join('>')))
    if (!isAway) continue
    const back = thing.sightings.find(({ atMs, isUp }) => isUp && atMs > absence.fromMs && atMs < absence.untilMs)
    if (back !== undefined) return `${said(thing)} at ${moment(back.atMs)}, before the heal`
    // What was last seen up has not been seen to go; a beacon that was asked all the time would have shown it.
    const last = thing.sightings.findLast(({ atMs }) => atMs < absence.untilMs)
    if (last?.isUp && isSeen(thing, watched, absence))
      return `${said(thing)} from ${moment(last.atMs)} to the heal: nobody saw it go`
  }
  return undefined
}

/** "east" of "east>west". */
function siteBefore(direction: string): string {
  return direction.split('>', 1)[0] ?? ''
}

/** A beacon that is dead, or that the harness cannot reach, shows nothing. */
function isSeen({ through }: Watched, watched: readonly Watched[], { dead, fromMs, untilMs }: Absence): boolean {
  if (through === undefined) return true
  if (dead.has(through)) return false
  const beacon = watched.find(({ node, name }) => node === through && name.startsWith('the beacon'))
  return beacon !== undefined && !beacon.sightings.some(({ atMs, isUp }) => !isUp && atMs <= untilMs && atMs >= fromMs)
}

function said({ name, node }: Watched): string {
  return node === undefined ? `${name}` : `${name} answered`
}

/** A dead database commits nothing: no spell of commits reaches past its end. */
function commitDefect(journal: RecordedJournal, { unservedMs, untilMs, dead }: Absence): Defect {
  const since = new Map<string, number>()
  for (const { node, accepting, atMs, commitMs } of journal.of('database.writable')) {
    if (!dead.has(node) || atMs > untilMs) continue
    const lastMs = commitMs ?? atMs
    if (accepting) since.set(node, lastMs)
    else since.delete(node)
    if (commitMs !== null && lastMs > unservedMs) return `${node} committed at ${moment(lastMs)}, before the heal`
  }
  const [open] = since
  return open && `${open[0]} committed from ${moment(open[1])} on: nobody saw it stop`
}

/**
 * Requests that began when nobody was served and ended before the heal, answered by what was away. A failure that names
 * its app is an answer, too.
 */
function answerDefect(journal: RecordedJournal, absence: Absence): Defect {
  const { requests } = journal
  const { unservedMs, untilMs, dead } = absence
  const away = regionsAway(journal, absence)
  const silentWays = silentWaysOf(journal, absence)
  const places = new Map(journal.opened.topology.nodes.map(({ name, site }) => [name, site]))
  const placeOf = (name: string | undefined): string | undefined => (name === undefined ? undefined : places.get(name))
  for (let i = 0; i < requests.length; i++) {
    if (requests.endedMs(i) > untilMs) continue
    if (requests.startedMs(i) < unservedMs) {
      const late = requests.endedMs(i) > unservedMs + onItsWayMs ? requests.node(i) : undefined
      if (late === undefined || !dead.has(late)) continue
    }
    // Times that are not possible show nothing of who answered.
    if (requests.endedMs(i) < requests.startedMs(i)) continue
    const app = requests.node(i)
    if (!requests.isAcked(i) && app === undefined) continue
    const isCached = !requests.isWrite(i) && requests.startedMs(i) < unservedMs + cachedMs
    const names = [app, isCached ? undefined : requests.database(i)]
    const by = names.find((name) => name !== undefined && dead.has(name))
    // An answer that names no region comes from where its app stands.
    const region = requests.region(i) ?? placeOf(app)
    const who = by ?? (region !== undefined && away.has(region) ? `region ${region}` : undefined)
    if (who !== undefined)
      return `${who} answered request ${requests.n(i)} at ${moment(requests.endedMs(i))}, before the heal`
    const database = requests.database(i)
    if (isCached || app === undefined || database === undefined || !requests.isAcked(i)) continue
    const over = silentWays.get(app)?.get(database)
    if (over !== undefined)
      return `${app} answered request ${requests.n(i)} at ${moment(requests.endedMs(i))} from ${database}, over ${over}, before the heal`
  }
  return undefined
}

/**
 * App → database → the way between them that is silent. An app asks its database, and waits for the answer: in 3,850
 * answers of real cuts none came over such a way.
 */
function silentWaysOf(
  { opened: { topology } }: RecordedJournal,
  { silent }: Absence,
): Map<string, Map<string, string>> {
  const databases = nodesOf(topology, 'database')
  const ways = (here: string) =>
    databases.flatMap(({ name, site }) => {
      const way = [`${here}>${site}`, `${site}>${here}`].find((each) => silent.has(each))
      return way === undefined ? [] : [[name, way] as const]
    })
  return new Map(nodesOf(topology, 'app').map(({ name, site }) => [name, new Map(ways(site))]))
}

/** Regions that no client can have an answer from: all their apps are dead, or the way to or from the edge is silent. */
function regionsAway({ opened: { topology } }: RecordedJournal, { dead, silent }: Absence): ReadonlySet<string> {
  const apps = nodesOf(topology, 'app')
  const edges = topology.sites.filter(({ kind }) => kind === 'edge').map(({ name }) => name)
  const isAway = (site: string): boolean => {
    const here = apps.filter((node) => node.site === site)
    const isDead = here.length > 0 && here.every(({ name }) => dead.has(name))
    return isDead || edges.some((edge) => silent.has(`${edge}>${site}`) || silent.has(`${site}>${edge}`))
  }
  return new Set(topology.sites.map(({ name }) => name).filter(isAway))
}

/** What was last seen down, when the last heal had been proved and the databases had been read. */
export function downAtEnd(journal: RecordedJournal, watched: readonly Watched[]): Defect {
  const endMs = endOfSight(journal)
  for (const thing of watched) {
    const last: Sighting | undefined = stateAt(thing, endMs)
    if (last === undefined || last.isUp) continue
    const what = thing.node === undefined ? `"${thing.name}" did not hold any more` : `${thing.name} was away`
    return `${what} from ${moment(last.atMs)} to the end`
  }
  return undefined
}

/**
 * Observers stop one after the other, and may take each other's end for an outage: the last audit comes before that,
 * whatever became of it, and the end of the load where there is none.
 */
function endOfSight(journal: RecordedJournal): number {
  const moments = [
    ...journal.of('audit.read'),
    ...journal.of('audit.failed'),
    ...journal.of('load.ended'),
    ...journal.of('heal.proved'),
  ].map(({ atMs }) => atMs)
  return moments.reduce((latest, ms) => Math.max(latest, ms), 0)
}
