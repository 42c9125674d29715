/**
 * The faults that are active now. Injects, proves and heals them, and knows what the world must look like with all of
 * them together.
 */

import { once } from 'node:events'
import type { Engine } from '../engine/engine.ts'
import { messageOf, UsageError } from '../errors.ts'
import {
  type ActiveFault,
  type Claim,
  type Effect,
  type FaultContext,
  type Order,
  type RoundTrips,
  Unavailable,
} from '../faults/fault.ts'
import { contextOn } from '../injectors/injectors.ts'
import type { Recorder } from '../journal/schema.ts'
import { faultProofLimitMs } from '../limits.ts'
import type { View } from '../observers/view.ts'
import { faultNamed } from '../scenarios/kinds.ts'
import { orderOf } from '../scenarios/order.ts'
import type { FaultSpec } from '../scenarios/schema.ts'
import type { Roles } from '../topology/resolve.ts'
import type { Topology } from '../topology/topology.ts'
import type { UndoLedger } from '../world/undo.ts'
import { conflictBetween } from './conflicts.ts'
import { type Expectation, expectationOf } from './expectation.ts'
import { anything, disturbedBy, inWords, lastingEffect, type Planned, requestOf } from './planned-fault.ts'
import { prove } from './proof.ts'
import { rolesNow } from './roles.ts'
import { roundTripsUntil } from './round-trips.ts'
import { watch } from './watch.ts'

/** Longer than for a fault: a heal also waits for killed nodes to start. */
const healProofLimitMs = 30_000

/** An active fault. While it heals, what it took may be in any state, until its heal is proved. */
interface Placed {
  planned: Planned
  effect: Effect
  active: ActiveFault | undefined
  state: 'acting' | 'active' | 'healing'
  /** Settles when it has acted, or failed to. */
  acted: Promise<unknown>
  /** Aborts when it is to heal. */
  healing: AbortController
  /** Settles when the fault is no longer watched: it heals, or something came back on its own. */
  watched?: Promise<void>
  /** Measured for its proof. */
  roundTrips?: RoundTrips
  claims?: Claim[]
}

/** The world that faults act on, and what observes it. */
export interface FaultGround {
  topology: Topology
  engine: Engine
  undo: UndoLedger
  /** Milliseconds since the trial's start. */
  now: () => number
  /** What the observers show now. */
  view: View
  /** How long a heal may take to be proved, if not as long as killed nodes need to start. */
  healProofLimitMs?: number
}

export class ActiveFaults {
  readonly #ground: FaultGround
  readonly #record: Recorder
  readonly #placed = new Map<string, Placed>()
  /** Every node that any fault so far may have disturbed. */
  readonly disturbed = new Set<string>()

  constructor(ground: FaultGround, record: Recorder) {
    this.#ground = ground
    this.#record = record
  }

  /**
   * Resolves a fault's target and makes everything ready that is slow. Touches nothing.
   * @throws Unavailable when it cannot run here, UsageError when its target is not there
   */
  async plan(spec: FaultSpec, faultId: string, roles: Roles): Promise<Planned> {
    const { topology } = this.#ground
    const fault = faultNamed(spec.kind)
    const order = orderOf(spec, topology, roles)
    const reason = fault.unavailable(order, topology)
    if (reason) throw new Unavailable(`the fault ${spec.kind} cannot run on ${order.target.name}: ${reason}`)
    const planned = {
      faultId,
      spec,
      order,
      fault,
      prepared: await fault.prepare(order, this.#contextOf(faultId, order)),
    }
    for (const name of disturbedBy(planned, topology)) this.disturbed.add(name)
    await this.#tellPolicies(planned)
    return planned
  }

  /** Who plays which role now. */
  async roles(): Promise<Roles> {
    const name = this.#ground.view.primary()
    return rolesNow(this.#ground, name)
  }

  /**
   * Injects a fault and waits for its proof. Returns why it was not proved; undefined when it was. Both are in the
   * journal, and afterwards it must be healed in any case.
   * @throws UsageError when another active fault gets in its way
   */
  async inject(planned: Planned, signal: AbortSignal): Promise<string | undefined> {
    const { faultId, order, fault, prepared } = planned
    const { topology } = this.#ground
    const conflict = [...this.#placed.values()]
      .map((other) => conflictBetween(planned, other.planned))
      .find((reason) => reason !== undefined)
    if (conflict) {
      await using _prepared = { [Symbol.asyncDispose]: () => prepared.dispose() }
      throw new UsageError(conflict)
    }
    const effect = fault.effect(order, topology)
    const acted = Promise.withResolvers<void>()
    const placed: Placed = {
      planned,
      effect,
      active: undefined,
      state: 'acting',
      acted: acted.promise,
      healing: new AbortController(),
    }
    this.#placed.set(faultId, placed)
    this.#record(requestOf(planned, topology))
    let active: ActiveFault
    try {
      placed.active = active = await prepared.inject(faultId)
      placed.state = 'active'
    } finally {
      acted.resolve()
    }
    this.#record({
      kind: 'fault.acted',
      faultId,
      acts: active.acts,
      firstActMs: active.firstActMs,
      lastActMs: active.lastActMs,
      spreadMs: active.lastActMs - active.firstActMs,
    })
    const unproved = await this.#prove(placed, signal)
    placed.effect = lastingEffect(planned, topology)
    if (unproved === undefined) placed.watched = this.#watch(placed)
    return unproved
  }

  async #prove(placed: Placed, signal: AbortSignal): Promise<string | undefined> {
    const {
      planned: { faultId, order, fault },
      effect,
      healing,
    } = placed
    try {
      const claims = fault.claims?.(order, this.#contextOf(faultId, order)) ?? []
      const { evidence, roundTrips } = await prove({
        ...this.#proofOptions(),
        taken: effect,
        claims,
        limitMs: fault.proofLimitMs ?? faultProofLimitMs,
        signal: AbortSignal.any([signal, healing.signal]),
      })
      // A look that was under way when the heal was asked for may have seen either.
      healing.signal.throwIfAborted()
      placed.roundTrips = roundTrips
      placed.claims = claims
      this.#record({ kind: 'fault.proved', faultId, evidence, ...(fault.delays && { roundTrips }) })
      return undefined
    } catch (error) {
      const reason = healing.signal.aborted ? 'it was healed before it was proved' : messageOf(error)
      if (!signal.aborted) this.#record({ kind: 'fault.unproved', faultId, reason })
      return reason
    }
  }

  /** Watches what the fault took away until it heals, and records whether it stayed away. */
  async #watch(placed: Placed): Promise<void> {
    const {
      planned: { faultId, order, fault },
      effect,
      healing,
      roundTrips: first = [],
      claims = [],
    } = placed
    const { topology, view, engine, now } = this.#ground
    const provedMs = now()
    const roundTrips = fault.delays
      ? roundTripsUntil(healing.signal, { first, links: order.target.links, ...this.#contextOf(faultId, order) })
      : undefined
    const { lapsed: back, ...lasted } = await watch({
      topology,
      view,
      engine,
      now,
      taken: effect,
      expectation: () => this.#expectation(),
      signal: healing.signal,
    })
    const lapsed = back ?? (fault.claimsLast ? await failing(claims, healing.signal) : undefined)
    if (lapsed === undefined) {
      const measured = await roundTrips
      return this.#record({ kind: 'fault.lasted', faultId, ...lasted, ...(measured && { roundTrips: measured }) })
    }
    // The proofs of other faults must not wait for what is not gone any more.
    placed.effect = anything(effect)
    this.#record({ kind: 'fault.lapsed', faultId, afterMs: now() - provedMs, evidence: lapsed })
  }

  /**
   * A kill does not last if the engine restarts what died. A note says so before, because the trial shows it only at
   * its end.
   */
  async #tellPolicies(planned: Planned): Promise<void> {
    const { engine, topology } = this.#ground
    const { gone = [] } = lastingEffect(planned, topology)
    if (planned.fault.planned || gone.length === 0) return
    const policies = await engine.restartPolicies(topology.world, gone)
    if (policies.size === 0) return
    const names = [...policies].map(([name, policy]) => `${name} ("${policy}")`).join(', ')
    this.#record({
      kind: 'note',
      text: `the engine will restart what ${inWords(planned.order)} kills, so the fault will not last: ${names}; give these services restart: "no"`,
    })
  }

  /**
   * Heals a fault and waits until that is proved. Returns why it failed, which is in the journal too; undefined when it
   * did not. Never rejects; a fault that is not active is left alone.
   */
  async heal(faultId: string): Promise<string | undefined> {
    const placed = this.#placed.get(faultId)
    const startMs = performance.now()
    try {
      // A fault that is acting just now can be undone when it has acted.
      await placed?.acted
      if (!placed?.active && !this.#ground.undo.entries().some((entry) => entry.faultId === faultId)) return undefined
      this.#record({ kind: 'heal.requested', faultId })
      placed?.healing.abort()
      if (placed) placed.state = 'healing'
      await placed?.watched
      await (placed?.active ? placed.active.heal() : this.#ground.undo.undo(faultId))
      this.#record({ kind: 'heal.acted', faultId, tookMs: performance.now() - startMs })
      // Not bound to the trial's signal: an interrupted trial still shows that it healed.
      const { evidence } = await prove({
        ...this.#proofOptions(faultId),
        limitMs: this.#ground.healProofLimitMs ?? healProofLimitMs,
      })
      this.#record({ kind: 'heal.proved', faultId, evidence })
      return undefined
    } catch (error) {
      this.#record({ kind: 'heal.failed', faultId, reason: messageOf(error) })
      return messageOf(error)
    } finally {
      this.#placed.delete(faultId)
      await placed?.planned.prepared.dispose().catch(() => {})
    }
  }

  /** The oldest first. */
  get active(): Planned[] {
    return [...this.#placed.values()].map((placed) => placed.planned)
  }

  #contextOf(faultId: string, order: Order): FaultContext {
    return contextOn({
      ...this.#ground,
      faultId,
      undo: this.#ground.undo.sayingOf(inWords(order)),
      takenBy: (node) => this.#takenBy(node, faultId),
    })
  }

  /** Another fault that takes this node away, or may have. */
  #takenBy(node: string, faultId: string): string | undefined {
    const taker = [...this.#placed].find(
      ([
        id,
        {
          effect: { gone = [], mute = [], unsettled = [] },
        },
      ]) => id !== faultId && [...gone, ...mute, ...unsettled].includes(node),
    )
    return taker && inWords(taker[1].planned.order)
  }

  /** `healed`: the fault whose heal is to be proved, of which nothing may be left. */
  #expectation(healed?: string): Expectation {
    const effects = [...this.#placed]
      .filter(([faultId]) => faultId !== healed)
      .map(([, { effect, state }]) => (state === 'active' ? effect : anything(effect)))
    return expectationOf(this.#ground.topology, effects)
  }

  #proofOptions(healed?: string) {
    return {
      topology: this.#ground.topology,
      view: this.#ground.view,
      engine: this.#ground.engine,
      expectation: () => this.#expectation(healed),
    }
  }
}

/** What does not hold any more when the fault is to heal; undefined where all does. */
async function failing(claims: readonly Claim[], healing: AbortSignal): Promise<string[] | undefined> {
  if (!healing.aborted) await once(healing, 'abort')
  const looks = await Promise.all(claims.map((claim) => claim.look()))
  const seen = looks.flatMap((look) => (look.holds ? [] : [look.seen]))
  return seen.length > 0 ? seen : undefined
}
