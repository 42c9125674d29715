// Goal: who reads writes back, and who is asked for invariants, is what the world file says: no other database is asked, and
// none of those is left out.
import { expect, test } from 'vitest'
import { auditorsOf, withAuditLabels } from '../../../chaos/run/auditors.ts'
import { type Node, nodesOf, type Topology } from '../../../chaos/topology/topology.ts'
import { worldFileSchema } from '../../../chaos/worldfile/schema.ts'
import { smallTopology } from './small-topology.ts'

const invariants = { sql: "select 'no debt' as name, true as holds, '' as detail" }
const file = (audit: object) => worldFileSchema.parse({ sites: {}, audit })
const small = smallTopology()
const of = (...engines: string[]): Topology => ({
  ...small,
  nodes: engines.map(
    (engine, index): Node => ({
      name: `${engine}-${index + 1}`,
      role: 'database',
      site: 'east',
      ports: {},
      attributes: { 'database.engine': engine },
    }),
  ),
})
const labels = (topology: Topology, audit: object) =>
  nodesOf(withAuditLabels(topology, file(audit)), 'database').map(
    ({ attributes: { 'database.engine': _, ...more } }) => more,
  )
const written = { 'audit.writes': 'select 1' }
const ruled = { 'audit.invariants': invariants.sql }

test('SQL is for databases that answer it, a Redis key for Redis', () => {
  const both = of('postgres', 'mariadb', 'redis')
  expect(labels(both, { writes: { sql: 'select 1' }, invariants })).toEqual([
    { ...written, ...ruled },
    { ...written, ...ruled },
    {},
  ])
  expect(labels(both, { writes: { redis: { key: 'i:{{key}}' } }, invariants })).toEqual([
    ruled,
    ruled,
    { 'audit.writes': 'i:{{key}}' },
  ])
})

test.each([
  { writes: { http: { path: '/x/{{key}}' } } },
  { writes: { command: { in: ['patroni-1'], run: ['keys'] } } },
])('invariants stand beside %o', (audit) => {
  expect(labels(of('patroni', 'http'), { ...audit, invariants })).toEqual([ruled, {}])
  expect(labels(of('patroni', 'http'), audit)).toEqual([{}, {}])
})

test('every database is read, or those of one kind, or the containers that a command names', () => {
  const sql = file({ writes: { sql: 'select 1' } })
  expect(auditorsOf(of('postgres', 'patroni'), sql)).toBeUndefined()
  expect(auditorsOf(of('postgres', 'redis'), sql)).toEqual({ by: 'database', nodes: ['postgres-1'] })
  const command = (service: string) => file({ writes: { command: { in: [service], run: ['keys'] } } })
  expect(auditorsOf(of('redis'), command('redis-1'))).toEqual({ by: 'command', nodes: ['redis-1'] })
  expect(() => auditorsOf(of('redis'), command('redsi-1'))).toThrow(/did you mean "redis-1"/)
})
