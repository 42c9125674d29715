/**
 * Was anything away that no fault touched, or while none that touches it lasted? An outage that clients see then is not
 * the faults' alone. Databases are left out: one that no fault touches may restart because another became primary.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { nodesOf } from '../topology/topology.ts'
import type { FaultRecord } from './faults.ts'
import { duration, moment } from './figures.ts'
import type { Watched } from './sightings.ts'
import type { Defect } from './validity-load.ts'

/**
 * So long something that no fault touches may be away. In 55 real trials, many on a host without idle time, it was a
 * router for 1.9 s at the worst, and never a beacon or a link.
 */
const awayMostMs = 2_500
/** And so long in all, if it goes and comes: in 54 real trials only one thing went at all, for 0.2 s. */
const awayInAllMs = 2 * awayMostMs

/** From the load's first arrival to its end. */
export function elsewhereDefect(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  watched: readonly Watched[],
): Defect {
  const fromMs = faults.reduce((first, { requested }) => Math.min(first, requested.atMs), Infinity)
  const untilMs = journal.of('load.ended').at(-1)?.atMs ?? journal.lastAtMs
  const reaches = faults.map((fault) => new Reach(journal, fault))
  const started =
    startedDefect(journal, fromMs) ??
    awayBefore(journal, fromMs, watched) ??
    strayStartDefect(journal, faults, { fromMs, untilMs })
  if (started !== undefined) return started
  const databases = new Set(nodesOf(journal.opened.topology, 'database').map(({ name }) => name))
  for (const thing of watched) {
    if (thing.node !== undefined && databases.has(thing.node)) continue
    const mine = reaches.filter((reach) => reach.has(thing))
    const aways = awaysOf(thing, { fromMs, untilMs }).flatMap((away) => notIn(away, mine))
    const long = aways.find((away) => lengthOf(away) > awayMostMs)
    const inAllMs = aways.reduce((sum, away) => sum + lengthOf(away), 0)
    const away =
      long === undefined
        ? inAllMs > awayInAllMs && `${duration(inAllMs)} in all (${aways.length} times)`
        : `${duration(lengthOf(long))} from ${moment(long.fromMs)} on`
    if (away !== false) {
      const why = mine.length === 0 ? 'no fault touches it' : 'no fault that touches it lasted then'
      return `${wasAway(thing)} for ${away}, and ${why}`
    }
  }
  return undefined
}

/** While nothing was broken nothing is away, no database either: in 42 real trials nothing was at all. */
function awayBefore(journal: RecordedJournal, untilMs: number, watched: readonly Watched[]): Defect {
  const fromMs = journal.of('load.started').at(0)?.firstArrivalMs ?? Infinity
  for (const thing of watched) {
    const away = awaysOf(thing, { fromMs, untilMs }).find((span) => lengthOf(span) > awayMostMs)
    if (away !== undefined)
      return `${wasAway(thing)} for ${duration(lengthOf(away))} from ${moment(away.fromMs)} on, before anything was broken`
  }
  return undefined
}

function wasAway({ node, name }: Watched): string {
  return node === undefined ? `"${name}" did not hold` : `${name} was away`
}

interface Span {
  fromMs: number
  toMs: number
}
const lengthOf = ({ fromMs, toMs }: Span): number => toMs - fromMs

/** When it was not there. */
function awaysOf({ sightings }: Watched, { fromMs, untilMs }: { fromMs: number; untilMs: number }): Span[] {
  return sightings.flatMap(({ atMs, isUp }, i) =>
    isUp || atMs <= fromMs || atMs >= untilMs
      ? []
      : [{ fromMs: atMs, toMs: Math.min(sightings[i + 1]?.atMs ?? untilMs, untilMs) }],
  )
}

/** What of a span lies in none of the others. */
function notIn(span: Span, others: readonly Span[]): Span[] {
  return others.reduce(
    (left, { fromMs, toMs }) =>
      left.flatMap((part) =>
        [
          { fromMs: part.fromMs, toMs: Math.min(part.toMs, fromMs) },
          { fromMs: Math.max(part.fromMs, toMs), toMs: part.toMs },
        ].filter((rest) => lengthOf(rest) > 0),
      ),
    [span],
  )
}

/** What the engine had to start under load had been away: that outage is not the fault's. */
function startedDefect(journal: RecordedJournal, untilMs: number): Defect {
  const fromMs = journal.of('load.started').at(0)?.firstArrivalMs ?? Infinity
  const started = journal.of('node.started').find(({ atMs }) => atMs > fromMs && atMs < untilMs)
  return (
    started &&
    `${started.node} was ${started.how === 'start' ? 'started' : 'thawed'} at ${moment(started.atMs)}, before anything was broken: it had been away`
  )
}

/** Nor does anything that no fault touches have to be started while there is load. */
function strayStartDefect(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): Defect {
  const touched = new Set(faults.flatMap(({ requested }) => namesIn(requested)))
  const stray = journal
    .of('node.started')
    .find(({ node, atMs }) => !touched.has(node) && atMs >= fromMs && atMs < untilMs)
  return (
    stray &&
    `${stray.node} was ${stray.how === 'start' ? 'started' : 'thawed'} at ${moment(stray.atMs)}, and no fault touches it: it had been away`
  )
}

/** What a fault acts upon: nodes, sites of which it takes nodes, and links; and when. */
class Reach implements Span {
  /** From its request until what it took has had time to come back. */
  readonly fromMs: number
  readonly toMs: number
  readonly #nodes: ReadonlySet<string>
  readonly #sites: ReadonlySet<string>
  readonly #links: readonly (readonly string[])[]

  constructor({ opened: { topology } }: RecordedJournal, { requested, healedMs }: FaultRecord) {
    this.fromMs = requested.atMs
    this.toMs = (healedMs ?? Infinity) + awayMostMs
    this.#nodes = new Set(namesIn(requested))
    this.#sites = new Set(topology.nodes.filter(({ name }) => this.#nodes.has(name)).map(({ site }) => site))
    this.#links = topology.links.filter(({ name }) => requested.links.includes(name)).map(({ sites }) => sites)
  }

  has({ node, through, direction, roundTrip }: Watched): boolean {
    if ([node, through].some((name) => name !== undefined && this.#nodes.has(name))) return true
    const ends = direction?.split('>') ?? roundTrip ?? []
    if (ends.some((site) => this.#sites.has(site))) return true
    return ends.length > 0 && this.#links.some((sites) => ends.every((site) => sites.includes(site)))
  }
}

function namesIn({ nodes, disturbed = [], expectGone }: EventOf<'fault.requested'>): string[] {
  return [...nodes, ...disturbed, ...expectGone.nodes]
}
