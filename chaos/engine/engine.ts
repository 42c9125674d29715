/**
 * The door to whatever runs the nodes of a world: what the harness needs of it, in plain values. Docker on this machine
 * is the first implementation (docker/); `openEngine` of open.ts makes it. An engine touches nothing but what belongs
 * to the world that is named.
 *
 * A *visitor* comes and goes with a trial: the load generator, and the helpers that act inside other containers. What
 * an engine may be unable to do is a capability: it is there, or it says why not.
 */
import type { Readable } from 'node:stream'
import { EnvironmentError } from '../errors.ts'
import type { Machine } from '../host/machine.ts'
import type { Endpoint, Topology } from '../topology/topology.ts'

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

/** One part of a world, as its engine knows it: a node, or a visitor. */
export interface Container {
  id: string
  /** Its name in the world, which is the node's name in the topology. */
  service: string
  state: ContainerState
  labels: Record<string, string>
  /** The container's own port → where it is reached from here. A container that does not run has none. */
  endpoints: Record<number, Endpoint>
}

/** Load generators and helpers come and go with a trial; they are not part of the world under test. */
export function isVisitor({ labels }: Pick<Container, 'labels'>): boolean {
  return ['load', 'helper'].includes(labels['blackstart.role'] ?? '')
}

/**
 * A part of the world under test. What looks after the engine's machine while the world is there (`untracked`) is none.
 */
export function isNode(container: Pick<Container, 'labels'>): boolean {
  return !isVisitor(container) && container.labels['blackstart.role'] !== 'host'
}

/**
 * A node that was told to end, and since when it had run then: if it has run since, it has not ended yet, or was not
 * told.
 */
export interface Drained {
  service: string
  startedAt: string
}

/** As long as the longest grace period that is usual, and some. */
export const drainLimitMs = 50_000

/** Something that belongs to a world and can be removed. */
export interface Belonging {
  is: 'containers' | 'networks' | 'volumes'
  id: string
  name: string
  /** Rejects with the engine's own words. Gone already is as good as removed. */
  remove(): Promise<void>
}

/** What the engine tells by itself of a world's nodes. Visitors are left out: their own readers judge how they end. */
export interface EngineEvent {
  service: string
  is: 'started' | 'thawed' | 'died' | 'out of memory'
  /** Of one that died, where the engine knows it. */
  exitStatus?: string
}

export interface EngineEvents {
  /** Ends it. `lost` is not called any more. */
  stop(): void
}

/** A container that stands in a world for as long as a trial needs it, is given its input, and is read to its end. */
export interface VisitorSpec {
  world: string
  name: string
  image: string
  labels: Record<string, string>
  command: string[]
  environment: Record<string, string>
  /** The network that it stands in, as `networkAt` tells it. */
  network: string
}

export interface Visitor {
  /** What it writes, to standard output and standard error alike. */
  output: Readable
  /** Starts it, gives it this as its whole input, and leaves it to its work. */
  start(input: Buffer): Promise<void>
  /** Resolves when it has ended, with its exit status; null where the engine does not tell. */
  ended(): Promise<number | null>
  signal(name: 'SIGINT' | 'SIGKILL'): Promise<void>
  remove(): Promise<void>
}

export interface Engine {
  /** Of the engine itself. */
  version(): Promise<string>
  /** Its wall clock, in milliseconds since the epoch; undefined where it does not tell. */
  wallMs(): Promise<number | undefined>

  /** Every container of a world, whatever its state. */
  containers(world: string): Promise<Container[]>
  /** Names of all worlds that have containers, with how many. */
  worlds(): Promise<Map<string, number>>
  /**
   * The topology of a world.
   * @throws EnvironmentError when there is no such world, naming those there are
   */
  topology(world: string): Promise<Topology>
  /** Everything that carries the world's label. */
  belongings(world: string): Promise<Belonging[]>
  /** Subnets that are taken, in CIDR notation, whoever has them. */
  subnets(): Promise<string[]>
  /** The name of a world's network at a site; undefined where there is none. */
  networkAt(world: string, site: string): Promise<string | undefined>

  /** Calls `saw` with what happens to a world's nodes from now on, and `lost` when the engine tells no more. */
  follow(
    world: string,
    on: { saw: (event: EngineEvent) => void; lost: (reason: string) => void },
  ): Promise<EngineEvents>
  /** The last lines of a container's log, each with its time. `since`: nothing older. */
  log(container: Pick<Container, 'id' | 'service'>, options: { lines: number; since?: Date }): Promise<string>
  /**
   * Runs a command inside a container and returns what it said.
   * @throws InstrumentError with its words and exit status when it failed
   */
  exec(container: Pick<Container, 'id'>, command: string[], options?: { user?: string }): Promise<string>

  /**
   * Thaws and starts those of these nodes (all, where none are named) that do not run. Returns their names.
   * @throws EnvironmentError, when all others run, naming those that did not follow
   */
  start(world: string, services?: string[]): Promise<string[]>
  /**
   * Finds these nodes, so that each can be told to stop at once.
   * @throws EnvironmentError naming the node that does not run
   */
  readyToStop(world: string, services: readonly string[]): Promise<ReadyToStop>
  /** Waits until the drained have ended, within the grace period that each asks for, and tells them once more. */
  endDrains(world: string, drained: Drained[]): Promise<void>
  /** Node → restart policy ("unless-stopped"), of those of these nodes that the engine starts again when they die. */
  restartPolicies(world: string, services: readonly string[]): Promise<Map<string, string>>

  /** Makes a visitor, which does not run yet. @throws EnvironmentError when it cannot be made */
  visit(spec: VisitorSpec): Promise<Visitor>
  /** Removes the visitors of a world that a harness left behind. Returns what they were. */
  removeVisitors(world: string): Promise<string[]>

  readonly can: Capabilities
}

export interface ReadyToStop {
  drained: Drained[]
  /** With the node's own grace period. Settles when it has ended. */
  stop(service: string): Promise<void>
}

/** What an engine can do, or why it cannot. */
export type Capability<T extends object> = T | Missing
export interface Missing {
  readonly unavailable: string
}

export interface Capabilities {
  kill: Capability<Kill>
  freeze: Capability<Freeze>
  limitProcessor: Capability<LimitProcessor>
  fillDisk: Capability<FillDisk>
  cutLinks: Capability<CutLinks>
  /** The machine that the nodes run on, where the harness runs on it too. */
  probeMachine: Capability<Machine>
}

/** Kills every process of several nodes at once. */
export interface Kill {
  /**
   * Finds the nodes' processes and the way to them. `now` is the clock of the times that `kill` returns.
   * @throws EnvironmentError naming the node that has no container, or does not run
   */
  ready(world: string, services: readonly string[], options: { now: () => number }): Promise<ReadyToKill>
  /** Kills those of these nodes that run, one by one, where the moment does not matter. Never rejects for one of them. */
  eachThatRuns(world: string, services: readonly string[]): Promise<void>
}

export interface ReadyToKill {
  /** Returns when all of them are dead, and tells when the signals were sent. */
  kill(): Promise<{ firstActMs: number; lastActMs: number }>
  /** Lets go of what was made ready. Harmless after `kill`. */
  dispose(): Promise<void>
}

/** Stops every process of a node between two instructions; `Engine.start` thaws it. */
export interface Freeze {
  /** @throws EnvironmentError naming the node that has no container, or does not run */
  ready(world: string, services: readonly string[]): Promise<{ freeze(): Promise<void> }>
}

/** What a node has of the processor, in microseconds of each period; 0: no limit. */
export interface CpuShare {
  service: string
  quotaUs: number
  periodUs: number
}

/** Gives nodes a small share of one core. */
export interface LimitProcessor {
  /**
   * Finds the nodes, and what each has now, which is what `restore` needs.
   * @throws EnvironmentError naming the node that does not run, or whose limit cannot be changed
   */
  ready(
    world: string,
    services: readonly string[],
  ): Promise<{ shares: CpuShare[]; limit(options: { cores: number }): Promise<void> }>
  /** How often the kernel made a node wait since it started. */
  throttledPeriods(world: string, service: string): Promise<number>
  /** Which nodes have a limit of ours, with what they had before: by `before`, else none. */
  limited(world: string, before: CpuShare[]): Promise<CpuShare[]>
  /** Gives nodes back what they had. Of those that are gone nothing is left to restore. Returns their names. */
  restore(world: string, shares: CpuShare[]): Promise<string[]>
}

/** A folder inside a node. */
export interface Disk {
  service: string
  path: string
}

export interface Room {
  /** Bytes of the whole file system. */
  size: number
  available: number
  mountedAt: string
}

/** Takes all that is left on the disk that a folder of a node is on. */
export interface FillDisk {
  /** Finds the nodes, and the room on each disk, in the order given. @throws EnvironmentError when one does not run */
  ready(world: string, disks: readonly Disk[]): Promise<{ rooms: Room[]; fill(): Promise<void> }>
  roomAt(world: string, disk: Disk): Promise<Room>
  /** Gives it back. Returns the names of the nodes that had a disk of theirs filled. */
  empty(world: string, disks: Disk[]): Promise<string[]>
}

/** Drops every packet that comes to a link or leaves it. */
export interface CutLinks {
  /**
   * A hand at each of these links.
   * @throws CannotRun where packets cannot be dropped there
   */
  ready(world: string, links: readonly string[]): Promise<ReadyToCut>
  /** Undoes one fault, or all of ours. Returns "link table" for each. Links that do not run have none. */
  restore(world: string, links: string[], faultId?: string): Promise<string[]>
}

export interface ReadyToCut {
  cut(faultId: string): Promise<void>
  restore(faultId: string): Promise<void>
  dispose(): Promise<void>
}

/** The engine, or the machine it is on, cannot do this; the message says what is missing. */
export class CannotRun extends EnvironmentError {
  override name = 'CannotRun'
}

/** Why something cannot be done here; undefined when it can: `whyNot(engine.can.freeze)`. */
export function whyNot(capability: Capability<object>): string | undefined {
  return 'unavailable' in capability ? (capability as Missing).unavailable : undefined
}

/** The capability itself. @throws CannotRun with the reason where it is missing */
export function able<T extends object>(capability: Capability<T>): T {
  const reason = whyNot(capability)
  if (reason !== undefined) throw new CannotRun(reason)
  return capability as T
}

/** The capability, or undefined where it is missing: for what is done only where it can be. */
export function ifAble<T extends object>(capability: Capability<T>): T | undefined {
  return whyNot(capability) === undefined ? (capability as T) : undefined
}
