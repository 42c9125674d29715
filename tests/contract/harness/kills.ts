/**
 * Kills storms one after the other, each while it breaks or heals a world, and has the world healed and looked at after
 * each. Each kill waits for that kind and phase of which the fewest died so far, and strikes a random moment later.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Engine } from '../../../chaos/engine/engine.ts'
import { messageOf } from '../../../chaos/errors.ts'
import { seededRandom } from '../../../chaos/random.ts'
import { healLeftovers } from '../../../chaos/run/execute.ts'
import type { FaultKind } from '../../../chaos/scenarios/schema.ts'
import { Histogram } from './histogram.ts'
import { phases, StormChild, type UnderWay } from './storm-child.ts'

/** BLACKSTART_SEED=<n> draws the same faults and moments; which act they meet is up to the machine. */
const seed = Number(process.env['BLACKSTART_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** BLACKSTART_KILLS=<n>; 0: as many as fit into the usual time. */
const wishedKills = Number(process.env['BLACKSTART_KILLS'] ?? 0)
/** From this many on, each kind must have been hit. */
const enoughKills = 200
/** After the phase has begun: no act of a fault takes longer than this where the engine is idle. */
const withinPhaseMs = { preparing: 300, injecting: 60, active: 600, healing: 400 }
const phaseLimitMs = 3_000

/** For a test with so much time for each kill that is wished for. */
export function timeoutFor(eachMs: number): number {
  return 600_000 + wishedKills * eachMs
}

export async function killAndHeal(options: {
  world: string
  kinds: readonly FaultKind[]
  place?: ConstructorParameters<typeof StormChild>[0]['place']
  usualMs: number
  /** Heals the world, and says what is otherwise than before. */
  healAndLook: () => Promise<string[]>
}): Promise<void> {
  const { world, kinds, place, usualMs, healAndLook } = options
  const random = seededRandom(seed)
  const histogram = new Histogram(kinds, phases)
  const startMs = performance.now()
  const defects: string[] = []
  let kills = 0
  let aim = histogram.rarest(random)
  const start = () =>
    new StormChild({ world, seed: (seed + kills) % 2 ** 31, wanted: aim.kind, ...(place !== undefined && { place }) })
  let storm = start()
  try {
    while (wishedKills > 0 ? kills < wishedKills : performance.now() - startMs < usualMs) {
      await storm.begin()
      await storm.reaches(aim.kind, aim.phase, phaseLimitMs)
      await delay(random() * withinPhaseMs[aim.phase])
      const underWay = await storm.kill()
      const { failure } = storm
      for (const { kind, phase } of underWay) histogram.count(kind, phase)
      kills++
      aim = histogram.rarest(random)
      // The next one loads while this one's damage is healed.
      storm = start()
      const failed = failure ? [`before it was killed, it failed: ${failure}`] : []
      const left = [...failed, ...(await healAndLook())]
      if (left.length === 0) continue
      const defect = `kill ${kills}, under way: ${describe(underWay)}\n    ${left.join('\n    ')}`
      defects.push(defect)
      process.stderr.write(`${defect}\n`)
      // The next kill begins in a sound world, or means nothing.
      const still = await healAndLook()
      if (still.length > 0)
        throw new Error(`and a second heal did not help (seed ${seed}): ${still.join('; ')}\n  ${defects.join('\n  ')}`)
    }
  } finally {
    await storm.kill()
    process.stderr.write(
      `${kills} kills in ${((performance.now() - startMs) / 1000).toFixed(0)} s (seed ${seed})\n${histogram.table()}\n`,
    )
  }
  if (defects.length > 0)
    throw new Error(
      `${defects.length} of ${kills} kills left something (BLACKSTART_SEED=${seed} BLACKSTART_KILLS=${kills}):\n  ${defects.join('\n  ')}`,
    )
  expect(kills).toBeGreaterThan(0)
  if (kills >= enoughKills) expect(histogram.missing(), 'kinds that were never hit').toEqual([])
}

/** What the next start does: what it said, and what of that is a failure. */
export async function heal(engine: Engine, world: string): Promise<{ said: string[]; hasFailed: boolean }> {
  const said: string[] = []
  try {
    await healLeftovers(engine, world, (text) => said.push(text))
  } catch (error) {
    said.push(`heal failed: ${messageOf(error)}`)
  }
  return { said, hasFailed: said.some((text) => text.startsWith('heal failed')) }
}

function describe(underWay: readonly UnderWay[]): string {
  return underWay.map(({ phase, text }) => `${phase} ${text}`).join(', ') || 'nothing'
}
