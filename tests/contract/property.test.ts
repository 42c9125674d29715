// Goal: after any sequence of faults and heals, what is active is in force, what was healed is gone, and nothing else
// has changed; and when all are healed, in whatever order, the world is as it was.
// Method: sequences by fast-check, which shrinks those that fail, through the stage of a run, on a small real world.
// After each step the world is seen from outside and compared with what the faults that are active say they do. Faults
// that cannot be active together must be refused and change nothing. As many as fit into 40 s; BLACKSTART_SEQUENCES=<n>
// for more, BLACKSTART_SEED=<n> for the same again.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ActiveFaults } from '../../chaos/run/active-faults.ts'
import { conflictBetween } from '../../chaos/run/conflicts.ts'
import { healLeftovers } from '../../chaos/run/execute.ts'
import { fault } from '../../chaos/scenarios/define.ts'
import type { FaultSpec } from '../../chaos/scenarios/schema.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { differences, type Shown } from './harness/in-force.ts'
import { kinds, ordered, ordersOf, wordsOf } from './harness/orders.ts'
import { leftovers, lookAtWorld } from './harness/outside.ts'
import { contextOf, link, linkName, node, type QuickWorld, quickWorld, region } from './harness/quick-world.ts'

const seed = Number(process.env['BLACKSTART_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const wished = Number(process.env['BLACKSTART_SEQUENCES'] ?? 0)
const numRuns = wished || 15
/** No sequence begins later, nor does the search for a shorter one that fails. */
const limitMs = wished > 0 ? 120_000 + wished * 20_000 : 40_000
/** A drain takes its time, and so does a link that boots. */
const showsWithinMs = 8_000
/** Faults are not proved here: the world has no observers, and the look from outside is stricter. */
const unproved = AbortSignal.abort()

type Step = { act: 'inject'; spec: FaultSpec } | { act: 'heal'; which: number }
const injecting = fc
  .constantFrom(...kinds)
  .chain((kind) => fc.constantFrom(...ordersOf(kind)))
  .map((spec): Step => ({ act: 'inject', spec }))
const healing = fc.nat(5).map((which): Step => ({ act: 'heal', which }))
const sequences = fc.record({
  steps: fc.array(fc.oneof({ weight: 3, arbitrary: injecting }, { weight: 1, arbitrary: healing }), {
    minLength: 2,
    maxLength: 6,
  }),
  /** The order in which those that are left are healed at the end. */
  last: fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
})

/**
 * Pairs that exclude each other, of which the second has much to make ready before it is refused. Drawn too rarely to
 * rely on.
 */
const onLink = node(linkName)
const between = link('east', 'west')
const conflicts: FaultSpec[][] = [
  [fault('kill', onLink, { lasting: 1 }), fault('blackhole', between, { lasting: 1 })],
  [
    fault('cpu-starve', onLink, { lasting: 1, cores: 0.5 }),
    fault('partial', region('east'), { lasting: 1, from: ['west'] }),
  ],
  [
    fault('refuse', between, { lasting: 1 }),
    fault('flap', between, { lasting: 1, of: 'refuse', downMs: 1_000, upMs: 100 }),
  ],
]
const examples = conflicts.map((specs): [{ steps: Step[]; last: number[] }] => [
  { steps: specs.map((spec) => ({ act: 'inject', spec })), last: [0] },
])

let world: QuickWorld
beforeAll(async () => {
  world = await quickWorld('blackstart-test-property')
  expect(await leftovers(world.name), 'before anything was done').toEqual([])
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
})

test('any sequence of faults and heals does what it says, and ends in the world it began in', {
  timeout: limitMs + 120_000,
}, async () => {
  let sequence = 0
  const startMs = performance.now()
  await fc.assert(
    fc.asyncProperty(sequences, async ({ steps, last }) => {
      if (performance.now() - startMs > limitMs) return
      try {
        await new Play(`p${++sequence}`, await contextOf(world.engine, world.name)).run(steps, last)
        expect(await leftovers(world.name)).toEqual([])
      } catch (error) {
        // The next one, which is to be shorter, begins in a sound world.
        await healLeftovers(world.engine, world.name, undefined)
        throw error
      }
    }),
    { seed, numRuns, examples },
  )
  process.stderr.write(
    `${sequence} sequences in ${((performance.now() - startMs) / 1000).toFixed(0)} s (seed ${seed})\n`,
  )
})

/** One sequence: the faults that are active, and the stage they are on. */
class Play {
  readonly #name: string
  readonly #context
  readonly #stage
  readonly #failed: string[] = []
  #shown: Shown[] = []
  #count = 0

  constructor(name: string, context: Awaited<ReturnType<typeof contextOf>>) {
    this.#name = name
    this.#context = context
    this.#stage = new ActiveFaults(context, (event) => {
      if (event.kind === 'heal.failed') this.#failed.push(`${event.faultId}: ${event.reason}`)
    })
  }

  async run(steps: Step[], last: number[]): Promise<void> {
    try {
      for (const step of steps) await (step.act === 'inject' ? this.#inject(step.spec) : this.#heal(step.which))
    } finally {
      for (const which of last) await this.#heal(which)
    }
  }

  async #inject(spec: FaultSpec): Promise<void> {
    const faultId = `${this.#name}-f${++this.#count}`
    const next = ordered(spec, this.#context)
    const conflict = this.#shown.map((other) => conflictBetween(next, other)).find((reason) => reason !== undefined)
    const attempt = async () => {
      const planned = await this.#stage.plan(spec, faultId, next.order.roles)
      await this.#stage.inject(planned, unproved)
    }
    if (!conflict) {
      await attempt()
      this.#shown.push({ ...next, faultId })
    } else {
      await expect(attempt(), `${wordsOf(next)} was not refused: ${conflict}`).rejects.toThrow()
      // As the run does after a failed injection.
      await this.#stage.heal(faultId)
    }
    await this.#compare(`${conflict ? 'refusing' : 'injecting'} ${wordsOf(next)}`)
  }

  async #heal(which: number): Promise<void> {
    const healed = this.#shown[which % this.#shown.length]
    if (!healed) return
    await this.#stage.heal(healed.faultId)
    this.#shown = this.#shown.filter((other) => other !== healed)
    expect(this.#failed, 'heals that failed').toEqual([])
    await this.#compare(`healing ${wordsOf(healed)}`)
  }

  async #compare(after: string): Promise<void> {
    await waitUntil(
      async () => {
        const differ = differences(await lookAtWorld(world.name), this.#shown)
        return differ.length === 0 ? { done: true, value: undefined } : { done: false, seen: differ.join('; ') }
      },
      {
        until: `after ${after} the world shows ${this.#shown.map(wordsOf).join(', ') || 'nothing'}`,
        limitMs: showsWithinMs,
      },
    )
  }
}
