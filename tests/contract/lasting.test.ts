// Goal: a kill that the engine undoes is not taken for an outage that lasted; a node that nobody can ask is gone by the
// engine's evidence and not by ours.
// Method: two idle containers on the real engine, one of which listens; the fault on the stage, as in a run, and what
// the journal would say.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { EventBody, EventKind, EventOf, JournalEvent } from '../../chaos/journal/schema.ts'
import { observeEngine } from '../../chaos/observers/engine.ts'
import { View } from '../../chaos/observers/view.ts'
import { ActiveFaults } from '../../chaos/run/active-faults.ts'
import { fault } from '../../chaos/scenarios/define.ts'
import { down } from '../../chaos/world/down.ts'
import { lockWorld } from '../../chaos/world/lock.ts'
import { UndoLedger } from '../../chaos/world/undo.ts'
import { nodeNamed } from './harness/cases.ts'
import { freePort } from './harness/free-port.ts'
import { startNode } from './harness/small-world.ts'

const name = 'blackstart-test-lasting'
const engine = new DockerEngine()
const forEver = new AbortController().signal
const listener = "require('node:net').createServer((socket) => socket.on('error', () => {})).listen(7000)"
let lock: Disposable

beforeEach(async () => {
  await down(engine, name)
  lock = lockWorld(name)
})
afterEach(async () => {
  await down(engine, name)
  lock[Symbol.dispose]()
})

/** A container with a port that it keeps over a restart. */
async function startListener(service: string, policy: string): Promise<void> {
  const container = await engine.docker.createContainer({
    Image: 'blackstart/services',
    Cmd: ['-e', listener],
    ExposedPorts: { '7000/tcp': {} },
    Labels: {
      'blackstart.world': name,
      'blackstart.role': 'app',
      'blackstart.region': 'east',
      'blackstart.port.tcp': '7000',
      'com.docker.compose.service': service,
    },
    HostConfig: {
      Init: true,
      RestartPolicy: { Name: policy },
      PortBindings: { '7000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(await freePort()) }] },
    },
  })
  await container.start()
}

async function stageOf() {
  const topology = await engine.topology(name)
  const view = new View()
  const events: EventBody[] = []
  const record = (body: EventBody) => {
    events.push(body)
    view.see({ seq: 0, atMs: performance.now(), ...body } as JournalEvent)
  }
  const undo = new UndoLedger({ world: name, engine, topology: () => engine.topology(name) })
  const stage = new ActiveFaults({ engine, topology, view, undo, now: () => performance.now() }, record)
  const said = <K extends EventKind>(kind: K) =>
    events.find((event) => event.kind === kind) as Omit<EventOf<K>, 'seq' | 'atMs'> | undefined
  return { stage, said, record }
}

const killed = fault('kill', nodeNamed('talker-a'), { lasting: 1 })
const containerOf = async (service: string) =>
  engine.docker.getContainer(
    (await engine.containers(name)).find((container) => container.service === service)?.id ?? '',
  )

test.each(['unless-stopped', 'always'])(
  'what died and has the restart policy %s answers again: the kill did not last',
  async (policy) => {
    await startListener('talker-a', policy)
    const { stage, said } = await stageOf()
    const planned = await stage.plan(killed, 'f1', { primary: undefined })
    expect(said('note')?.text).toBe(
      `the engine will restart what kill node talker-a kills, so the fault will not last: talker-a ("${policy}"); give these services restart: "no"`,
    )
    expect(await stage.inject(planned, forEver)).toBeUndefined()
    await expect
      .poll(() => said('fault.lapsed'), { timeout: 20_000 })
      .toMatchObject({
        faultId: 'f1',
        evidence: ['talker-a answers again', `the restart policy of talker-a is "${policy}"`],
      })
    await stage.heal('f1')
    expect(said('fault.lasted')).toBeUndefined()
    expect(said('heal.proved')).toBeDefined()
  },
)

test("whoever starts it: the engine's events tell", async () => {
  await startListener('talker-a', 'no')
  const { stage, said, record } = await stageOf()
  const observer = await observeEngine(engine, name, { record, now: () => performance.now() }, () => true)
  try {
    const planned = await stage.plan(killed, 'f1', { primary: undefined })
    expect(said('note')).toBeUndefined()
    expect(await stage.inject(planned, forEver)).toBeUndefined()
    await (await containerOf('talker-a')).start()
    await expect
      .poll(() => said('fault.lapsed'), { timeout: 10_000 })
      .toMatchObject({ evidence: ['talker-a was started again'] })
    expect(said('node.started')).toEqual({ kind: 'node.started', node: 'talker-a', how: 'start' })
    await stage.heal('f1')
  } finally {
    await observer.stop()
  }
})

test('a node that publishes no port is gone according to the engine, stays so, and is not said to have refused', async () => {
  await startNode(name, 'talker-a', 'east')
  await startNode(name, 'talker-b', 'west')
  const { stage, said } = await stageOf()
  expect(await stage.inject(await stage.plan(killed, 'f1', { primary: undefined }), forEver)).toBeUndefined()
  expect(said('fault.proved')?.evidence).toEqual([
    'not running, according to the engine: talker-a',
    'still answer: 0 nodes, 0 directions',
    'running, according to the engine: talker-b',
  ])
  await stage.heal('f1')
  expect(said('fault.lasted')).toMatchObject({ watched: ['talker-a'], lastMs: expect.any(Number) })
  expect(said('heal.proved')?.evidence).toEqual([
    'still answer: 0 nodes, 0 directions',
    'running, according to the engine: talker-a, talker-b',
  ])
})

test('a node that was restarted is not isolated any more, and the fault has lapsed', async () => {
  await startListener('talker-a', 'no')
  await startListener('talker-b', 'no')
  const { stage, said } = await stageOf()
  const isolated = fault('isolate', nodeNamed('talker-a'), { lasting: 1 })
  for (const [id, meanwhile] of [
    ['f1', async () => {}],
    ['f2', async () => void (await (await containerOf('talker-a')).restart({ t: 0 }))],
  ] as const) {
    expect(await stage.inject(await stage.plan(isolated, id, { primary: undefined }), forEver)).toBeUndefined()
    await meanwhile()
    await stage.heal(id)
  }
  expect(said('fault.lasted')).toMatchObject({ faultId: 'f1' })
  expect(said('fault.lapsed')).toMatchObject({
    faultId: 'f2',
    evidence: ['talker-a was started again, so that its network is a new one, without rules'],
  })
})

test('whoever has nobody in its networks cannot be isolated, and the reason is told', async () => {
  await startListener('talker-a', 'no')
  const { stage } = await stageOf()
  const isolated = fault('isolate', nodeNamed('talker-a'), { lasting: 1 })
  await expect(stage.plan(isolated, 'f1', { primary: undefined })).rejects.toThrow(
    'talker-a has no other container of its world in its networks, so there is nobody to isolate it from',
  )
})
