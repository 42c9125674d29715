/**
 * Between two trials of a suite: heals the world, and checks that it is healed and ready before the next trial begins.
 */
import type { Engine } from '../engine/engine.ts'
import { InstrumentError, messageOf } from '../errors.ts'
import type { Topology } from '../topology/topology.ts'
import { within } from '../wait.ts'
import { lockWorld } from '../world/lock.ts'
import { untilReady } from '../world/ready.ts'
import { healLeftovers } from './execute.ts'

/**
 * A trial ends when its world is redundant again, so a world that is not ready after this time will not become so by
 * waiting.
 */
export const resetLimitMs = 15_000

/** The world could not be proved to be healed and ready. A trial in it would not measure its scenario. */
export class UnprovedReset extends InstrumentError {
  override name = 'UnprovedReset'
}

export interface ResetOptions {
  engine: Engine
  world: string
  signal: AbortSignal
  limitMs?: number
  /** Told what was found broken. */
  say?: ((text: string) => void) | undefined
  /** Undoes what is left of faults; bounded by itself. */
  heal?: () => Promise<void>
  /** Waits until every node is ready. */
  ready?: (topology: Topology, options: { limitMs: number; signal: AbortSignal }) => Promise<void>
}

/**
 * Heals what is left in a world and waits until every node of it is ready. Returns how long that took, in milliseconds.
 * @throws UnprovedReset with what was missing after `limitMs`
 * @throws EnvironmentError when another process has the world: it is not ours to reset
 */
export async function resetWorld(options: ResetOptions): Promise<{ tookMs: number }> {
  const {
    engine,
    world,
    signal,
    limitMs = resetLimitMs,
    say,
    heal = () => healLeftovers(engine, world, say),
    ready = untilReady,
  } = options
  using _lock = lockWorld(world)
  const startMs = performance.now()
  const tookMs = () => performance.now() - startMs
  signal.throwIfAborted()
  const healing = heal()
  try {
    await within(limitMs, `healing the world ${world}`, healing)
    await ready(await engine.topology(world), { limitMs: Math.max(0, limitMs - tookMs()), signal })
  } catch (error) {
    // A heal that went on by itself would start what a rebuild removes, and strike the next trial's faults from the
    // ledger.
    await healing.catch(() => {})
    if (signal.aborted) throw error
    throw new UnprovedReset(
      `the world ${world} was not healed and ready within ${limitMs / 1000} s: ${messageOf(error)}`,
      { cause: error },
    )
  }
  return { tookMs: tookMs() }
}
