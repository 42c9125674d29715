/**
 * Makes a prepared fault from an act and its undo: the undo is written to disk first, the act is timed, and healing
 * twice does no harm.
 */

import type { Engine } from '../engine/engine.ts'
import type { ActiveFault, PreparedFault } from '../faults/fault.ts'
import type { Topology } from '../topology/topology.ts'
import type { Undo, UndoLedger } from '../world/undo.ts'

/** What the injectors act on. */
export interface Ground {
  topology: Topology
  engine: Engine
  undo: UndoLedger
  /** Milliseconds since the trial's start. */
  now: () => number
  /** The fault that is prepared or proved. */
  faultId?: string
  /** Which other fault that is active has taken a node, in words; undefined when none has. */
  takenBy?: (node: string) => string | undefined
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

/** A fault with one act, which returns how many things it acted on. The ledger heals it. */
export function singleAct(ground: Ground, { undo, act }: { undo: Undo; act: () => Promise<number> }): PreparedFault {
  return {
    async inject(faultId) {
      await ground.undo.write(faultId, undo)
      const firstActMs = ground.now()
      const acts = await act()
      return { acts, firstActMs, lastActMs: ground.now(), ...healOnce(() => ground.undo.undo(faultId)) }
    },
    async dispose() {},
  }
}
