/** Runs a scenario's faults on their time line: prepare, inject, prove, hold, heal, prove healed. */
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, UsageError } from '../errors.ts'
import type { Recorder } from '../journal/schema.ts'
import type { FaultSpec } from '../scenarios/schema.ts'
import type { Node } from '../topology/topology.ts'
import type { FaultGround } from './active-faults.ts'
import { ActiveFaults } from './active-faults.ts'
import { conflictBetween, overlap } from './conflicts.ts'
import type { Planned } from './planned-fault.ts'
import { rolesNow } from './roles.ts'

/** A fault whose roles are looked up when it is due is made ready this long before. */
const readyBeforeMs = 1_500

export interface FaultRun {
  /**
   * Acts on the whole time line; settles when the last heal is proved. Never rejects: what went wrong is in the
   * journal.
   */
  play(signal: AbortSignal): Promise<void>
  /** Every node that a fault of this run may have disturbed so far. */
  nodes: ReadonlySet<string>
  /** Releases what was prepared. Needed only when the time line was not played. */
  dispose(): Promise<void>
  /** Of a drill by hand, which has no time line: ends it. */
  byHand?: { end(): void }
}

/**
 * Makes the faults of a trial ready when its observers see the world: those of a time line, or those injected by hand.
 */
export type PlanFaults = (world: {
  ground: FaultGround
  record: Recorder
  primary: Node | undefined
}) => Promise<FaultRun>

interface Entry {
  faultId: string
  spec: FaultSpec
  planned: Planned | undefined
}

/**
 * Resolves targets and makes everything ready that is slow.
 * @throws Unavailable when a fault cannot run here, UsageError when two of them cannot run together; nothing was
 * touched then
 */
export async function planFaults(
  specs: FaultSpec[],
  trialId: string,
  { ground, record, primary }: { ground: FaultGround; record: Recorder; primary: Node | undefined },
): Promise<FaultRun> {
  const active = new ActiveFaults(ground, record)
  const roles = await rolesNow(ground, primary?.name)
  const entries: Entry[] = []
  const dispose = async () => {
    await Promise.all(entries.map((entry) => entry.planned?.prepared.dispose().catch(() => {})))
  }
  try {
    for (const [index, spec] of specs.entries()) {
      const faultId = `${trialId}-f${index + 1}`
      entries.push({
        faultId,
        spec,
        planned: spec.resolve === 'due' ? undefined : await active.plan(spec, faultId, roles),
      })
    }
    refuseConflicts(entries.flatMap((entry) => entry.planned ?? []))
  } catch (error) {
    await dispose()
    throw error
  }
  return { play: (signal) => play(active, entries, { record, signal }), nodes: active.disturbed, dispose }
}

function refuseConflicts(planned: Planned[]): void {
  for (const [index, a] of planned.entries()) {
    for (const b of planned.slice(index + 1)) {
      const reason = overlap(a.spec, b.spec) ? conflictBetween(a, b) : undefined
      if (reason) throw new UsageError(reason)
    }
  }
}

async function play(
  active: ActiveFaults,
  entries: Entry[],
  { record, signal }: { record: Recorder; signal: AbortSignal },
): Promise<void> {
  const startMs = performance.now()
  await Promise.all(
    entries.map(async (entry) => {
      const { faultId, spec } = entry
      try {
        if (!entry.planned) {
          await sleepUntil(startMs + spec.atMs - readyBeforeMs, signal)
          entry.planned = await active.plan(spec, faultId, await active.roles())
        }
        await sleepUntil(startMs + spec.atMs, signal)
        await active.inject(entry.planned, signal)
        await sleepUntil(startMs + spec.atMs + spec.forMs, signal)
      } catch (error) {
        if (!signal.aborted)
          record({ kind: 'instrument.failed', instrument: `fault ${spec.kind}`, reason: messageOf(error) })
      }
      // Also after a failed injection: some of it may have acted.
      await active.heal(faultId)
    }),
  )
}

async function sleepUntil(atMs: number, signal: AbortSignal): Promise<void> {
  const lengthMs = atMs - performance.now()
  signal.throwIfAborted()
  if (lengthMs > 0) await delay(lengthMs, undefined, { signal })
}
