/** What a fault is: a value that describes itself, says why it cannot run here, injects, and returns something that heals. */
import type { FaultKind } from '../scenarios/schema.ts'
import type { Topology } from '../topology/topology.ts'
import type { Engine } from '../world/engine.ts'
import type { ResolvedTarget } from './targets.ts'
import type { UndoLedger } from '../world/undo.ts'

export interface Edge { from: string; to: string }

export interface Gone {
  /** Nodes that must not answer. */
  nodes: string[]
  /** Directed edges of the beacon matrix that must be silent. */
  edges: Edge[]
}

export interface FaultContext {
  topology: Topology
  engine: Engine
  undo: UndoLedger
  /** Milliseconds since the trial's start. */
  now: () => number
}

export interface ActiveFault extends AsyncDisposable {
  acts: number
  firstActMs: number
  /** When the last act had taken hold. The difference to the first is the spread. */
  lastActMs: number
  /** Undoes the fault. Twice is harmless. */
  heal(): Promise<void>
}

/** A fault that is ready to act: everything slow (looking up processes, opening connections) is done before the clock starts. */
export interface PreparedFault {
  inject(faultId: string): Promise<ActiveFault>
  dispose(): Promise<void>
}

export interface Fault {
  kind: FaultKind
  models: string
  doesNotModel: string[]
  /** Why this fault cannot act on this target here; undefined when it can. */
  unavailable(target: ResolvedTarget, topology: Topology): string | undefined
  /** What must be gone once it works, for the proof. */
  gone(target: ResolvedTarget, topology: Topology): Gone
  prepare(target: ResolvedTarget, context: FaultContext): Promise<PreparedFault>
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
