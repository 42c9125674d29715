// Goal: "the region of the primary" is the place that holds the primary, and is told by its right name.
import { describe, expect, test } from 'vitest'
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

describe('zones by role', () => {
  const stands = (name: string, place: string) => {
    const [site = '', zone] = place.split('/')
    return { name, role: 'database' as const, site, ...(zone && { zone }), ports: {}, attributes: {} }
  }
  const of = (role: string, places: Record<string, string>) => {
    const nodes = Object.entries(places).map(([name, place]) => stands(name, place))
    const target = { scope: 'zone', name: role } as const
    return resolveTarget(target, { ...topology, nodes }, { primary: nodes.find(({ name }) => name === 'primary') })
  }
  const places = { primary: 'west/b', one: 'west/c', two: 'west/a', three: 'east/b', four: 'east/a' }

  test.each([
    ['primary', 'west/b', ['primary']],
    ['neighbour', 'west/a', ['two']],
    ['other', 'east/a', ['four']],
  ])('%s is %s', (role, zone, nodes) => {
    const found = of(role, places)
    expect({ name: found.name, named: found.named, nodes: found.nodes.map(({ name }) => name) }).toEqual({
      name: `zone ${zone}`,
      named: { scope: 'zone', name: zone },
      nodes,
    })
  })

  test.each([
    ['neighbour', { primary: 'west/b', one: 'east/a' }, /but west has only one, west\/b/],
    ['other', { primary: 'west/b', one: 'east' }, /a zone of the other region, but east has none/],
    ['neighbour', { primary: 'west', one: 'west/a' }, /but primary stands in no zone/],
  ])('%s of %j is nowhere', (role, there, message) => {
    expect(() => of(role, there)).toThrow(message)
  })
})

describe('all nodes of a role', () => {
  const stands = (name: string, role: 'database' | 'dcs' | 'app', site: string) => ({
    ...{ name, role, site, ports: {}, attributes: {} },
  })
  const nodes = [
    stands('primary', 'database', 'west'),
    stands('etcd-1', 'dcs', 'east'),
    stands('etcd-2', 'dcs', 'west'),
    stands('etcd-3', 'dcs', 'west'),
    stands('etcd-4', 'dcs', 'witness'),
    stands('api', 'app', 'east'),
  ]
  const of = (role: 'dcs' | 'app' | 'store', region?: string) =>
    resolveTarget({ scope: 'all', role, ...(region && { region }) }, { ...topology, nodes }, { primary: nodes[0] })

  test.each([
    [undefined, ['etcd-1', 'etcd-2', 'etcd-3', 'etcd-4'], 'nodes etcd-1, etcd-2, etcd-3, etcd-4'],
    ['primary', ['etcd-2', 'etcd-3'], 'nodes etcd-2, etcd-3'],
    ['other', ['etcd-1'], 'node etcd-1'],
    ['east', ['etcd-1'], 'node etcd-1'],
  ])('of the region %s', (region, names, name) => {
    const found = of('dcs', region)
    expect(found.nodes.map((each) => each.name)).toEqual(names)
    expect(found.name).toBe(name)
    expect(found.named).toEqual(names.length === 1 ? { scope: 'node', name: names[0] } : { scope: 'nodes', names })
  })

  test('that are not there are told', () => {
    expect(() => of('store')).toThrow(
      'the target is all nodes of the store, but this world has no node of the role store',
    )
    expect(() => of('app', 'primary')).toThrow("all apps of the primary's region, but west has no node of the role app")
    expect(() => of('app', 'wets')).toThrow('there is no region "wets"')
  })
})
