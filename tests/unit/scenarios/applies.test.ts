// Goal: whoever brings a stack of their own sees beforehand which scenarios can be run there, and why the others cannot.
// Method: the library against the reference stack's own Compose files, against stacks that were generated from a Compose
// file and a world file, and against a stack that lacks one thing at a time.
import { describe, expect, test } from 'vitest'
import { generate } from '../../../chaos/generate/generate.ts'
import { adapted } from '../../../chaos/scenarios/adapt.ts'
import { allApplying, byApplicability, whyInapplicable } from '../../../chaos/scenarios/applies.ts'
import { fault, link, node, region, router, scenario } from '../../../chaos/scenarios/define.ts'
import { scenarioNamed, scenarios } from '../../../chaos/scenarios/library/index.ts'
import type { FaultSpec } from '../../../chaos/scenarios/schema.ts'
import { plannedTopology } from '../../../chaos/topology/planned.ts'
import type { Node, Topology } from '../../../chaos/topology/topology.ts'
import type { WorldFile } from '../../../chaos/worldfile/schema.ts'
import { shopConfig, shopWorld } from '../generate/shop.ts'
import { reference } from './reference-stack.ts'

const settings = { world: 'shop', net: '198.18.0', ports: '180' }
function shop(change: Partial<WorldFile> = {}): Topology {
  const { compose } = generate(shopConfig, { ...shopWorld, ...change }, settings)
  return plannedTopology('shop', compose['services'] as Record<string, { labels: Record<string, string> }>)
}
const why = (name: string, topology: Topology) => whyInapplicable(scenarioNamed(name), topology)
const of = (...faults: FaultSpec[]) =>
  scenario({ name: 'mine', title: 'mine', tags: [], faults, observe: 60, objectives: {} })
const without = (topology: Topology, drop: (node: Node) => boolean): Topology => ({
  ...topology,
  nodes: topology.nodes.filter((each) => !drop(each)),
})

test('on the reference stack all apply, but that of disks, which says what it needs', () => {
  const { apply, others } = byApplicability(scenarios, reference)
  expect([...others]).toEqual([['standby-disk-full', expect.stringContaining('blackstart.disk.path')]])
  expect(apply).toHaveLength(scenarios.length - 1)
})

test('on a stack of one primary and one standby those apply whose roles exist', () => {
  const { apply, others } = byApplicability(scenarios, shop())
  expect(apply.map(({ name }) => name)).toEqual([
    'control',
    'region-kill-brief',
    'region-blackhole-brief',
    'region-kill',
    'region-blackhole',
    'region-pause',
    'region-hang',
    'link-cut-region-kill',
    'back-to-back',
    'zone-kill',
    'primary-kill',
    'primary-freeze',
    'primary-isolate',
    'partition',
    'one-way-out',
    'one-way-in',
    'slow-link-80',
    'slow-link-250',
    'flap-below',
    'flap-above',
    'router-kill',
    'router-freeze',
    'app-crash-loop',
    'rolling-restart',
    'rolling-restart-routers',
    'rolling-restart-databases',
    'gitlab-2017',
  ])
  expect(Object.fromEntries(others)).toMatchObject({
    switchover: expect.stringMatching(/db-1 publishes no REST API of Patroni/),
    'dcs-leader-kill': expect.stringMatching(/no DCS/),
    'store-kill': 'it names redis-east, which this world does not have',
    'witness-loss': 'it names witness, which this world does not have',
    'rolling-restart-store':
      'it names redis-west, redis-east, sentinel-east and 2 more, which this world does not have',
    'standby-disk-full': expect.stringMatching(/blackstart\.disk\.path/),
  })
})

describe('scenarios that name nodes of the reference stack', () => {
  const targets = (name: string, topology: Topology) =>
    adapted(scenarioNamed(name), topology).faults.map(({ target, atMs }) => [target, atMs])

  test('are played by the nodes that have the same roles here, at the same pace', () => {
    expect(targets('rolling-restart', shop())).toEqual([
      [{ scope: 'node', name: 'api-1' }, 0],
      [{ scope: 'node', name: 'api-2' }, 14_000],
    ])
    // 62 s for four, so 34 s for two.
    expect(adapted(scenarioNamed('rolling-restart'), shop())).toMatchObject({
      name: 'rolling-restart',
      observeMs: 34_000,
      objectives: scenarioNamed('rolling-restart').objectives,
    })
    expect(targets('app-crash-loop', shop())).toEqual([[{ scope: 'node', name: 'api-1' }, 0]])
  })

  test('a majority of the DCS is lost, whatever its size', () => {
    const members = (count: number): Topology => {
      const [member] = reference.nodes.filter(({ role }) => role === 'dcs')
      const others = reference.nodes.filter(({ role }) => role !== 'dcs')
      if (!member) throw new Error('the reference stack has a DCS')
      const copies = Array.from({ length: count }, (_, index) => ({ ...member, name: `m${index}` }))
      return { ...reference, nodes: [...others, ...copies] }
    }
    expect(targets('dcs-majority-loss', members(3))).toEqual([[{ scope: 'nodes', names: ['m1', 'm2'] }, 0]])
    expect(targets('dcs-majority-loss', members(5))).toEqual([[{ scope: 'nodes', names: ['m2', 'm3', 'm4'] }, 0]])
    expect(targets('dcs-majority-loss', members(4))).toEqual([[{ scope: 'nodes', names: ['m2', 'm3'] }, 0]])
  })

  test('stay as they are on the reference stack, and so do scenarios of the user', () => {
    for (const each of scenarios) expect(adapted(each, reference)).toBe(each)
    const mine = { ...scenarioNamed('rolling-restart') }
    expect(adapted(mine, shop())).toBe(mine)
  })
})

describe('what a stack lacks', () => {
  test('links that pass packets on cannot be slow; everything else is done to packets', () => {
    const routing = shop({ links: { default: { via: 'route' } } })
    expect(why('slow-link-80', routing)).toMatch(/link-east-west passes packets on \(via: route\).*via: proxy/)
    for (const name of ['partition', 'region-hang', 'one-way-in', 'flap-above'])
      expect(why(name, routing), name).toBeUndefined()
    const slowRegion = of(fault('jitter', region('primary'), { lasting: 5, jitterMs: 20 }))
    const edges = { 'east-edge': { via: 'route' as const }, 'west-edge': { via: 'route' as const } }
    expect(whyInapplicable(slowRegion, shop({ links: edges }))).toMatch(/^link-east-edge passes/)
  })

  test('no database: nobody is asked who is primary, and a region by name will do', () => {
    const blind = shop({ databases: [] })
    expect(why('region-kill', blind)).toMatch(/no database that is asked.*name some under "databases"/)
    expect(whyInapplicable(of(fault('kill', region('east'), { lasting: 5 })), blind)).toBeUndefined()
    expect(why('control', blind)).toBeUndefined()
  })

  test('one database: no standby', () => {
    const lonely = without(shop(), ({ name }) => name === 'db-2')
    expect(why('standby-disk-full', lonely)).toMatch(/no database outside east/)
  })

  test('one region: no other', () => {
    const single = {
      ...without(reference, ({ site }) => site === 'west'),
      sites: reference.sites.filter(({ name }) => name !== 'west'),
      links: reference.links.filter(({ sites }) => !sites.includes('west')),
    }
    expect(why('partition', single)).toMatch(/this world has only one \(east\)/)
    expect(why('region-kill', single)).toBeUndefined()
  })

  test('zones that only one region has: the primary may stand in it', () => {
    expect(why('zone-kill', shop())).toBeUndefined()
    const zoneless = shop({
      sites: { ...shopWorld.sites, east: { services: ['api-1', 'db-1', 'migrate'] } },
    })
    expect(why('zone-kill', zoneless)).toMatch(/db-1 stands in no zone/)
  })

  test('no entry: no load, so nothing applies', () => {
    expect(
      why(
        'control',
        without(reference, ({ attributes }) => 'router.entry' in attributes),
      ),
    ).toMatch(/nothing says where clients enter/)
  })
})

test('a switchover is asked of Patroni: other databases are told apart from a port that is missing', () => {
  const redis = shop({ databases: [{ nodes: ['db-1', 'db-2'], engine: 'redis' }] })
  expect(why('switchover', redis)).toMatch(/through Patroni, and db-1 is of another kind \(redis\)/)
})

test('names of a scenario of the user count, too', () => {
  expect(whyInapplicable(of(fault('kill', node('api-1' as never), { lasting: 5 })), shop())).toBeUndefined()
  expect(whyInapplicable(of(fault('blackhole', link('east', 'witness'), { lasting: 5 })), shop())).toBe(
    'it names witness, which this world does not have',
  )
  expect(whyInapplicable(of(fault('kill', router('active'), { lasting: 5 })), shop())).toBeUndefined()
})

test('a scenario that was named and does not apply is refused with the reason', () => {
  expect(() => allApplying([scenarioNamed('control'), scenarioNamed('switchover')], shop())).toThrow(
    /^switchover does not apply to the world shop: db-1 publishes no REST API.*blackstart list/,
  )
  expect(() => allApplying([scenarioNamed('region-kill')], shop())).not.toThrow()
})
