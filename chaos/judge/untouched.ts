/**
 * Was anything else away while the faults lasted? An outage that clients see then is not theirs alone. Databases are left
 * out: one that no fault touches may restart because another became primary.
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

/** From the first request to the end of the load. */
export function elsewhereDefect(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  watched: readonly Watched[],
): Defect {
  const fromMs = faults.reduce((first, { requested }) => Math.min(first, requested.atMs), Infinity)
  const untilMs = journal.of('load.ended').at(-1)?.atMs ?? journal.lastAtMs
  const touched = new Touched(journal, faults)
  const started = startedDefect(journal, fromMs) ?? strayStartDefect(journal, faults, { fromMs, untilMs })
  if (started !== undefined) return started
  const databases = new Set(nodesOf(journal.opened.topology, 'database').map(({ name }) => name))
  for (const thing of watched) {
    if (touched.has(thing) || (thing.node !== undefined && databases.has(thing.node))) continue
    const aways = awaysOf(thing, { fromMs, untilMs })
    const long = aways.find(({ lengthMs }) => lengthMs > awayMostMs)
    const inAllMs = aways.reduce((sum, { lengthMs }) => sum + lengthMs, 0)
    const away =
      long === undefined
        ? inAllMs > awayInAllMs && `${duration(inAllMs)} in all, ${aways.length} times`
        : `${duration(long.lengthMs)} from ${moment(long.atMs)} on`
    if (away !== false)
      return thing.node === undefined
        ? `"${thing.name}" did not hold for ${away}, and no fault touches that`
        : `${thing.name} was away for ${away}, and no fault touches it`
  }
  return undefined
}

function awaysOf(
  { sightings }: Watched,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): { atMs: number; lengthMs: number }[] {
  return sightings.flatMap(({ atMs, isUp }, i) =>
    isUp || atMs <= fromMs || atMs >= untilMs
      ? []
      : [{ atMs, lengthMs: Math.min(sightings[i + 1]?.atMs ?? untilMs, untilMs) - atMs }],
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

/** What faults act upon: nodes, sites of which they take nodes, and links. */
class Touched {
  readonly #nodes: ReadonlySet<string>
  readonly #sites: ReadonlySet<string>
  readonly #links: readonly (readonly string[])[]

  constructor({ opened: { topology } }: RecordedJournal, faults: readonly FaultRecord[]) {
    const requests = faults.map(({ requested }) => requested)
    const names = requests.flatMap(namesIn)
    this.#nodes = new Set(names)
    this.#sites = new Set(topology.nodes.filter(({ name }) => this.#nodes.has(name)).map(({ site }) => site))
    const links = new Set(requests.flatMap((requested) => requested.links))
    this.#links = topology.links.filter(({ name }) => links.has(name)).map(({ sites }) => sites)
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
