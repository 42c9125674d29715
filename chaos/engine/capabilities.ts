/**
 * Features that an engine may lack. Each is either present, or gives the reason why it is not. Slow preparation is done
 * by `ready`, so that the act itself comes at its moment.
 */
import { EnvironmentError } from '../errors.ts'
import type { Machine } from '../host/machine.ts'

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
  loseDisk: Capability<LoseDisk>
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
  /** Returns when all of them are dead, with the times at which the signals were sent. */
  kill(): Promise<{ firstActMs: number; lastActMs: number }>
  /** Releases what was prepared. Harmless after `kill`. */
  dispose(): Promise<void>
}

/** Stops every process of a node between two instructions; `Engine.start` thaws it. */
export interface Freeze {
  /** @throws EnvironmentError naming the node that has no container, or does not run */
  ready(world: string, services: readonly string[]): Promise<{ freeze(): Promise<void> }>
}

/** The processor time of a node, in microseconds of each period; 0: no limit. */
export interface CpuShare {
  service: string
  quotaUs: number
  periodUs: number
}

/** Gives nodes a small share of one core. */
export interface LimitProcessor {
  /**
   * Finds the nodes, and the present limit of each, which `restore` needs.
   * @throws EnvironmentError naming the node that does not run, or whose limit cannot be changed
   */
  ready(
    world: string,
    services: readonly string[],
  ): Promise<{ shares: CpuShare[]; limit(options: { cores: number }): Promise<void> }>
  /** How often the kernel made a node wait since it started. */
  throttledPeriods(world: string, service: string): Promise<number>
  /** Which nodes have a limit that Blackstart set, with the limit that they had before: by `before`, else none. */
  limited(world: string, before: CpuShare[]): Promise<CpuShare[]>
  /**
   * Restores the limits that nodes had before. For nodes that are gone there is nothing to restore. Returns their
   * names.
   */
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

/** Takes all free space of the disk with a folder of a node. */
export interface FillDisk {
  /**
   * Finds the nodes, and the free space of each disk, in the order given. @throws EnvironmentError when one does not
   * run
   */
  ready(world: string, disks: readonly Disk[]): Promise<{ rooms: Room[]; fill(): Promise<void> }>
  roomAt(world: string, disk: Disk): Promise<Room>
  /** Frees it again. Returns the names of the nodes whose disk was filled. */
  empty(world: string, disks: Disk[]): Promise<string[]>
}

/** Empties the volumes of nodes that are dead. Nothing brings back what was in them. */
export interface LoseDisk {
  /**
   * Finds the volumes of these nodes, and the way to them; nothing is changed yet.
   * @throws CannotRun where none has a volume, and for a volume that is not this world's own, or somebody else's too
   */
  ready(world: string, services: readonly string[]): Promise<{ empty(): Promise<void>; dispose(): Promise<void> }>
  /** How many files and folders a node has on its volumes. */
  stored(world: string, service: string): Promise<number>
  /** Empties the volumes of those of these nodes that are dead. Returns their names. */
  emptyOfDead(world: string, services: readonly string[]): Promise<string[]>
}

/**
 * What happens to packets at a link: all of them are dropped; or something happens to those that it passes on to some
 * subnets; or a share of those that come from some sites is dropped. `swallow`: what carries bytes is dropped,
 * handshakes and acknowledgements pass; `refuse`: connections are rejected, old and new; `reset`: connections are made,
 * and reset at once. Or a node, in the place of a link, is cut off from everybody, and what is dropped is counted.
 */
export type Cut = 'all' | 'isolate' | { is: 'swallow' | 'refuse' | 'reset'; to: string[] } | Lose
export interface Lose {
  is: 'lose'
  /** 0 to 1. */
  share: number
  from: string[]
  /** The link relays: it takes a connection itself, and makes another one to where it leads. */
  relays?: true
}

/** Packets that came to a link from a site since the fault began, and how many of them it dropped. */
export interface Losses {
  from: string
  met: number
  lost: number
}

/** Packets to and from an isolated node that were dropped since the fault began. */
export interface Isolation {
  arrived: number
  left: number
}

/** Drops packets that come to a link, or to a node, or leave it. */
export interface CutLinks {
  /**
   * Starts a helper at each of these links. `how`: what will happen to packets at each; otherwise all are dropped.
   * @throws CannotRun where that cannot be done
   */
  ready(world: string, links: readonly string[], how?: (link: string) => Cut): Promise<ReadyToCut>
  /** Undoes one fault, or all. Returns "link table" for each. Links that do not run have none. */
  restore(world: string, links: string[], faultId?: string): Promise<string[]>
  /**
   * What a fault that loses packets has dropped so far at a link, by the kernel's count.
   * @throws InstrumentError when no such fault of this process is active there
   */
  losses(world: string, link: string, faultId: string): Promise<Losses[]>
  /**
   * What has been dropped so far at a node that a fault isolates, by the kernel's count. Before that, a few datagrams
   * are sent from the node's own network namespace to somebody else in each of its networks.
   * @throws InstrumentError when no such fault of this process is active there
   */
  isolation(world: string, node: string, faultId: string): Promise<Isolation>
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

/** The capability, or undefined if it is missing: for work that is skipped then. */
export function ifAble<T extends object>(capability: Capability<T>): T | undefined {
  return whyNot(capability) === undefined ? (capability as T) : undefined
}
