/**
 * What a fault kind is: a value that says what it does, on which targets, and what must change by it, and that prepares
 * the injection. One file for each kind is beside this one and holds everything about it: the scenario's schema, the
 * command line's help, the table in docs/faults.md and the tests are made from these values. Nothing in this folder
 * touches a real system.
 */
import { z } from 'zod'
import { EnvironmentError, messageOf } from '../errors.ts'
import type { ResolvedTarget, Roles } from '../topology/resolve.ts'
import type { Target } from '../topology/target.ts'
import type { Link, Topology } from '../topology/topology.ts'
import type { Injectors, Probes } from './reach.ts'

/** From one site to another, as bytes travel. */
export interface Direction {
  from: string
  to: string
}

/** What must be different in the world because of a fault. Everything that is not named here must be unchanged. */
export interface Effect {
  /** Nodes that refuse connections. */
  gone?: string[]
  /** Nodes that accept connections and never answer. */
  mute?: string[]
  /** Nodes whose state is uncertain. */
  unsettled?: string[]
  /** Nodes that no other node can reach, nor they any other, while they run: in the harness's eyes `unsettled` as well. */
  isolated?: string[]
  /** Directions in which no byte arrives. */
  silent?: Direction[]
  /** Links whose state is uncertain, in either direction. */
  loose?: Direction[]
}

/** Of one way and back: the shortest and the longest that was measured, in milliseconds. */
export type RoundTrips = (Direction & { leastMs: number; mostMs: number })[]

/** Evidence that only this kind of fault needs. */
export interface Claim {
  /** In the words of the journal: "east to west and back takes 190 ms". */
  look(): Promise<{ holds: true; evidence: string; roundTrips?: RoundTrips } | { holds: false; seen: string }>
}

/** What the observers show now. */
export interface Shown {
  leader: string | null | undefined
  databases: ReadonlyMap<string, { accepting: boolean }>
}

export interface FaultContext {
  topology: Topology
  /** Milliseconds since the trial's start. */
  now: () => number
  view: Shown
  /** Which other fault that is active has taken a node, in words; undefined when none has. */
  takenBy?: (node: string) => string | undefined
  injectors: Injectors
  probes: Probes
}

/** The options of a fault, as its kind defines them. */
export type Told = Record<string, unknown>

/** A fault as a scenario or a command line asks for it. */
export interface Asked {
  kind: string
  target: Target
  with?: Told | undefined
}

/** A fault as ordered: the request, and what its target means here. */
export interface Order<Options extends Told = Told> {
  spec: Asked
  /** Its options; empty if there are none. */
  options: Options
  target: ResolvedTarget
  roles: Roles
}

export interface ActiveFault extends AsyncDisposable {
  acts: number
  firstActMs: number
  /** When the last act had taken hold. The difference to the first is the spread. */
  lastActMs: number
  /** Undoes the fault. Calling it twice is harmless. */
  heal(): Promise<void>
}

/**
 * A fault that is ready to act: everything slow (looking up processes, opening connections) is done before the clock
 * starts.
 */
export interface PreparedFault {
  inject(faultId: string): Promise<ActiveFault>
  dispose(): Promise<void>
}

/**
 * What a kind can be done to. A region, a site and a zone are nodes, and the first two have links as well. `site`: a
 * region or a site, with all that leads there. `database`: one node, which is asked and not broken.
 */
export type Reach = 'anything' | 'nodes' | 'links' | 'site' | 'database'

interface Description<Name extends string, Shape extends z.ZodRawShape> {
  /** As it is written in scenarios; its file's name. */
  kind: Name
  /** What it does, in a line, for editors and tables. */
  summary: string
  /** What it does to the system, for readers of a report. */
  models: string
  doesNotModel: string[]
  actsOn: Reach
  /** Its options, each with `describe`. `siteName` and `nodeName` are checked against the world. */
  options?: Shape
  /** Its options, as a phrase: "80 ms more in each direction". */
  inWords?(options: Options<Shape>, words: Words): string
  /**
   * Examples for the reference world, which benchmarks and tests run. The first shows it; the others differ in how it
   * acts or heals.
   */
  examples: readonly { target: Target; with?: z.input<z.ZodObject<Shape>> }[]
  /** Why it cannot be done to this target here, beyond what `actsOn` says; undefined when it can. */
  unavailable?(order: Order<Options<Shape>>, topology: Topology): string | undefined
  /** What must have changed for the fault to be proved. */
  effect(order: Order<Options<Shape>>, topology: Topology): Effect
  /** What stays changed while it lasts, where that is less than what proves it. */
  lasting?(order: Order<Options<Shape>>, topology: Topology): Effect
  claims?(order: Order<Options<Shape>>, context: FaultContext): Claim[]
  /** Its claims hold for as long as it lasts: each is looked at once more when it is to heal, or the fault has lapsed. */
  claimsLast?: boolean
  /**
   * Of a kind that makes links slow: how much longer each round trip takes at the least, and by how much they differ at
   * the least, in milliseconds. Round trips are measured for as long as it lasts.
   */
  delays?(options: Options<Shape>): { leastMs: number; apartMs: number }
  /** How long the proof may take, in milliseconds, where the usual limit is too short. */
  proofLimitMs?: number
  /** Its options with names in place of roles. */
  named?(order: Order<Options<Shape>>, topology: Topology): Told
  /** Whether it disables what links relay, rather than adding something of its own: the first that heals heals all. */
  disables?(options: Options<Shape>): boolean
  /** Whether what it takes away is asked first and can hand over: a planned change, which needs no detection. */
  planned?: boolean
  prepare(order: Order<Options<Shape>>, context: FaultContext): Promise<PreparedFault>
}

export type Options<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape, z.core.$strict>>

export interface Fault<Name extends string = string, Shape extends z.ZodRawShape = z.ZodRawShape>
  extends Omit<Description<Name, Shape>, 'options' | 'unavailable'> {
  options: z.ZodObject<Shape, z.core.$strict>
  /**
   * Why this fault cannot act on this target here; undefined when it can. If only trying can show it, `prepare` throws
   * `Unavailable`.
   */
  unavailable(order: Order<Options<Shape>>, topology: Topology): string | undefined
}

/** Phrases for the options of a fault. */
export interface Words {
  /** "80 ms", "1.5 s". */
  length(ms: number): string
  /** "the other region", "witness". */
  site(name: string): string
}

/** A complete kind, with defaults for what its description leaves out. */
export function faultKind<const Name extends string, Shape extends z.ZodRawShape = Record<never, never>>(
  description: Description<Name, Shape>,
): Fault<Name, Shape> {
  const { kind, actsOn } = description
  return {
    ...description,
    options: z.strictObject(description.options ?? ({} as Shape)),
    unavailable: (order, topology) => misfit(kind, actsOn, order.target) ?? description.unavailable?.(order, topology),
  }
}

/** Why a kind cannot act on what a target turned out to be. */
function misfit(kind: string, actsOn: Reach, { name, nodes, links, site }: ResolvedTarget): string | undefined {
  if (actsOn === 'nodes' && nodes.length === 0)
    return `${kind} acts on nodes, and ${name} has none; links take blackhole, hang or refuse`
  if (actsOn === 'links' && links.length === 0)
    return `${kind} acts on links: give it a region, a site or a link, not ${name}`
  if (actsOn === 'site' && (site === undefined || nodes.length === 0))
    return `${kind} acts on a site: give it a region or a site, not ${name}`
  if (actsOn === 'database' && (nodes.length !== 1 || nodes[0]?.role !== 'database'))
    return `${kind} asks one database to hand over: give it node "primary", not ${name}`
  return undefined
}

/**
 * This kind cannot run on this machine or this world: no privilege, no kernel module, no label. Its scenario is
 * skipped, with the reason.
 */
export class Unavailable extends EnvironmentError {
  override name = 'Unavailable'
}

/** Both directions of every link. */
export function bothWays(links: readonly Link[]): Direction[] {
  return links.flatMap(({ sites: [a, b] }) => [
    { from: a, to: b },
    { from: b, to: a },
  ])
}

export function namesOf(nodes: readonly { name: string }[]): string[] {
  return nodes.map(({ name }) => name)
}

/** All that was measured of each way, put together. */
export function together(...measured: readonly RoundTrips[]): RoundTrips {
  const byWay = new Map<string, RoundTrips[number]>()
  for (const trip of measured.flat()) {
    const way = `${trip.from}>${trip.to}`
    const before = byWay.get(way) ?? trip
    byWay.set(way, {
      ...before,
      leastMs: Math.min(before.leastMs, trip.leastMs),
      mostMs: Math.max(before.mostMs, trip.mostMs),
    })
  }
  return [...byWay.values()]
}

/** One look at the round trips over a link. */
export function measuredOnce(trips: readonly (Direction & { ms: number })[]): RoundTrips {
  return trips.map(({ from, to, ms }) => ({ from, to, leastMs: ms, mostMs: ms }))
}

/** Looks without throwing: an instrument that does not answer is reported as seen. */
export function claim(look: () => Promise<{ holds: boolean; said: string; roundTrips?: RoundTrips }>): Claim {
  return {
    async look() {
      const { holds, said, roundTrips } = await look().catch((error: unknown) => ({
        holds: false,
        said: messageOf(error),
        roundTrips: undefined,
      }))
      return holds ? { holds, evidence: said, ...(roundTrips && { roundTrips }) } : { holds, seen: said }
    },
  }
}
