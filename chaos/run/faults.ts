/** Runs a scenario's faults on their time line: prepare, write the undo, inject, prove, hold, heal, prove healed. */
import { setTimeout as delay } from 'node:timers/promises'
import { catalogue } from '../faults/catalogue.ts'
import type { ActiveFault, FaultContext, Gone, PreparedFault } from '../faults/fault.ts'
import { resolveTarget, type ResolvedTarget } from '../faults/targets.ts'
import type { FaultSpec } from '../scenarios/schema.ts'
import type { Recorder } from '../journal/schema.ts'
import type { View } from '../observers/view.ts'
import type { Node } from '../topology/topology.ts'
import { EnvironmentError, messageOf } from '../errors.ts'
import { prove } from './proof.ts'

/** Observers need this long at most to confirm a fault or a heal; a heal also waits for the killed to start. */
const faultProofLimitMs = 5_000
const healProofLimitMs = 30_000

interface Planned { faultId: string; spec: FaultSpec; target: ResolvedTarget; gone: Gone; prepared: PreparedFault }

export interface FaultRun {
  /** Acts on the whole time line; settles when the last heal is proved. Never rejects: what went wrong is in the journal. */
  play(signal: AbortSignal): Promise<void>
  /** Every node that a fault of this run takes, at any time. */
  nodes: Set<string>
}

/** Resolves targets and makes everything ready that is slow. Throws before anything was touched. */
export async function planFaults(specs: FaultSpec[], trialId: string, { context, view, record, primary }: { context: FaultContext; view: View; record: Recorder; primary: Node | undefined }): Promise<FaultRun> {
  const planned: Planned[] = []
  for (const [index, spec] of specs.entries()) {
    const fault = catalogue[spec.kind]
    const target = resolveTarget(spec.target, context.topology, primary)
    const reason = fault.unavailable(target, context.topology)
    if (reason) throw new EnvironmentError(`the fault ${spec.kind} cannot run on ${target.name}: ${reason}`)
    planned.push({ faultId: `${trialId}-f${index + 1}`, spec, target, gone: fault.gone(target, context.topology), prepared: await fault.prepare(target, context) })
  }
  const timeline = new Timeline(planned, { context, view, record })
  return { play: (signal) => timeline.play(signal), nodes: new Set(planned.flatMap(({ gone }) => gone.nodes)) }
}

class Timeline {
  readonly #planned: Planned[]
  readonly #context: FaultContext
  readonly #view: View
  readonly #record: Recorder
  /** What should be gone at this moment, by fault. */
  readonly #gone = new Map<string, Gone>()

  constructor(planned: Planned[], { context, view, record }: { context: FaultContext; view: View; record: Recorder }) {
    this.#planned = planned
    this.#context = context
    this.#view = view
    this.#record = record
  }

  async play(signal: AbortSignal): Promise<void> {
    const startMs = performance.now()
    await Promise.all(this.#planned.map((planned) => this.#playOne(planned, startMs, signal)))
  }

  async #playOne(planned: Planned, startMs: number, signal: AbortSignal): Promise<void> {
    const { faultId, spec, prepared } = planned
    let active: ActiveFault | undefined
    try {
      await sleepUntil(startMs + spec.atMs, signal)
      active = await this.#inject(planned, signal)
      await sleepUntil(startMs + spec.atMs + spec.forMs, signal)
    } catch (error) {
      if (!signal.aborted) this.#record({ kind: 'instrument.failed', instrument: `fault ${spec.kind}`, reason: messageOf(error) })
    }
    // Also after a failed injection: some of it may have acted.
    await this.#heal(faultId, active)
    await prepared.dispose().catch(() => {})
  }

  async #inject({ faultId, spec, target, gone, prepared }: Planned, signal: AbortSignal): Promise<ActiveFault> {
    this.#record({
      kind: 'fault.requested', faultId, fault: spec.kind, target: spec.target, resolved: target.name,
      nodes: spec.kind === 'kill' ? target.nodes.map((node) => node.name) : [], links: spec.kind === 'kill' ? [] : target.links.map((link) => link.name),
      expectGone: gone, doesNotModel: catalogue[spec.kind].doesNotModel,
    })
    const active = await prepared.inject(faultId)
    this.#gone.set(faultId, gone)
    this.#record({ kind: 'fault.acted', faultId, acts: active.acts, firstActMs: active.firstActMs, lastActMs: active.lastActMs, spreadMs: active.lastActMs - active.firstActMs })
    try {
      this.#record({ kind: 'fault.proved', faultId, evidence: await this.#prove(faultProofLimitMs, signal) })
    } catch (error) {
      if (!signal.aborted) this.#record({ kind: 'fault.unproved', faultId, reason: messageOf(error) })
    }
    return active
  }

  async #heal(faultId: string, active: ActiveFault | undefined): Promise<void> {
    const startMs = performance.now()
    try {
      if (!active && !this.#context.undo.entries().some((entry) => entry.faultId === faultId)) return
      this.#record({ kind: 'heal.requested', faultId })
      await (active ? active.heal() : this.#context.undo.undo(faultId))
      this.#gone.delete(faultId)
      this.#record({ kind: 'heal.acted', faultId, tookMs: performance.now() - startMs })
      // Not bound to the trial's signal: an interrupted trial still shows that it healed.
      this.#record({ kind: 'heal.proved', faultId, evidence: await this.#prove(healProofLimitMs) })
    } catch (error) {
      this.#record({ kind: 'heal.failed', faultId, reason: messageOf(error) })
    }
  }

  #prove(limitMs: number, signal?: AbortSignal): Promise<string[]> {
    const all = [...this.#gone.values()]
    const gone = { nodes: [...new Set(all.flatMap((each) => each.nodes))], edges: all.flatMap((each) => each.edges) }
    return prove({ topology: this.#context.topology, view: this.#view, gone, limitMs, signal })
  }
}

async function sleepUntil(atMs: number, signal: AbortSignal): Promise<void> {
  const lengthMs = atMs - performance.now()
  signal.throwIfAborted()
  if (lengthMs > 0) await delay(lengthMs, undefined, { signal })
}
