// Goal: "the region of the primary" is the place that holds the primary, and is told by its right name.
import { expect, test } from 'vitest'
import { resolveTarget } from '../../../chaos/topology/resolve.ts'
import { smallTopology } from '../run/small-topology.ts'

const topology = smallTopology()
const witness = { name: 'pg3', role: 'database' as const, site: 'witness', ports: {}, attributes: {} }
const world = {
  ...topology,
  sites: [...topology.sites, { name: 'witness', kind: 'witness' as const }],
  nodes: [...topology.nodes, witness],
}
const ofThePrimary = (name: string) =>
  resolveTarget({ scope: 'region', name: 'primary' }, world, {
    primary: world.nodes.find((node) => node.name === name),
  })

test('of a primary in a region it is the region', () => {
  const { named, name } = ofThePrimary('pg1')
  expect({ named, name }).toEqual({ named: { scope: 'region', name: 'east' }, name: 'region east' })
})

test('of a primary at the witness, as a NATS leader may be, it is that site', () => {
  const { named, name, nodes } = ofThePrimary('pg3')
  expect({ named, name }).toEqual({ named: { scope: 'site', name: 'witness' }, name: 'site witness' })
  expect(nodes).toEqual([witness])
  // As a replay and the judge resolve it again, without roles.
  expect(resolveTarget(named, world, { primary: undefined })).toMatchObject({ name, nodes })
})
