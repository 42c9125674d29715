/**
 * Whether each thing that observers watch was there, moment by moment: databases, routers, sites by their beacons, and
 * what beacons hear of each other. What is seen after the trial was closed shows only that its observers stopped.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { MilestoneEvent } from '../journal/schema.ts'
import { beaconOf, type Topology } from '../topology/topology.ts'

export interface Sighting {
  atMs: number
  isUp: boolean
}
/** One thing that was watched. */
export interface Watched {
  /** In words: "router-1", "west hears east". */
  name: string
  /** The node that it shows, and the node through which it is seen: a beacon that is gone shows nothing. */
  node?: string | undefined
  through?: string | undefined
  /** "east>west", of what is heard in one direction; the two sites, of a round trip. */
  direction?: string
  roundTrip?: readonly [string, string]
  sightings: Sighting[]
}

export function sightingsOf(journal: RecordedJournal): Watched[] {
  const things = new Map<string, Watched>()
  for (const event of journal.milestones) {
    if (event.kind === 'trial.closed') break
    const seen = seenIn(event, journal.opened.topology)
    if (seen === undefined) continue
    const { isUp, ...thing } = seen
    const key = `${event.kind} ${thing.name}`
    const known = things.get(key) ?? { ...thing, sightings: [] }
    known.sightings.push({ atMs: event.atMs, isUp })
    things.set(key, known)
  }
  return [...things.values()]
}

/** How it was at a moment; undefined before it was first seen. */
export function stateAt({ sightings }: Watched, ms: number): Sighting | undefined {
  return sightings.findLast(({ atMs }) => atMs <= ms)
}

function seenIn(
  event: MilestoneEvent,
  topology: Topology,
): (Omit<Watched, 'sightings'> & { isUp: boolean }) | undefined {
  const beacon = (site: string): string | undefined => beaconOf(topology, site)?.name
  switch (event.kind) {
    case 'database.role':
      return { name: event.node, node: event.node, isUp: event.role !== 'unreachable' }
    case 'router.reachable':
      return { name: event.router, node: event.router, isUp: event.reachable }
    case 'beacon.reachable':
      return { name: `the beacon of ${event.site}`, node: beacon(event.site), isUp: event.reachable }
    case 'beacon.heard':
      return {
        name: `${event.at} hears ${event.from}`,
        through: beacon(event.at),
        direction: `${event.from}>${event.at}`,
        isUp: event.heard,
      }
    case 'beacon.edge':
      return {
        name: `a ping from ${event.from} to ${event.to} and back (${event.connection} connection)`,
        through: beacon(event.from),
        roundTrip: [event.from, event.to],
        isUp: event.up,
      }
    default:
      return undefined
  }
}
