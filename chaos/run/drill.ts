/**
 * A drill: a trial whose faults come from commands and not from a time line. Load, observers and journal are those of
 * any trial.
 */
import { EnvironmentError, UsageError } from '../errors.ts'
import { scenario } from '../scenarios/define.ts'
import type { FaultSpec, Scenario } from '../scenarios/schema.ts'
import { targetWords } from '../topology/target.ts'
import { ActiveFaults } from './active-faults.ts'
import { notActive, quietMs } from './drill-line.ts'
import type { PlanFaults } from './faults.ts'
import type { Planned } from './planned-fault.ts'
import { rolesNow } from './roles.ts'

/**
 * The clients' default timeout, in seconds: when nothing answers, that many seconds of arrivals are under way at once.
 */
const patienceSeconds = 5
/** Stands for "until it is healed". */
const openEndMs = 600_000

/** A fault by hand. `forMs`: it heals by itself after this long; undefined: when a command asks for it. */
export interface HandFault {
  spec: Omit<FaultSpec, 'atMs' | 'forMs' | 'resolve'>
  forMs?: number | undefined
}

/** Undefined if all went well; else what did not, in words. */
type Failure = string | undefined

export class Drill {
  readonly first: HandFault
  readonly #begun = Promise.withResolvers<Failure>()
  readonly #over = new AbortController()
  readonly #acting = new Set<Promise<Failure>>()
  readonly #healing = new Map<string, Promise<Failure>>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  #active: ActiveFaults | undefined
  #signal: AbortSignal | undefined
  #count = 0
  #quiet: NodeJS.Timeout | undefined

  constructor(first: HandFault) {
    this.first = first
    this.#begun.promise.catch(() => {})
  }

  /** Whether anything was broken so far. */
  get hasBegun(): boolean {
    return this.#signal !== undefined
  }

  /** The result of the first fault, when it is proved. */
  get begun(): Promise<Failure> {
    return this.#begun.promise
  }

  /** From now on it refuses faults. */
  get isEnding(): boolean {
    return this.#over.signal.aborted || this.#signal?.aborted === true
  }

  /** Ids of faults that are active, the oldest first. */
  get active(): string[] {
    return this.#active?.active.map(({ faultId }) => faultId) ?? []
  }

  readonly plan: PlanFaults = async ({ ground, record, primary }) => {
    const stage = new ActiveFaults(ground, record)
    this.#active = stage
    const faultId = this.#nextId()
    const first = await stage.plan(complete(this.first), faultId, await rolesNow(ground, primary?.name))
    return {
      nodes: stage.disturbed,
      dispose: () => first.prepared.dispose(),
      byHand: { end: () => this.end() },
      play: async (signal) => {
        this.#signal = AbortSignal.any([signal, this.#over.signal])
        try {
          this.#begun.resolve(await this.#act(first, this.first.forMs))
          await ended(this.#signal)
        } catch (error) {
          this.#begun.reject(error)
          throw error
        } finally {
          this.end()
          clearTimeout(this.#quiet)
          // What is just being injected must be there before it can be healed; its proof is not awaited any more.
          await Promise.allSettled(this.#acting)
          await Promise.all(this.active.map((id) => this.heal(id)))
        }
      },
    }
  }

  /**
   * Injects another fault, and waits for its proof. Returns its id, and the reason if it was not proved.
   * @throws UsageError or Unavailable when it cannot run here, or not together with what is active, EnvironmentError
   * when it is too early or too late; nothing was touched then
   */
  async inject(hand: HandFault): Promise<{ faultId: string; unproved: Failure }> {
    const stage = this.#active
    if (!stage || !this.#signal)
      throw new EnvironmentError('the drill is starting with another fault: try again in a moment')
    if (this.isEnding) throw new EnvironmentError(isOver)
    clearTimeout(this.#quiet)
    try {
      const spec = complete(hand)
      const faultId = this.#nextId()
      const planned = await stage.plan(spec, faultId, await stage.roles())
      if (this.isEnding) {
        await using _prepared = { [Symbol.asyncDispose]: () => planned.prepared.dispose() }
        throw new EnvironmentError(isOver)
      }
      const unproved = await this.#act(planned, hand.forMs).catch(async (error: unknown) => {
        // Some of it may have acted.
        if (this.active.includes(faultId)) await this.heal(faultId)
        throw error
      })
      return { faultId, unproved }
    } finally {
      this.#awaitQuiet()
    }
  }

  /**
   * Heals one fault and waits until that is proved. @throws UsageError when there is no such fault, naming those there
   * are
   */
  async heal(faultId: string): Promise<Failure> {
    const known = this.#healing.get(faultId)
    if (known) return known
    if (!this.active.includes(faultId)) throw new UsageError(notActive(faultId, this.active))
    clearTimeout(this.#timers.get(faultId))
    const healing = (this.#active as ActiveFaults).heal(faultId).finally(() => {
      this.#healing.delete(faultId)
      this.#awaitQuiet()
    })
    this.#healing.set(faultId, healing)
    return healing
  }

  /** Heals what is active and ends. */
  end(): void {
    this.#over.abort()
  }

  #nextId(): string {
    return `f${++this.#count}`
  }

  /** A length counts from the request, as on a time line; what takes longer to be proved is healed when it is. */
  async #act(planned: Planned, forMs: number | undefined): Promise<Failure> {
    const startMs = performance.now()
    const { faultId } = planned
    const injecting = (this.#active as ActiveFaults).inject(planned, this.#signal as AbortSignal)
    this.#acting.add(injecting)
    const unproved = await injecting.finally(() => this.#acting.delete(injecting))
    if (forMs !== undefined && !this.isEnding)
      this.#timers.set(
        faultId,
        setTimeout(() => void this.heal(faultId).catch(() => {}), startMs + forMs - performance.now()),
      )
    return unproved
  }

  #awaitQuiet(): void {
    clearTimeout(this.#quiet)
    if (!this.isEnding && this.active.length === 0) this.#quiet = setTimeout(() => this.end(), quietMs)
  }
}

const isOver = 'the drill is ending: start another one when "npx blackstart status" shows that the world is not in use'

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/**
 * What every drill promises, whatever is broken in it: clients may wait, but nothing is lost and there are never two
 * primaries.
 */
export function drillScenario(
  first: HandFault,
  { ratePerSecond }: { ratePerSecond?: number | undefined } = {},
): Scenario {
  const spec = complete(first)
  return scenario({
    name: 'drill',
    title: `A drill by hand, which began with ${spec.kind} on ${targetWords(spec.target)}`,
    load: {
      ...(ratePerSecond !== undefined && {
        ratePerSecond,
        maxVirtualUsers: Math.ceil(ratePerSecond * patienceSeconds * 1.5),
      }),
    },
    faults: [spec],
    observe: 0.001,
    objectives: { lostWrites: 0, onePrimary: true },
  })
}

/** A fault by hand starts now, and its roles are resolved now. */
function complete({ spec, forMs }: HandFault): FaultSpec {
  return { ...spec, atMs: 0, forMs: forMs ?? openEndMs, resolve: 'start' } as FaultSpec
}
