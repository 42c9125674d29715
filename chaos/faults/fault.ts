/**
 * What a fault is: a value that describes itself, says why it cannot run here, injects, and returns something that
 * heals.
 */
import type { FaultKind, SpecOf } from '../scenarios/schema.ts'
import type { Topology } from '../topology/topology.ts'
import type { Engine } from '../engine/docker.ts'
import type { UndoLedger } from '../world/undo.ts'
import type { View } from '../observers/view.ts'
import { EnvironmentError } from '../errors.ts'
import type { ResolvedTarget, Roles } from './targets.ts'

/** From one site to another, as bytes travel. */
export interface Direction {
  from: string
  to: string
}

/** What must be different in the world because of a fault. Whatever is not named here must be as it was. */
export interface Effect {
  /** Nodes that refuse connections. */
  gone?: string[]
  /** Nodes that accept connections and never answer. */
  mute?: string[]
  /** Nodes about which nothing can be said. */
  unsettled?: string[]
  /** Directions in which no byte arrives. */
  silent?: Direction[]
  /** Links, in either direction, about which nothing can be said. */
  loose?: Direction[]
}

/** Evidence that only this fault knows how to get. */
export interface Claim {
  /** In the words of the journal: "east to west and back takes 190 ms". */
  look(): Promise<{ holds: true; evidence: string } | { holds: false; seen: string }>
}

export interface FaultContext {
  topology: Topology
  engine: Engine
  undo: UndoLedger
  /** Milliseconds since the trial's start. */
  now: () => number
  /** What the observers show now. */
  view: View
  /** Which other fault that is active has taken a node, in words; undefined when none has. */
  takenBy?: (node: string) => string | undefined
}

/** A fault as ordered: its specification and what its target means here. */
export interface Order<K extends FaultKind = FaultKind> {
  spec: SpecOf<K>
  target: ResolvedTarget
  roles: Roles
}

export interface ActiveFault extends AsyncDisposable {
  acts: number
  firstActMs: number
  /** When the last act had taken hold. The difference to the first is the spread. */
  lastActMs: number
  /** Undoes the fault. Twice is harmless. */
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

export interface Fault<K extends FaultKind = FaultKind> {
  kind: K
  models: string
  doesNotModel: string[]
  /**
   * What it acts on: processes of nodes, or links. Two that act on the same process at once get in each other's way.
   */
  actsOn: 'nodes' | 'links' | 'nothing'
  /**
   * Why this fault cannot act on this target here; undefined when it can. Where only trying tells, `prepare` throws
   * `Unavailable`.
   */
  unavailable(order: Order<K>, topology: Topology): string | undefined
  /** What must have changed for the fault to be proved. */
  effect(order: Order<K>, topology: Topology): Effect
  /** What stays changed while it lasts, where that is less than what proves it. */
  lasting?(order: Order<K>, topology: Topology): Effect
  claims?(order: Order<K>, context: FaultContext): Claim[]
  /** How long the proof may take, in milliseconds, where the usual limit is too short. */
  proofLimitMs?: number
  prepare(order: Order<K>, context: FaultContext): Promise<PreparedFault>
}

/**
 * This kind cannot run on this machine or this world: no privilege, no kernel module, no label. Its scenario is
 * skipped, with the reason.
 */
export class Unavailable extends EnvironmentError {
  override name = 'Unavailable'
}

/** Heals once, however often it is asked. */
export function healOnce(act: () => Promise<void>): Pick<ActiveFault, 'heal'> & AsyncDisposable {
  let healed: Promise<void> | undefined
  const heal = () => {
    // A heal that failed may be tried again.
    healed ??= act().catch((error: unknown) => {
      healed = undefined
      throw error
    })
    return healed
  }
  return { heal, [Symbol.asyncDispose]: heal }
}

/** A prepared fault of one act: the undo goes to disk, the act is timed, and healing is the ledger's. */
export function singleAct({
  context,
  undo,
  act,
  dispose = async () => {},
}: {
  context: FaultContext
  undo: Parameters<UndoLedger['write']>[1]
  act: (faultId: string) => Promise<number>
  dispose?: () => Promise<void>
}): PreparedFault {
  return {
    async inject(faultId) {
      await context.undo.write(faultId, undo)
      const firstActMs = context.now()
      const acts = await act(faultId)
      return { acts, firstActMs, lastActMs: context.now(), ...healOnce(() => context.undo.undo(faultId)) }
    },
    dispose,
  }
}
