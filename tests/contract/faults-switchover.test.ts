// Goal: a switchover that cannot be says so before anything is touched, with the name to correct. What it does is for a real Patroni.
import { expect, test } from 'vitest'
import { switchover } from '../../chaos/faults/switchover.ts'
import { resolveTarget } from '../../chaos/faults/targets.ts'
import { fault } from '../../chaos/scenarios/define.ts'
import type { Target } from '../../chaos/scenarios/schema.ts'
import type { Node, Topology } from '../../chaos/topology/topology.ts'

const database = (name: string, site: string, ports: Record<string, number> = { sql: 1, rest: 2 }): Node => ({ name, role: 'database', site, ports, attributes: {} })
const world = (...nodes: Node[]): Topology => ({ world: 'paper', sites: ['east', 'west'].map((name) => ({ name, kind: 'region' as const })), nodes, links: [], timeouts: {} })
const both = world(database('pg-east', 'east'), database('pg-east-b', 'east'), database('pg-west', 'west'))

function reason(topology: Topology, target: Target, to: string): string | undefined {
  const roles = { primary: topology.nodes.find((node) => node.name === 'pg-east') }
  return switchover.unavailable({ spec: fault('switchover', target, { lasting: 1, to }), target: resolveTarget(target, topology, roles), roles }, topology)
}

test.each([
  ['a region instead of a database', both, { scope: 'region', name: 'east' }, 'other', 'switchover asks one database to hand over: give it node "primary", not region east'],
  ['a database that publishes no REST API', world(database('pg-east', 'east', { sql: 1 }), database('pg-west', 'west')), { scope: 'node', name: 'primary' }, 'other', 'pg-east publishes no REST API of Patroni: give it the label blackstart.port.rest'],
  ['nobody in another region', world(database('pg-east', 'east'), database('pg-east-b', 'east')), { scope: 'node', name: 'primary' }, 'other', 'no database stands in another region'],
  ['a name that is nearly one', both, { scope: 'node', name: 'primary' }, 'pg-wset', '"pg-wset" cannot take over; did you mean "pg-west"? (there is: other, pg-east-b, pg-west)'],
  ['the primary itself', both, { scope: 'node', name: 'primary' }, 'pg-east', '"pg-east" cannot take over; did you mean "pg-east-b"? (there is: other, pg-east-b, pg-west)'],
] as const)('%s', (_what, topology, target, to, expected) => {
  expect(reason(topology, target, to)).toBe(expected)
})

test('it can be where another region has a database, and where one is named', () => {
  expect(reason(both, { scope: 'node', name: 'primary' }, 'other')).toBeUndefined()
  expect(reason(both, { scope: 'node', name: 'primary' }, 'pg-east-b')).toBeUndefined()
})
