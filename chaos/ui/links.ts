/** What is known of each direction of each link at this moment. Pure. */
import type { EventOf, JournalEvent } from '../journal/schema.ts'
import type { SystemState } from '../journal/system.ts'
import type { Topology } from '../topology/topology.ts'

/** `half`: connections that exist answer and fresh ones do not, or the other way round. */
export type LinkHealth = 'answers' | 'half' | 'silent' | 'unseen'

export interface DirectionView {
  from: string
  to: string
  health: LinkHealth
  /** Whether pings arrive there, whatever becomes of the answers; null where nobody told. */
  heard: boolean | null
  /** There and back, as it was last measured, and when; null for never. */
  roundTripMs: number | null
  roundTripAtMs: number | null
}

export interface LinkView {
  name: string
  sites: readonly [string, string]
  /** The latency that the link adds in each direction by its settings. */
  latencyMs: number
  there: DirectionView
  back: DirectionView
  /** Faults that act on it. */
  faults: string[]
}

/** Round trips as they are told: by a beacon when an edge comes up, and by the proof of a fault that makes it slow. */
export class RoundTrips {
  readonly #told = new Map<string, { ms: number; atMs: number }>()

  see(event: JournalEvent): void {
    if (event.kind === 'beacon.edge') this.#edge(event)
    else if (event.kind === 'fault.proved')
      for (const { from, to, leastMs } of event.roundTrips ?? [])
        this.#told.set(`${from}>${to}`, { ms: leastMs, atMs: event.atMs })
  }

  of(from: string, to: string): { ms: number; atMs: number } | undefined {
    return this.#told.get(`${from}>${to}`)
  }

  #edge({ from, to, up, rttMs, connection, atMs }: EventOf<'beacon.edge'>): void {
    const key = `${from}>${to}`
    if (!up) this.#told.delete(key)
    // A fresh connection's time holds its opening.
    else if (rttMs !== null && connection === 'existing') this.#told.set(key, { ms: rttMs, atMs })
  }
}

export function linksSeen(
  topology: Topology,
  { system, roundTrips, acting }: { system: SystemState; roundTrips: RoundTrips; acting: readonly ActingOnLinks[] },
): LinkView[] {
  const direction = (from: string, to: string): DirectionView => {
    const told = roundTrips.of(from, to)
    return {
      from,
      to,
      // The beacon where it begins tells of it: one that does not answer tells nothing.
      health: system.beacons.get(from) === false ? 'unseen' : healthOf(system.edges.get(`${from}>${to}`)),
      heard: system.heard.get(`${from}>${to}`) ?? null,
      roundTripMs: told?.ms ?? null,
      roundTripAtMs: told?.atMs ?? null,
    }
  }
  return topology.links.map(({ name, sites, latencyMs }) => ({
    name,
    sites,
    latencyMs,
    there: direction(sites[0], sites[1]),
    back: direction(sites[1], sites[0]),
    faults: acting.filter(({ links }) => links.includes(name)).map((fault) => fault.name),
  }))
}

export interface ActingOnLinks {
  name: string
  links: readonly string[]
}

function healthOf(edge: { existing?: boolean; fresh?: boolean } | undefined): LinkHealth {
  const told = Object.values(edge ?? {})
  if (told.length === 0) return 'unseen'
  if (told.every(Boolean)) return 'answers'
  return told.some(Boolean) ? 'half' : 'silent'
}
