// Goal: a node is reached where its engine says, by the purpose that its labels name; one that does not run is reached
// nowhere.
import { expect, test } from 'vitest'
import { topologyFromLabels } from '../../../chaos/topology/labels.ts'
import { endpointIfAny, endpointOf, firstEndpoint, loopback, type Node } from '../../../chaos/topology/topology.ts'

const labels = {
  'blackstart.region': 'east',
  'blackstart.role': 'database',
  'blackstart.port.sql': '5432',
  'blackstart.port.rest': '8008',
}
const nodeAt = (endpoints: Record<number, { host: string; port: number }>): Node => {
  const [node] = topologyFromLabels('w', [{ service: 'pg1', labels, endpoints }]).nodes
  if (!node) throw new Error('no node')
  return node
}

test('on this machine, which the journal does not name', () => {
  const node = nodeAt({ 5432: { host: loopback, port: 18021 }, 8008: { host: loopback, port: 18031 } })
  expect(node).toMatchObject({ ports: { sql: 18021, rest: 18031 } })
  expect(node).not.toHaveProperty('host')
  expect(endpointOf(node, 'rest')).toEqual({ host: loopback, port: 18031 })
  expect(firstEndpoint(node)).toEqual({ host: loopback, port: 18021 })
})

test('on another machine', () => {
  const node = nodeAt({ 5432: { host: 'far.example', port: 18021 } })
  expect(endpointOf(node, 'sql')).toEqual({ host: 'far.example', port: 18021 })
})

test('nowhere', () => {
  const node = nodeAt({})
  expect([endpointIfAny(node, 'sql'), firstEndpoint(node)]).toEqual([undefined, undefined])
  expect(() => endpointOf(node, 'sql')).toThrow(/pg1 publishes no port for "sql".*blackstart\.port\.sql/)
})
