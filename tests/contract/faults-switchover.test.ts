// Goal: a switchover that cannot be says so before anything is touched, with the name to correct. What it does is for a
// real Patroni.
import { expect, test } from 'vitest'
import { switchover } from '../../chaos/faults/switchover.ts'
import { contextOn } from '../../chaos/injectors/injectors.ts'
import { View } from '../../chaos/observers/view.ts'
import { fault } from '../../chaos/scenarios/define.ts'
import { orderOf } from '../../chaos/scenarios/order.ts'
import type { Target } from '../../chaos/scenarios/schema.ts'
import type { Node, Topology } from '../../chaos/topology/topology.ts'

const database = (name: string, site: string, ports: Record<string, number> = { sql: 1, rest: 2 }): Node => ({
  name,
  role: 'database',
  site,
  ports,
  attributes: {},
})
const world = (...nodes: Node[]): Topology => ({
  world: 'paper',
  sites: ['east', 'west'].map((name) => ({ name, kind: 'region' as const })),
  nodes,
  links: [],
  timeouts: {},
})
const both = world(database('pg-east', 'east'), database('pg-east-b', 'east'), database('pg-west', 'west'))

function reason(topology: Topology, target: Target, to: string): string | undefined {
  const roles = { primary: topology.nodes.find((node) => node.name === 'pg-east') }
  return switchover.unavailable(orderOf(fault('switchover', target, { lasting: 1, to }), topology, roles), topology)
}

test.each([
  [
    'a region instead of a database',
    both,
    { scope: 'region', name: 'east' },
    'other',
    'switchover asks one database to hand over: give it node "primary", not region east',
  ],
  [
    'a database that publishes no REST API',
    world(database('pg-east', 'east', { sql: 1 }), database('pg-west', 'west')),
    { scope: 'node', name: 'primary' },
    'other',
    'pg-east publishes no REST API of Patroni, by which alone a primary is asked to hand over: "engine: patroni" in blackstart.yaml, or the label blackstart.port.rest',
  ],
  [
    'nobody in another region',
    world(database('pg-east', 'east'), database('pg-east-b', 'east')),
    { scope: 'node', name: 'primary' },
    'other',
    'there is no database in another region',
  ],
  [
    'a name that is nearly one',
    both,
    { scope: 'node', name: 'primary' },
    'pg-wset',
    '"pg-wset" cannot take over; did you mean "pg-west"? (available: other, pg-east-b, pg-west)',
  ],
  [
    'the primary itself',
    both,
    { scope: 'node', name: 'primary' },
    'pg-east',
    '"pg-east" cannot take over; did you mean "pg-east-b"? (available: other, pg-east-b, pg-west)',
  ],
] as const)('%s', (_what, topology, target, to, expected) => {
  expect(reason(topology, target, to)).toBe(expected)
})

/** Nobody answers at port 2 of this machine: the primary died while it was being asked. */
function asked(takenBy?: (node: string) => string | undefined, leader: string | null = 'pg-east') {
  const primary = both.nodes[0] as Node
  const order = orderOf(fault('switchover', { scope: 'node', name: 'primary' }, { lasting: 1, to: 'other' }), both, {
    primary,
  })
  const view = new View()
  view.leader = leader
  const ground = { topology: both, view, now: () => 0, ...(takenBy && { takenBy }) }
  const context = contextOn(ground as unknown as Parameters<typeof contextOn>[0])
  return {
    inject: async () => (await switchover.prepare(order, context)).inject('f1'),
    look: async () => switchover.claims?.(order, context)[0]?.look(),
  }
}

test('a primary that dies while it is asked is a failure to ask, unless another fault took it: then it is the outcome', async () => {
  await expect(asked().inject()).rejects.toThrow('pg-east was asked to hand over to pg-west and did not')
  await expect(asked(() => undefined).inject()).rejects.toThrow('pg-east was asked')
  expect(await asked((node) => (node === 'pg-east' ? 'kill region east' : undefined)).inject()).toMatchObject({
    acts: 1,
  })
})

test('it is proved by the new primary, or by what came in between, and by nothing else', async () => {
  expect(await asked().look()).toMatchObject({ holds: false })
  expect(await asked((node) => (node === 'pg-west' ? 'kill region west' : undefined)).look()).toEqual({
    holds: true,
    evidence: 'pg-east was asked to hand over to pg-west, but kill region west acted first',
  })
  // What befell the old primary after the new one had taken over did not come in between.
  expect(await asked((node) => (node === 'pg-east' ? 'kill region east' : undefined), 'pg-west').look()).toMatchObject({
    holds: false,
  })
})

test('it can be where another region has a database, and where one is named', () => {
  expect(reason(both, { scope: 'node', name: 'primary' }, 'other')).toBeUndefined()
  expect(reason(both, { scope: 'node', name: 'primary' }, 'pg-east-b')).toBeUndefined()
})
