/**
 * The interface to whatever runs the nodes of a world, in plain values. Docker on this machine is the first
 * implementation (docker/); `openEngine` of open.ts makes it. An engine touches only what belongs to the given world.
 *
 * A *visitor* is a container that exists only during a trial: the load generator, and the helpers that act inside other
 * containers. Features that an engine may lack are capabilities: each is either present, or gives the reason why it is
 * not.
 */
import type { Readable } from 'node:stream'
import { InstrumentError } from '../errors.ts'
import type { Endpoint, Topology } from '../topology/topology.ts'
import type { Capabilities } from './capabilities.ts'

// So that one import is enough.
export * from './capabilities.ts'

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

/** One part of a world, as its engine knows it: a node, or a visitor. */
export interface Container {
  id: string
  /** Its name in the world, which is the node's name in the topology. */
  service: string
  state: ContainerState
  /** Of one that has ended, if the engine tells it. */
  exitStatus?: number
  /** By its own health check, where it has one and runs. */
  health?: 'starting' | 'healthy' | 'unhealthy'
  labels: Record<string, string>
  /** The container's own port → where it is reached from here. A container that does not run has none. */
  endpoints: Record<number, Endpoint>
  /** In the world's networks; none while it does not run. */
  addresses: string[]
}

/** Load generators and helpers exist only during a trial; they are not part of the world under test. */
export function isVisitor({ labels }: Pick<Container, 'labels'>): boolean {
  return ['load', 'helper'].includes(labels['blackstart.role'] ?? '')
}

/** A part of the world under test. The container that looks after the engine's machine (`untracked`) is not one. */
export function isNode(container: Pick<Container, 'labels'>): boolean {
  return !isVisitor(container) && container.labels['blackstart.role'] !== 'host'
}

/**
 * A node that was asked to end, and the start time that it had then: if it still has this start time, it has not ended
 * yet, or was not asked.
 */
export interface Drained {
  service: string
  startedAt: string
}

/** How a command in a container ended, and what it said. */
export interface Ran {
  /** Null where the engine does not know. */
  exitStatus: number | null
  output: string
  /** What it wrote to standard error. */
  complaints: string
}
export interface RunLimits {
  limitMs: number
  /** Of its output, and of its complaints. */
  mostBytes: number
  /** Called with each piece of its output. */
  heard?: ((chunk: Buffer) => void) | undefined
}

/** A command said more than it may. */
export class TooMuchOutput extends InstrumentError {
  override name = 'TooMuchOutput'
}

/** A command that took too long, or said too much, and could not be ended. `cause`: which of them. */
export class RunsOn extends InstrumentError {
  override name = 'RunsOn'
}

/** Something that belongs to a world and can be removed. */
export interface Belonging {
  is: 'containers' | 'networks' | 'volumes'
  id: string
  name: string
  /** Rejects with the engine's message. Not an error if it is gone already. */
  remove(): Promise<void>
}

/** Events of a world's nodes that the engine reports. Without visitors: their own readers judge how they end. */
export interface EngineEvent {
  service: string
  is: 'started' | 'thawed' | 'died' | 'out of memory'
  /** Of a node that died, if the engine knows it. */
  exitStatus?: string
}

export interface EngineEvents {
  /** Ends it. `lost` is not called any more. */
  stop(): void
}

/** Gives nodes their routes until it is disposed of. */
export interface RouteKeeper extends AsyncDisposable {
  /** @throws UsageError when the label of a node that has started is wrong */
  check(): void
}

/** A container that exists while a trial needs it. It is given its input, and its output is read to the end. */
export interface VisitorSpec {
  world: string
  name: string
  image: string
  labels: Record<string, string>
  command: string[]
  environment: Record<string, string>
  /** The network that it is in, as `networkAt` returns it. */
  network: string
}

export interface Visitor {
  /** What it writes, to standard output and standard error alike. */
  output: Readable
  /** Starts it, gives it this as its whole input, and leaves it to its work. */
  start(input: Buffer): Promise<void>
  /** Resolves when it has ended, with its exit status; null if the engine does not report it. */
  ended(): Promise<number | null>
  signal(name: 'SIGINT' | 'SIGKILL'): Promise<void>
  remove(): Promise<void>
}

export interface Engine {
  /** Of the engine itself. */
  version(): Promise<string>
  /** Its wall clock, in milliseconds since the epoch; undefined if it does not report it. */
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
  /** All subnets that are taken, in CIDR notation. */
  subnets(): Promise<string[]>
  /** Whether an image is on the engine's machine. */
  hasImage(image: string): Promise<boolean>
  /** The name of a world's network at a site; undefined where there is none. */
  networkAt(world: string, site: string): Promise<string | undefined>
  /** Makes one with the labels of both, for a world that no Compose file describes. Returns its name. */
  makeNetwork(world: string, site: string): Promise<string>

  /** Calls `saw` with what happens to a world's nodes from now on, and `lost` when the engine reports no more. */
  follow(
    world: string,
    on: { saw: (event: EngineEvent) => void; lost: (reason: string) => void },
  ): Promise<EngineEvents>
  /** The last lines of a container's log, each with its time. `since`: nothing older. */
  log(container: Pick<Container, 'id' | 'service'>, options: { lines: number; since?: Date }): Promise<string>
  /**
   * Runs a command inside a container and returns its output.
   * @throws InstrumentError with its words and exit status when it failed
   */
  exec(container: Pick<Container, 'id'>, command: string[], options?: { user?: string }): Promise<string>

  /**
   * Runs a command inside a container to its end, however it ends.
   * @throws WaitError when it takes too long; TooMuchOutput. It is ended then, with all that it started; RunsOn where it
   * could not be ended
   */
  run(container: Pick<Container, 'id'>, command: string[], limits: RunLimits): Promise<Ran>

  /**
   * Thaws and starts those of these nodes (all, if none are named) that do not run. Returns their names.
   * @throws EnvironmentError, when all others run, naming those that did not follow
   */
  start(world: string, services?: string[]): Promise<string[]>
  /**
   * From now on gives each node that starts its routes to other sites, where links of this world route; until it is
   * disposed of. `start` does so by itself.
   */
  keepRoutes(world: string): Promise<RouteKeeper>
  /** Gives nodes that run the routes that they lack: who started them died before, or knows of none. Returns their names. */
  putRoutes(world: string): Promise<string[]>
  /**
   * Finds these nodes, so that each can be stopped at once.
   * @throws EnvironmentError naming the node that does not run
   */
  readyToStop(world: string, services: readonly string[]): Promise<ReadyToStop>
  /** Waits until the drained have ended, within the grace period of each, and asks them once more to end. */
  endDrains(world: string, drained: Drained[]): Promise<void>
  /** Node → restart policy ("unless-stopped"), of those of these nodes that the engine restarts when they die. */
  restartPolicies(world: string, services: readonly string[]): Promise<Map<string, string>>

  /** Makes a visitor, which does not run yet. @throws EnvironmentError when it cannot be made */
  visit(spec: VisitorSpec): Promise<Visitor>
  /** Removes the visitors of a world that an earlier process left behind. Returns what they were. */
  removeVisitors(world: string): Promise<string[]>

  readonly can: Capabilities
}

export interface ReadyToStop {
  drained: Drained[]
  /** With the node's own grace period. Settles when it has ended. */
  stop(service: string): Promise<void>
}
