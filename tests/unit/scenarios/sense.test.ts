// Goal: what cannot be in any world is told from the scenario alone, and nothing is refused that a run would take.
// Method: each kind on each kind of target, and pairs of faults at random, against what the run itself says when it has
// resolved them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fault, Order } from '../../../chaos/faults/fault.ts'
import { conflictBetween, overlap } from '../../../chaos/run/conflicts.ts'
import { faultNamed } from '../../../chaos/scenarios/kinds.ts'
import { scenarios } from '../../../chaos/scenarios/library/index.ts'
import { orderOf } from '../../../chaos/scenarios/order.ts'
import {
  type FaultKind,
  type FaultSpec,
  faultKinds,
  faultSpecSchema,
  loadSchema,
  type SurgeSpec,
  scenarioSchema,
  type Target,
} from '../../../chaos/scenarios/schema.ts'
import { senselessIn } from '../../../chaos/scenarios/sense.ts'
import { topology as small } from '../../journals/world.ts'

/** With every label that a kind asks for, so that only the target can be wrong. */
const topology = {
  ...small,
  nodes: small.nodes.map((node) => ({
    ...node,
    zone: node.name.endsWith('-b') ? 'b' : 'a',
    ports: { rest: { host: 8008, container: 8008 } } as never,
    attributes: { 'disk.path': '/data' },
  })),
}
const named = (name: string) => topology.nodes.find((node) => node.name === name)
const roles = { primary: named('pg-east-a'), dcsLeader: named('etcd-witness'), activeRouter: named('haproxy-east') }

const targets: Target[] = [
  { scope: 'region', name: 'primary' },
  { scope: 'region', name: 'other' },
  { scope: 'region', name: 'east' },
  { scope: 'site', name: 'witness' },
  { scope: 'zone', name: 'primary' },
  { scope: 'zone', name: 'neighbour' },
  { scope: 'zone', name: 'other' },
  { scope: 'zone', name: 'east/b' },
  { scope: 'node', name: 'primary' },
  { scope: 'node', name: 'pg-west-a' },
  { scope: 'nodes', names: ['pg-west-a', 'pg-east-b'] },
  { scope: 'all', role: 'dcs' },
  { scope: 'all', role: 'app', region: 'primary' },
  { scope: 'all', role: 'database', region: 'west' },
  { scope: 'standbys', which: 'all' },
  { scope: 'standbys', which: 'one' },
  { scope: 'dcsLeader' },
  { scope: 'router', name: 'active' },
  { scope: 'router', name: 'haproxy-west' },
  { scope: 'link', sites: ['east', 'west'] },
  { scope: 'link', sites: ['other', 'primary'] },
  { scope: 'nothing' },
]
const told: { [K in FaultKind]?: object } = {
  'one-way': { direction: 'in' },
  slow: { latencyMs: 80 },
  jitter: { jitterMs: 80 },
  bandwidth: { kilobytesPerSecond: 64 },
  flap: { of: 'refuse', downMs: 500, upMs: 500 },
  switchover: { to: 'pg-west-b' },
  'crash-loop': { upMs: 1_000, downMs: 1_000 },
  'cpu-starve': { cores: 0.1 },
}
function spec(kind: FaultKind, target: Target, when: object = {}): FaultSpec {
  // The witness is linked to both regions, and each of these targets to one that it is not.
  const from = target.scope === 'site' ? ['east'] : ['witness']
  return faultSpecSchema.parse({
    kind,
    target,
    forMs: 1_000,
    ...when,
    ...(kind === 'partial' ? { with: { from } } : { with: told[kind] ?? faultNamed(kind).examples[0]?.with }),
  })
}
const order = (given: FaultSpec): { fault: Fault; order: Order } => ({
  fault: faultNamed(given.kind),
  order: orderOf(given, topology, roles),
})

describe.each(faultKinds)('%s', (kind) => {
  test.each(targets.map((target) => [JSON.stringify(target), target] as const))(
    'on %s is refused where the run refuses it',
    (_text, target) => {
      const given = spec(kind, target)
      const { fault, order: resolved } = order(given)
      const late = fault.unavailable(resolved, topology)
      // How many databases stand in a zone is the world's to say.
      const onlyLate = kind === 'switchover' && target.scope === 'zone'
      expect(
        senselessIn({ faults: [given] }).map(({ path }) => path),
        late,
      ).toEqual(late === undefined || onlyLate ? [] : [['faults', 0, 'target']])
    },
  )
})

test('two faults are refused only where the run refuses them, whoever plays the roles', () => {
  const one = fc
    .record({
      kind: fc.constantFrom(...faultKinds),
      target: fc.constantFrom(...targets),
      atMs: fc.constantFrom(0, 500, 1_000, 1_500),
      resolve: fc.constantFrom('start' as const, 'due' as const),
    })
    .map(({ kind, target, ...when }) => spec(kind, target, when))
    .filter((given) => senselessIn({ faults: [given] }).length === 0)
  let refused = 0
  fc.assert(
    fc.property(one, one, (a, b) => {
      const early = senselessIn({ faults: [a, b] })
      refused += early.length
      const late = overlap(a, b) ? conflictBetween(order(a), order(b)) : undefined
      if (early.length > 0) expect(late, early[0]?.message).toBeDefined()
    }),
    { numRuns: 3_000, seed: 1 },
  )
  expect(refused, 'the draw holds some').toBeGreaterThan(20)
})

const kill = (target: Target, when: object = {}) => spec('kill', target, when)
const primary: Target = { scope: 'region', name: 'primary' }
test.each<[string, FaultSpec[], string]>([
  [
    'kill and pause on one region',
    [kill(primary), spec('pause', primary)],
    "pause on the primary's region and kill on the primary's region (faults[0]) cannot be active together",
  ],
  [
    'a node among others',
    [
      kill({ scope: 'node', name: 'pg-west-a' }),
      spec('drain', { scope: 'nodes', names: ['pg-west-b', 'pg-west-a'] }, { atMs: 500 }),
    ],
    'both act on the same processes',
  ],
  [
    'the primary and its region',
    [kill(primary), spec('pause', { scope: 'node', name: 'primary' }, { atMs: 1_000 })],
    'both act on the same processes',
  ],
  [
    'a zone and its region',
    [kill({ scope: 'zone', name: 'east/a' }), kill({ scope: 'site', name: 'east' })],
    'both act on the same processes',
  ],
  [
    'a zone of the other region and that region',
    [kill({ scope: 'zone', name: 'other' }), kill({ scope: 'region', name: 'other' })],
    'both act on the same processes',
  ],
  [
    "the zone beside the primary's and its region",
    [kill({ scope: 'zone', name: 'neighbour' }), kill({ scope: 'region', name: 'primary' })],
    'both act on the same processes',
  ],
  [
    'all nodes of a role in a region and that region',
    [kill({ scope: 'all', role: 'app', region: 'primary' }), kill({ scope: 'region', name: 'primary' })],
    'both act on the same processes',
  ],
  [
    'all nodes of a role and those of one region',
    [kill({ scope: 'all', role: 'app', region: 'west' }), kill({ scope: 'all', role: 'app' })],
    'both act on the same processes',
  ],
  [
    'all nodes of a role, twice',
    [kill({ scope: 'all', role: 'dcs' }), kill({ scope: 'all', role: 'dcs' })],
    'both act on the same processes',
  ],
  [
    'proxies that two disable',
    [
      spec('refuse', { scope: 'link', sites: ['east', 'west'] }),
      spec('flap', { scope: 'link', sites: ['west', 'east'] }),
    ],
    'both disable the same proxies',
  ],
])('%s, at once', (_what, faults, message) => {
  expect(senselessIn({ faults })).toEqual([{ path: ['faults', 1], message: expect.stringContaining(message) }])
})

test('the zones of a region, at once, are two', () => {
  const zone = (name: string) => kill({ scope: 'zone', name })
  expect(senselessIn({ faults: [zone('primary'), zone('neighbour'), zone('other')] })).toEqual([])
  expect(senselessIn({ faults: [zone('neighbour'), kill({ scope: 'node', name: 'primary' })] })).toEqual([])
})

test.each<[string, SurgeSpec[], string, string]>([
  ['before the one before it has ended', [surgeAt(0, 2), surgeAt(5_000, 2)], 'atMs', 'one comes after the other'],
  ['when the load has ended', [surgeAt(0, 2), surgeAt(20_000, 2)], 'atMs', 'when the load has ended'],
  ['to the same whole number', [surgeAt(0, 2), surgeAt(9_000, 1.01)], 'times', 'it would change nothing'],
  ['with more virtual users than k6 gets', [surgeAt(0, 2), surgeAt(9_000, 90)], 'times', 'here 180000'],
  ['beyond what k6 is asked for', [surgeAt(0, 2), surgeAt(9_000, 100)], 'times', 'is more than 10000'],
])('a surge %s', (_what, surges, field, message) => {
  const ratePerSecond = surges[1]?.times === 100 ? 200 : 40
  const load = loadSchema.parse({ surges, ratePerSecond, maxVirtualUsers: 2_000 })
  expect(senselessIn({ faults: [], load, steadyMs: 5_000, observeMs: 20_000 })).toEqual([
    { path: ['load', 'surges', 1, field], message: expect.stringContaining(message) },
  ])
})

test('surges count for the most requests of a trial', () => {
  const load = loadSchema.parse({ ratePerSecond: 1_000, surges: [{ atMs: 0, forMs: 86_400_000, times: 9 }] })
  expect(senselessIn({ faults: [], load, steadyMs: 5_000, observeMs: 600_000 })).toEqual([
    { path: ['load', 'ratePerSecond'], message: expect.stringContaining('it makes 5405000 requests') },
  ])
})

function surgeAt(atMs: number, times: number): SurgeSpec {
  return { atMs, forMs: 6_000, times }
}

test.each<[string, FaultSpec[]]>([
  ['one after the other', [kill(primary), kill(primary, { atMs: 1_001 })]],
  [
    'a role that may have changed hands',
    [kill(primary, { forMs: 9_000 }), kill(primary, { atMs: 1_000, resolve: 'due' })],
  ],
  ['two delays on one link', [spec('slow', primary), spec('slow', primary)]],
  ['a region and its links', [kill(primary), spec('blackhole', primary)]],
  ['different regions', [kill(primary), kill({ scope: 'region', name: 'other' })]],
])('%s is fine', (_what, faults) => {
  expect(senselessIn({ faults })).toEqual([])
})

test.each(scenarios)('$name is fine', (scenario) => {
  expect(senselessIn(scenario)).toEqual([])
})

test('what does not fit the schema is left to it', () => {
  expect(
    senselessIn({ faults: [{ kind: 'kil' }, null, 5, kill({ scope: 'nothing' })] }).map(({ path }) => path),
  ).toEqual([['faults', 3, 'target']])
})

test('many faults are compared soon enough: as many as there may be', () => {
  const faults = Array.from({ length: 500 }, (_, index) => kill({ scope: 'node', name: `n${index}` }))
  expect(scenarioSchema.safeParse({ name: 'a', title: 'b', faults, observeMs: 1_000, objectives: {} }).success).toBe(
    true,
  )
  expect(senselessIn({ faults })).toEqual([])
})
