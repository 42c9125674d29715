// Goal: one harness a world at a time. The second is told who is first, and changes nothing; a dead first does not bar
// the way. And what carries another world's label, or none, is nobody's to touch, whatever it is named.
//
//   first (a process) ── lock ──► world ◄── x ── second: heal, down, run         outsider: same service name, other label
//
// Method: real processes, killed with SIGKILL; a world of idle containers, of which one is paused, so that whoever acts
// is seen.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Docker from 'dockerode'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { kill } from '../../chaos/faults/kill.ts'
import { pause } from '../../chaos/faults/pause.ts'
import { fault, region } from '../../chaos/scenarios/define.ts'
import { down } from '../../chaos/world/down.ts'
import { lockOwner, nameOf } from '../../chaos/world/lock.ts'
import { orderOf, type SmallWorld, smallWorld, startNode, statesOf } from './harness/small-world.ts'

const name = 'blackstart-test-lock'
const docker = new Docker()
let world: SmallWorld
let first: Contender

beforeAll(async () => {
  world = await smallWorld(name, { 'a-1': 'east', 'b-1': 'west' })
  first = await contender()
})
afterAll(async () => {
  first?.child.kill('SIGKILL')
  await world?.[Symbol.asyncDispose]()
})

interface Contender {
  child: ChildProcessWithoutNullStreams
  says(line: string): Promise<string>
}

/** A process that takes the world's lock when it is told to. */
async function contender(): Promise<Contender> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./harness/contender.ts', import.meta.url)), name])
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  return {
    child,
    async says(line) {
      const answer = once(lines, 'line')
      child.stdin.write(`${line}\n`)
      return String((await answer)[0])
    },
  }
}

async function blackstart(...args: string[]): Promise<{ status: number; said: string }> {
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('../../chaos/cli/main.ts', import.meta.url)),
    ...args,
    '--world',
    name,
  ])
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      said += String(text)
    })
  const [status] = (await once(child, 'close')) as [number]
  return { status, said }
}

test('while the first process has the world, all others are refused with its name, and change nothing', async () => {
  const [paused] = (await world.engine.containers(name)).filter(({ service }) => service === 'b-1')
  await docker.getContainer(paused?.id ?? '').pause()
  await world.context.undo.write('f1', { do: 'start-containers', containers: ['b-1'] })
  expect(await first.says('0')).toBe('taken')
  const before = await statesOf(world)
  expect(before).toEqual({ 'a-1': 'running', 'b-1': 'paused' })
  const verbs = [['heal'], ['down'], ['run', 'control'], ['demo']]
  for (const [index, { status, said }] of (await Promise.all(verbs.map((verb) => blackstart(...verb)))).entries()) {
    expect(said, `${verbs[index]?.join(' ')}`).toContain(
      `the world ${name} is used by "blackstart ${name}" (process ${first.child.pid})`,
    )
    expect(status, said).toBe(3)
  }
  expect(await statesOf(world)).toEqual(before)
  expect(world.context.undo.entries()).toHaveLength(1)
  expect(lockOwner(name)?.pid).toBe(first.child.pid)
})

test('when the first is killed, the second takes over', async () => {
  first.child.kill('SIGKILL')
  await once(first.child, 'close')
  const { status, said } = await blackstart('heal')
  expect(status, said).toBe(0)
  expect(said).toContain('b-1: started')
  expect(await statesOf(world)).toEqual({ 'a-1': 'running', 'b-1': 'running' })
  expect(world.context.undo.entries()).toEqual([])
  expect(lockOwner(name)).toBeUndefined()
})

test('of several that come at the same moment, to a free world or after a dead owner, exactly one gets it', async () => {
  const all = await Promise.all([contender(), contender(), contender()])
  // A process that is no more: its id may be anybody's, its start time is nobody's.
  const dead = JSON.stringify({ pid: first.child.pid, host: hostname(), started: '1', command: 'dead' })
  try {
    for (let round = 0; round < 60; round++) {
      if (round % 2 === 0) writeFileSync(nameOf(name), dead)
      const moment = String(Date.now() + 5)
      const answers = await Promise.all(all.map((each) => each.says(moment)))
      expect(
        answers.filter((answer) => answer === 'taken'),
        `round ${round}: ${answers.join('; ')}`,
      ).toHaveLength(1)
      await Promise.all(all.map((each) => each.says('drop')))
    }
  } finally {
    for (const { child } of all) child.kill('SIGKILL')
  }
})

test("a container with the same service name and another world's label, or none, is not touched", async () => {
  const other = 'blackstart-test-lock-other'
  const engine = new DockerEngine()
  await down(engine, other)
  await using after = new AsyncDisposableStack()
  after.defer(async () => void (await down(engine, other)))
  const labelled = await startNode(other, 'a-1', 'east')
  // Removes itself, should this test not come to it.
  const bare = await docker.createContainer({
    Image: 'blackstart/services',
    Entrypoint: ['sleep', '120'],
    HostConfig: { AutoRemove: true },
    Labels: { 'com.docker.compose.service': 'a-1', 'blackstart.region': 'east', 'blackstart.role': 'app' },
  })
  after.defer(async () => void (await bare.remove({ force: true })))
  await bare.start()
  const outsiders = async () =>
    Promise.all(
      [labelled.getId(), bare.id].map(async (id) => {
        const { State } = await docker.getContainer(id).inspect()
        return { status: State.Status, pid: State.Pid, startedAt: State.StartedAt }
      }),
    )
  const before = await outsiders()
  for (const kind of [kill, pause] as const) {
    const order = orderOf(fault(kind.kind, region('east'), { lasting: 1 }), world)
    const active = await (await kind.prepare(order as never, world.context)).inject('f1')
    expect(await outsiders(), kind.kind).toEqual(before)
    await active.heal()
  }
  // Their own trouble is not ours to heal.
  await docker.getContainer(labelled.getId()).pause()
  await docker.getContainer(bare.id).pause()
  expect((await blackstart('heal')).status).toBe(0)
  expect((await outsiders()).map(({ status }) => status)).toEqual(['paused', 'paused'])
  expect((await blackstart('down')).status).toBe(0)
  expect((await outsiders()).map(({ status }) => status)).toEqual(['paused', 'paused'])
})
