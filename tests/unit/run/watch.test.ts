// Goal: a fault that does not last is noticed, by whichever witness there is; one that does is never accused, and its
// heal waits for nobody.
// Method: the watch over two nodes, a view and an engine that say what the test tells them.

import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import type { ContainerState } from '../../../chaos/engine/engine.ts'
import type { Effect } from '../../../chaos/faults/fault.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { View } from '../../../chaos/observers/view.ts'
import { expectationOf } from '../../../chaos/run/expectation.ts'
import { watch } from '../../../chaos/run/watch.ts'
import { engineSaying, smallTopology, viewOf } from './small-topology.ts'

const cut: Effect = {
  silent: [
    { from: 'east', to: 'west' },
    { from: 'west', to: 'east' },
  ],
}

function watching(
  taken: Effect,
  {
    states = {},
    view = new View(),
    ports = {},
    policy = 'no',
    others = [] as Effect[],
  }: {
    states?: Record<string, ContainerState>
    view?: View
    ports?: Record<string, number>
    policy?: string
    others?: Effect[]
  } = {},
) {
  const topology = smallTopology({ beacons: ['east', 'west'], ports })
  const heal = new AbortController()
  const watched = watch({
    topology,
    view,
    engine: engineSaying(topology, states, { policy }),
    now: () => performance.now(),
    expectation: () => expectationOf(topology, [taken, ...others]),
    taken,
    signal: heal.signal,
  })
  return { heal, watched, states, view }
}

const started = (node: string): JournalEvent => ({
  seq: 0,
  atMs: performance.now(),
  kind: 'node.started',
  node,
  how: 'start',
})

test('a node that the engine starts again, by its event, though it is gone at the next look', async () => {
  const { watched, view } = watching({ gone: ['pg1'] }, { states: { pg1: 'exited' }, policy: 'unless-stopped' })
  view.see(started('pg2'))
  view.see(started('pg1'))
  expect((await watched).lapsed).toEqual(['pg1 was started again', 'the restart policy of pg1 is "unless-stopped"'])
})

test('a node without a port that runs again, according to the engine', async () => {
  const { watched } = watching({ gone: ['pg1'] }, { states: { pg1: 'running' } })
  expect((await watched).lapsed).toEqual(['pg1 is running again, according to the engine'])
})

test('a frozen one that is thawed', async () => {
  const { watched } = watching({ mute: ['pg1'] }, { states: { pg1: 'running' } })
  expect((await watched).lapsed).toEqual(['pg1 is running again, according to the engine'])
})

test('a port that answers again: the node, where the engine says that it runs, and else somebody who got its port', async () => {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const ports = { pg1: (server.address() as AddressInfo).port }
  try {
    expect((await watching({ gone: ['pg1'] }, { ports, states: { pg1: 'running' } }).watched).lapsed).toEqual([
      'pg1 answers again',
    ])
    const stranger = watching({ gone: ['pg1'] }, { ports, states: { pg1: 'exited' } })
    await new Promise((resolve) => server.once('connection', resolve))
    // The look after that connection is over when the next one comes.
    await new Promise((resolve) => server.once('connection', resolve))
    stranger.heal.abort()
    const { looks, lapsed } = await stranger.watched
    expect(lapsed).toBeUndefined()
    expect(looks).toBeGreaterThan(1)
  } finally {
    server.close()
  }
})

test('a cut link over which somebody is heard again', async () => {
  const { watched, view } = watching(cut, { view: viewOf({ 'east>west': false, 'west>east': false }) })
  view.see({
    seq: 0,
    atMs: 0,
    kind: 'beacon.heard',
    at: 'west',
    from: 'east',
    heard: true,
    lastMs: 0,
    uncertaintyMs: 0,
  })
  expect((await watched).lapsed).toEqual(['west hears east again'])
})

test('what stays away lasts, and the heal is not kept waiting', async () => {
  const { watched, heal, view } = watching(
    { gone: ['pg1'], ...cut },
    { states: { pg1: 'exited' }, view: viewOf({ 'east>west': false, 'west>east': false }) },
  )
  heal.abort()
  // By the heal.
  view.see(started('pg1'))
  const { lastMs, ...seen } = await watched
  expect(seen).toEqual({ watched: ['pg1', 'east>west', 'west>east'], looks: 1 })
  expect(lastMs).not.toBeNull()
})

test("what another fault may bring back is nobody's lapse", async () => {
  const { watched, heal, view } = watching(
    { gone: ['pg1'] },
    { others: [{ unsettled: ['pg1'] }], states: { pg1: 'running' } },
  )
  view.see(started('pg1'))
  await new Promise((resolve) => setImmediate(resolve))
  heal.abort()
  expect((await watched).lapsed).toBeUndefined()
})

test('while another fault makes all of it uncertain nobody has looked', async () => {
  const { watched, heal } = watching({ gone: ['pg1'] }, { others: [{ unsettled: ['pg1'] }], states: { pg1: 'exited' } })
  // Longer than the pause between two looks.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  heal.abort()
  expect((await watched).looks).toBe(1)
})

test('a fault that keeps nothing away has nothing to look at', async () => {
  expect(await watching({ unsettled: ['pg1'] }).watched).toEqual({ watched: [], looks: 0, lastMs: null })
})
