/**
 * What a fault kind may use: injectors, which change something, and probes, which measure more than whether a node
 * answers. A kind only describes what it does with them; `chaos/injectors` implements them for a real world.
 */
import type { Link, Node } from '../topology/topology.ts'
import type { PreparedFault } from './fault.ts'

/** Kinds that take a link down as a whole, and that `flap` can therefore switch on and off. */
export const cuttingKinds = ['blackhole', 'hang', 'refuse'] as const
export type CuttingKind = (typeof cuttingKinds)[number]

export interface Phases {
  downMs: number
  upMs: number
}

/** `upstream`: from the client to the node; `downstream`: from the node to the client. */
export type Stream = 'upstream' | 'downstream'
/** A toxic as Toxiproxy takes it. */
export interface Toxic {
  type: 'timeout' | 'latency' | 'bandwidth' | 'reset_peer'
  attributes: Record<string, number>
}
/** What a link relays to one node: who is behind it, and at which of the link's two sites that is. */
export interface Relay {
  node: string
  site: string
}

/**
 * Each prepares one act: everything slow is done, nothing is changed yet. What it returns writes its undo to disk
 * before it acts. Rejects with `Unavailable` and the reason if the act cannot be done here.
 */
export interface Injectors {
  /** Nothing. */
  nothing(): Promise<PreparedFault>
  /** SIGKILL to every process of these nodes, at once. */
  kill(nodes: Node[]): Promise<PreparedFault>
  /** Kills these nodes, starts them again, kills them again, until it is healed. */
  crash(nodes: Node[], phases: Phases): Promise<PreparedFault>
  /** Every process of these nodes stands still. */
  freeze(nodes: Node[]): Promise<PreparedFault>
  /** SIGTERM, the apps first, then the databases; each has its own grace period. */
  drain(nodes: Node[], name: string): Promise<PreparedFault>
  /** No more than this share of one core to each of these nodes. */
  starve(nodes: Node[], cores: number): Promise<PreparedFault>
  /** Fills the disk at this path of each node to the last byte. */
  fillDisk(nodes: Node[], pathOf: (node: Node) => string): Promise<PreparedFault>
  /** SIGKILL to every process of these nodes, at once; then all that is on their volumes is removed. */
  loseDisk(nodes: Node[]): Promise<PreparedFault>
  /** Packets at these links are dropped. */
  cut(links: Link[]): Promise<PreparedFault>
  /** These nodes reach nobody, and nobody reaches them. */
  isolate(nodes: Node[]): Promise<PreparedFault>
  /** This share of the packets that come to these links is dropped: of those from the sites that `from` names. */
  lose(links: Link[], share: number, from: (link: Link) => string[]): Promise<PreparedFault>
  /** A toxic on everything that these links relay, in both directions or in those that `on` names. */
  toxic(links: Link[], toxic: Toxic, on?: (relay: Relay, link: Link) => Stream[]): Promise<PreparedFault>
  /** These links close what they relay and accept nothing new. */
  refuse(links: Link[]): Promise<PreparedFault>
  /** Takes links down with this kind and up again, over and over. Begins with a down phase. */
  flap(links: Link[], kind: CuttingKind, phases: Phases): Promise<PreparedFault>
  /** Asks a primary to hand over to another node. */
  handOver(primary: Node, to: Node): Promise<PreparedFault>
}

/** Evidence that only some kinds need. Each rejects when the answer cannot be known. */
export interface Probes {
  /** The last round trip over a link, in milliseconds, as each of its two beacons measured it. */
  roundTrips(link: Link): Promise<{ from: string; to: string; ms: number }[]>
  /** For how long nothing was heard at each end of a link, in milliseconds. */
  silences(link: Link): Promise<{ from: string; to: string; ms: number }[]>
  /** What one connection over a link carries, in kilobytes per second: so many bytes are sent over it. */
  transferRate(link: Link, bytes: number): Promise<{ from: string; to: string; kilobytesPerSecond: number }>
  /** Of the packets that came to a link since this fault began: how many were met each way, and how many dropped. */
  losses(link: Link): Promise<{ from: string; to: string; met: number; lost: number }[]>
  /** Packets to and from a node that were dropped since this fault began. Something is sent from it before that. */
  isolation(node: Node): Promise<{ arrived: number; left: number }>
  /** How often the kernel made a node wait for its share of the processor, since it started. */
  throttled(node: Node): Promise<number>
  /** Bytes that are left on a node's disk at this path. */
  roomLeft(node: Node, path: string): Promise<number>
  /** Files and folders on a node's volumes. */
  stored(node: Node): Promise<number>
}
