/** Faults of links as switches. Most kinds turn one on; a flap turns one on and off until it is healed. */
import { setTimeout as delay } from 'node:timers/promises'
import type { PreparedFault } from '../faults/fault.ts'
import type { Phases } from '../faults/reach.ts'
import type { Undo } from '../world/undo.ts'
import { type Ground, healOnce } from './prepared.ts'

export interface Switch {
  /** How another process turns it off. */
  undo: Undo
  /** Returns how many acts it took. */
  on(faultId: string): Promise<number>
  off(faultId: string): Promise<void>
  dispose(): Promise<void>
}

/** A fault that turns a switch on, and off when it heals. */
export function switchedOn(it: Switch, ground: Ground): PreparedFault {
  return {
    async inject(faultId) {
      await ground.undo.write(faultId, it.undo)
      const firstActMs = ground.now()
      const acts = await it.on(faultId)
      return { acts, firstActMs, lastActMs: ground.now(), ...healOnce(() => turnOff(it, faultId, ground)) }
    },
    dispose: it.dispose,
  }
}

/** A fault that turns a switch on and off in turn, until it heals. */
export function alternating(it: Switch, phases: Phases, ground: Ground): PreparedFault {
  return {
    async inject(faultId) {
      await ground.undo.write(faultId, it.undo)
      const firstActMs = ground.now()
      const acts = await it.on(faultId)
      const lastActMs = ground.now()
      const going = inTurn(phases, { down: () => it.on(faultId), up: () => it.off(faultId) })
      const heal = healOnce(async () => {
        // A failure of the switch is reported, but only after everything is off.
        const failure = await going.stop()
        await turnOff(it, faultId, ground)
        if (failure) throw failure
      })
      return { acts, firstActMs, lastActMs, ...heal }
    },
    dispose: it.dispose,
  }
}

/** Begins in a down phase that has just begun, and goes on until it is stopped, in whichever phase it is then. */
export function inTurn(
  { downMs, upMs }: Phases,
  { down, up }: { down: () => Promise<unknown>; up: () => Promise<unknown> },
): { stop(): Promise<unknown> } {
  const stopping = new AbortController()
  const rest = (lengthMs: number) =>
    delay(lengthMs, undefined, { signal: stopping.signal }).then(
      () => true,
      () => false,
    )
  const going = (async () => {
    while (await rest(downMs)) {
      await up()
      if (!(await rest(upMs))) return
      await down()
    }
  })().then(
    () => undefined,
    (error: unknown) => error,
  )
  return {
    /** Resolves with what went wrong in the meantime. */
    async stop() {
      stopping.abort()
      return going
    },
  }
}

/** Turns it off directly, which is quick; if that fails, as the ledger says. */
async function turnOff(it: Switch, faultId: string, { undo }: Ground): Promise<void> {
  // Healed by another process: nothing is left to turn off.
  if (!undo.entries().some((entry) => entry.faultId === faultId)) return
  try {
    await it.off(faultId)
    undo.strike(faultId)
  } catch {
    await undo.undo(faultId)
  }
}
