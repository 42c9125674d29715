// Goal: whoever is killed while breaking or healing a world, at whatever moment, leaves one that the next `heal` makes
// whole.
//
//   storm (a process): inject, heal, inject … ──x── SIGKILL ──► heal, here ──► a look from outside: nothing is left
//
// Method: the storm plays every kind of fault that acts on a small world, three at a time, through the same catalogue
// and ledger as a run. Each kill waits for that kind and phase of which the fewest died so far, and strikes a random
// moment later. What is left is seen by the engine, the kernel, netfilter and Toxiproxy, and bytes that go through the
// link; nothing that heals has a say in it. As many kills as fit into 35 s; BLACKSTART_KILLS=200 for more,
// BLACKSTART_SEED=<n> for the same faults and moments.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { heal, killAndHeal, timeoutFor } from './harness/kills.ts'
import { kinds } from './harness/orders.ts'
import { leftovers } from './harness/outside.ts'
import { type QuickWorld, quickWorld } from './harness/quick-world.ts'

let world: QuickWorld
beforeAll(async () => {
  world = await quickWorld('blackstart-test-sigkill')
  expect(await leftovers(world.name), 'before anything was done').toEqual([])
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
})

test('whatever was killed while breaking the world, the next heal makes it whole', {
  timeout: timeoutFor(20_000),
}, async () => {
  await killAndHeal({ world: world.name, kinds, usualMs: 35_000, healAndLook })
})

/** What the next start does, and then what is left. */
async function healAndLook(): Promise<string[]> {
  const { said, hasFailed } = await heal(world.engine, world.name)
  const left = await leftovers(world.name)
  return left.length > 0 || hasFailed ? [...left, ...said] : []
}
