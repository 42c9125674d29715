/** What can be turned on and off on links: most faults of links are one, a flap is one that somebody plays with. */
import type { Undo } from '../world/undo.ts'
import { healOnce, type FaultContext, type PreparedFault } from './fault.ts'

export interface Switch {
  /** How another process turns it off. */
  undo: Undo
  /** Returns how many acts it took. */
  on(faultId: string): Promise<number>
  off(faultId: string): Promise<void>
  dispose(): Promise<void>
}

/** A fault that turns a switch on, and off when it heals. */
export function switchedOn(it: Switch, context: FaultContext): PreparedFault {
  return {
    async inject(faultId) {
      await context.undo.write(faultId, it.undo)
      const firstActMs = context.now()
      const acts = await it.on(faultId)
      return { acts, firstActMs, lastActMs: context.now(), ...healOnce(() => turnOff(it, faultId, context)) }
    },
    dispose: it.dispose,
  }
}

/** Turns it off by its own hand, which is quick, or else as the ledger says. */
export async function turnOff(it: Switch, faultId: string, { undo }: FaultContext): Promise<void> {
  // Healed by somebody else: nothing is left to turn off.
  if (!undo.entries().some((entry) => entry.faultId === faultId)) return
  try {
    await it.off(faultId)
    undo.strike(faultId)
  } catch {
    await undo.undo(faultId)
  }
}
