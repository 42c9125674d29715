// Goal: what an engine cannot do is said, with the reason, and keeps nothing else from being done.
// Method: an engine that can do nothing but list, start and stop.
import { expect, test } from 'vitest'
import { able, CannotRun, type Capabilities, type Engine, ifAble, whyNot } from '../../../chaos/engine/engine.ts'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { startObservers } from '../../../chaos/observers/start.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'
import { healWorld } from '../../../chaos/world/heal.ts'

const reason = 'this engine knows no control groups'
const missing = { unavailable: reason }
const topology: Topology = {
  world: 'w',
  sites: [{ name: 'east', kind: 'region' }],
  nodes: [{ name: 'pg1', role: 'database', site: 'east', ports: {}, attributes: { 'disk.path': '/data' } }],
  links: [],
  timeouts: {},
}
const can: Capabilities = {
  kill: missing,
  freeze: missing,
  limitProcessor: missing,
  fillDisk: missing,
  loseDisk: missing,
  cutLinks: missing,
  probeMachine: missing,
}

/** `stopped`: nodes that the first start finds stopped. */
function engineWith(stopped: string[] = []): Engine {
  return {
    can,
    topology: async () => topology,
    removeVisitors: async () => [],
    endDrains: async () => {},
    start: async () => stopped.splice(0),
    putRoutes: async () => [],
  } as unknown as Engine
}

test('a missing capability tells why, and is not to be had', () => {
  expect(whyNot(can.freeze)).toBe(reason)
  expect(ifAble(can.freeze)).toBeUndefined()
  expect(() => able(can.freeze)).toThrow(new CannotRun(reason))
  const there = { ready: async () => ({ freeze: async () => {} }) }
  expect([whyNot(there), ifAble(there), able(there)]).toEqual([undefined, there, there])
})

test('a world is healed of what its engine can do to it', async () => {
  expect(await healWorld(engineWith(['pg1']), 'w')).toEqual(['pg1: started'])
})

test('a machine that cannot be measured is a note in the journal', async () => {
  const recorded: EventBody[] = []
  const observers = startObservers(
    engineWith(),
    { ...topology, nodes: [] },
    { record: (body) => void recorded.push(body), now: () => 0 },
  )
  await observers.stop()
  expect(recorded).toContainEqual({ kind: 'note', text: `the machine is not observed: ${reason}` })
})
