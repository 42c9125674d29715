/**
 * What the page shows of a trial, kept from its events. Pure: the same events give the same view, however they come in
 * pieces. A page says up to which revision it has the view, and gets what came after: so one that is late, or was slow,
 * gets the whole trial, and nothing is kept for it.
 */
import type { EventOf, JournalEvent } from '../journal/schema.ts'
import { SystemState } from '../journal/system.ts'
import { requestedFault } from '../judge/words.ts'
import { LiveState } from '../live/state.ts'
import type { Topology } from '../topology/topology.ts'
import { type LinkView, linksSeen, RoundTrips } from './links.ts'
import { type LogLine, logLineOf } from './log.ts'
import { type NodeView, nodesSeen } from './nodes.ts'
import { type Second, Seconds } from './seconds.ts'
import { WriteGap, type WriteGapView } from './write-gap.ts'

export interface FaultView {
  faultId: string
  name: string
  requestedMs: number
  provedMs: number | null
  /** Why it was not proved, or did not last; null where neither is so. */
  trouble: string | null
  healRequestedMs: number | null
  healedMs: number | null
  healFailed: string | null
  /** How long it is to last, by the scenario; null in a drill, where the hand decides. */
  forMs: number | null
  nodes: string[]
  links: string[]
  doesNotModel: string[]
}

/** What the trial is; all of it is in its first event. */
export interface TrialFacts {
  trialId: string
  scenario: string
  title: string
  world: string
  byHand: boolean
  startedAt: string
  wallStartMs: number
  ratePerSecond: number
  sites: Topology['sites']
}

export interface TrialFrame {
  revision: number
  facts: TrialFacts | null
  stage: string
  stageSinceMs: number
  /** When the first fault was requested. */
  zeroMs: number | null
  lastMs: number
  closed: EventOf<'trial.closed'>['reason'] | null
  leader: string | null
  nodes: NodeView[]
  links: LinkView[]
  faults: FaultView[]
  writeGap: WriteGapView
  /** What came after the revision that was asked for. */
  log: LogLine[]
  seconds: Second[]
}

/** A world of which nobody has seen anything yet. */
export function unobserved(topology: Topology): Pick<TrialFrame, 'nodes' | 'links'> & { sites: Topology['sites'] } {
  const system = new SystemState()
  return {
    sites: topology.sites,
    nodes: nodesSeen(topology, system, []),
    links: linksSeen(topology, { system, roundTrips: new RoundTrips(), acting: [] }),
  }
}

export class TrialView {
  readonly #live = new LiveState()
  readonly #seconds = new Seconds()
  readonly #gap = new WriteGap()
  readonly #roundTrips = new RoundTrips()
  readonly #faults = new Map<string, FaultView>()
  readonly #about = new Map<string, string[]>()
  readonly #log: { line: LogLine; revision: number }[] = []
  #opened: EventOf<'trial.opened'> | undefined
  #closed: EventOf<'trial.closed'>['reason'] | null = null
  #lastMs = 0
  #revision = 0

  get revision(): number {
    return this.#revision
  }

  get world(): string | undefined {
    return this.#opened?.topology.world
  }

  get isClosed(): boolean {
    return this.#closed !== null
  }

  get hasFault(): boolean {
    return this.#faults.size > 0
  }

  get lastMs(): number {
    return this.#lastMs
  }

  apply(event: JournalEvent): void {
    this.#revision += 1
    this.#lastMs = Math.max(this.#lastMs, event.atMs)
    this.#live.apply(event)
    this.#roundTrips.see(event)
    if (event.kind === 'request') {
      this.#seconds.count(event, this.#revision)
      this.#gap.count(event, this.#live.zeroMs)
      return
    }
    if (event.kind === 'trial.opened') this.#opened = event
    else if (event.kind === 'trial.closed') this.#closed = event.reason
    else if ('faultId' in event) this.#faultEvent(event)
    const line = logLineOf(event, { names: this.#live.faultNames, about: this.#about })
    if (line !== undefined) this.#log.push({ line, revision: this.#revision })
  }

  since(revision: number): TrialFrame {
    const acting = [...this.#faults.values()].filter(({ healedMs }) => healedMs === null)
    const { system, stage, stageSinceMs, zeroMs } = this.#live
    const topology = this.#opened?.topology
    return {
      revision: this.#revision,
      facts: this.#opened === undefined ? null : factsOf(this.#opened),
      stage,
      stageSinceMs,
      zeroMs,
      lastMs: this.#lastMs,
      closed: this.#closed,
      leader: system.leader ?? null,
      nodes: topology === undefined ? [] : nodesSeen(topology, system, acting),
      links: topology === undefined ? [] : linksSeen(topology, { system, roundTrips: this.#roundTrips, acting }),
      faults: [...this.#faults.values()],
      writeGap: this.#gap.view,
      log: this.#logSince(revision),
      seconds: this.#seconds.since(revision),
    }
  }

  #logSince(revision: number): LogLine[] {
    const at = this.#log.findLastIndex((each) => each.revision <= revision)
    return this.#log.slice(at + 1).map(({ line }) => line)
  }

  #faultEvent(event: Extract<JournalEvent, { faultId: string }>): void {
    if (event.kind === 'fault.requested') {
      this.#faults.set(event.faultId, requested(event, this.#opened))
      this.#about.set(event.faultId, [...event.nodes, ...event.links])
      return
    }
    const fault = this.#faults.get(event.faultId)
    if (fault === undefined) return
    if (event.kind === 'fault.proved') fault.provedMs = event.atMs
    else if (event.kind === 'fault.unproved') fault.trouble = `not proved: ${event.reason}`
    else if (event.kind === 'fault.lapsed') fault.trouble = `did not last: ${event.evidence.join('; ')}`
    else if (event.kind === 'heal.requested') fault.healRequestedMs = event.atMs
    else if (event.kind === 'heal.proved') fault.healedMs = event.atMs
    else if (event.kind === 'heal.failed') fault.healFailed = event.reason
  }
}

function requested(event: EventOf<'fault.requested'>, opened: EventOf<'trial.opened'> | undefined): FaultView {
  const planned = opened?.scenario.faults[Number(/f(\d+)$/.exec(event.faultId)?.[1]) - 1]
  return {
    faultId: event.faultId,
    name: requestedFault(event),
    requestedMs: event.atMs,
    provedMs: null,
    trouble: null,
    healRequestedMs: null,
    healedMs: null,
    healFailed: null,
    forMs: opened?.byHand || planned?.kind !== event.fault ? null : planned.forMs,
    nodes: event.nodes,
    links: event.links,
    doesNotModel: event.doesNotModel,
  }
}

function factsOf({ trialId, scenario, topology, byHand, wallStartMs }: EventOf<'trial.opened'>): TrialFacts {
  return {
    trialId,
    scenario: scenario.name,
    title: scenario.title,
    world: topology.world,
    byHand: byHand === true,
    startedAt: new Date(wallStartMs).toISOString(),
    wallStartMs,
    ratePerSecond: scenario.load.ratePerSecond,
    sites: topology.sites,
  }
}
