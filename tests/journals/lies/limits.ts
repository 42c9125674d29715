/** Lies of values at their limits, and of a world that is not as its labels say. */
import type { Topology } from '../../../chaos/topology/topology.ts'
import {
  added,
  all,
  change,
  changeOne,
  deadly,
  type Events,
  faults,
  firstFault,
  inOrder,
  type Lie,
  lie,
  nodesOfRole,
  opened,
  t0Ms,
} from './lie.ts'

const consistent = 'journal-consistent'
const planned = 'fault-as-planned'
const seen = 'observers-without-gaps'

const isNew = (events: Events): boolean => opened(events).schemaVersion >= 3
/** With the topology told otherwise. */
const world =
  (to: (topology: Topology) => void) =>
  (events: Events): Events | undefined => {
    const topology = structuredClone(opened(events).topology)
    to(topology)
    return changeOne(events, opened(events), () => ({ topology }))
  }
const labelled = (label: string, value: string, few = Infinity) =>
  world(({ nodes }) => {
    for (const { attributes } of nodes.filter(({ role }) => role === 'database').slice(0, few))
      attributes[label] = value
  })
/** Before the fault, every standby was asynchronous, but for what is told besides. */
const asynchronous = (events: Events | undefined, more: readonly string[] = []): Events | undefined =>
  change(events, 'database.replication', ({ atMs, standbys }) =>
    events !== undefined && atMs <= t0Ms(events)
      ? {
          standbys: [
            ...standbys.map((standby) => ({ ...standby, sync: 'async' })),
            ...more.map((node) => ({ node, state: 'streaming', sync: 'quorum', lagBytes: 0 })),
          ],
        }
      : undefined,
  )
const firstSpell = (events: Events) => all(events, 'database.writable').find(({ accepting }) => accepting)
/** All that faults act upon. */
const touched = (events: Events) =>
  new Set(all(events, 'fault.requested').flatMap(({ nodes, disturbed = [] }) => [...nodes, ...disturbed]))

const worldLies: Lie[] = [
  lie('primaries', 'how many standbys should be synchronous is no number', consistent, (events) =>
    asynchronous(labelled('synchronous-standbys', 'all')(events)),
  ),
  lie('primaries', 'fewer standbys than none should be synchronous', consistent, (events) =>
    asynchronous(labelled('synchronous-standbys', '-1')(events)),
  ),
  lie('primaries', 'two standbys that nobody knows are the synchronous ones', consistent, (events) =>
    asynchronous(events, ['ghost-1', 'ghost-2']),
  ),
  lie('primaries', 'one standby is told twice, and counts as two', [consistent, 'replication-caught-up'], (events) =>
    asynchronous(events, nodesOfRole(events, 'database').slice(-1)),
  ),
  lie(
    'primaries',
    'one database is said to take writes with others',
    consistent,
    labelled('database.multi-primary', 'true', 1),
  ),
  lie(
    'primaries',
    'all databases are said to take writes, and one does',
    consistent,
    labelled('database.multi-primary', 'true'),
  ),
  lie('losses', 'writes are read through one database alone', consistent, (events) => {
    const [first] = all(events, 'audit.read')
    return (
      first &&
      change(
        changeOne(events, opened(events), () => ({ audit: { by: 'http', nodes: [first.node] } })),
        'audit.read',
        ({ node }) => (node === first.node ? undefined : null),
      )
    )
  }),
  lie(
    'faults',
    'each link is slower by less than nothing',
    consistent,
    world(({ links }) => {
      for (const link of links) link.latencyMs = -500
    }),
  ),
  lie('faults', 'the links were quicker than they are said to be', consistent, (events) =>
    change(events, 'beacon.edge', ({ rttMs, atMs }) => (rttMs === null ? undefined : { rttMs: 0.3 + atMs / 1e6 })),
  ),
  lie('arrivals', 'answers were quicker than the way there and back', consistent, (events) =>
    opened(events).topology.nodes.some(({ role, attributes }) => role === 'app' && attributes['image'] === 'services')
      ? inOrder(
          change(events, 'request', ({ outcome, startedMs, endedMs, atMs }) =>
            outcome === 'acked' && endedMs - startedMs > 30 ? { endedMs: endedMs - 25, atMs: atMs - 25 } : undefined,
          ) ?? [],
        )
      : undefined,
  ),
  ...(['node', 'database'] as const).map((field) =>
    lie('primaries', `no answer says its ${field}, as each does`, consistent, (events) =>
      opened(events).topology.nodes.some(({ attributes }) => attributes['image'] === 'services')
        ? change(events, 'request', () =>
            field === 'node' ? { node: undefined, region: undefined, database: undefined } : { database: undefined },
          )
        : undefined,
    ),
  ),
]

const faultLies: Lie[] = [
  lie('faults', 'all nodes are said to be disturbed, so that none may be missed', planned, (events) =>
    change(events, 'fault.requested', ({ effect }) =>
      effect === undefined ? undefined : { disturbed: opened(events).topology.nodes.map(({ name }) => name) },
    ),
  ),
  lie('faults', 'one database more is said to be gone', planned, (events) =>
    change(events, 'fault.requested', ({ effect, expectGone }) => {
      const other = nodesOfRole(events, 'database').find((name) => !expectGone.nodes.includes(name))
      return effect === undefined || other === undefined
        ? undefined
        : { expectGone: { ...expectGone, nodes: [...expectGone.nodes, other] } }
    }),
  ),
  lie('faults', 'every direction is said to be silent', [planned, 'fault-lasted'], (events) =>
    change(events, 'fault.requested', ({ effect, expectGone }) => {
      const { sites } = opened(events).topology
      const edges = sites.flatMap(({ name: from }) =>
        sites.flatMap(({ name: to }) => (from === to ? [] : [{ from, to }])),
      )
      return effect === undefined ? undefined : { expectGone: { ...expectGone, edges } }
    }),
  ),
  lie('heals', 'what was killed was thawed', 'heal-proved', (events) =>
    isNew(events) && firstFault(events).requested.fault === 'kill'
      ? change(events, 'node.started', () => ({ how: 'unpause' }))
      : undefined,
  ),
  lie('faults', 'an app was started again before the fault', 'fault-proved', (events) =>
    opened(events).schemaVersion < 2
      ? undefined
      : added(
          events,
          nodesOfRole(events, 'app')
            .slice(0, 1)
            .map((node) => ({ kind: 'node.started', node, how: 'start', atMs: t0Ms(events) - 700 })),
        ),
  ),
  lie('losses', 'when the killed databases were started cannot be read', 'every-database-read', (events) => {
    const dead = deadly(events)?.dead ?? []
    return isNew(events)
      ? change(events, 'audit.read', ({ node, server }) =>
          dead.includes(node) && server !== undefined ? { server: { ...server, startedAt: 'long ago' } } : undefined,
        )
      : undefined
  }),
]

const observerLies: Lie[] = [
  ...(['router', 'beacon', 'dcs', 'harness'] as const).map((name) =>
    lie('primaries', `the ${name} observers were to look once a minute`, seen, (events) =>
      change(events, 'observer.started', ({ observer }) => (observer === name ? { intervalMs: 60_000 } : undefined)),
    ),
  ),
  lie('primaries', 'routers, beacons and the DCS were watched for a second after the fault', seen, (events) => {
    const atMs = t0Ms(events) + 1_000
    const told = change(events, 'observer.summary', ({ observer, p50Ms }) =>
      ['router', 'beacon', 'dcs'].includes(observer)
        ? { atMs, samples: Math.round(atMs / p50Ms) - 3, p95Ms: p50Ms + 1, maxMs: p50Ms + 2 }
        : undefined,
    )
    return told && inOrder(told)
  }),
  lie(
    'primaries',
    'a router was silent all the while, and no fault was there',
    [seen, 'journal-consistent'],
    (events) => {
      const { links } = opened(events).topology
      const cut = all(events, 'fault.requested').some((fault) => fault.links.length > 0)
      const at = all(events, 'observer.started').find(
        ({ observer, subject }) => observer === 'router' && !touched(events).has(subject),
      )
      const loadEndMs = all(events, 'load.ended')[0]?.atMs ?? 0
      if (at === undefined || cut || links.length === 0) return undefined
      const gap = { observer: 'router', subject: at.subject, fromMs: t0Ms(events) + 10, toMs: loadEndMs }
      return added(events, [{ kind: 'observer.gap', ...gap, atMs: loadEndMs, reason: 'subject: slow to answer' }])
    },
  ),
  lie('primaries', 'a standby is silent while the fault lasts, since it once refused a write', seen, (events) => {
    const known = new Set(all(events, 'database.writable').map(({ node }) => node))
    const cut = all(events, 'fault.requested').some((fault) => fault.links.length + fault.expectGone.edges.length > 0)
    const node = nodesOfRole(events, 'database').find((name) => !known.has(name) && !touched(events).has(name))
    const { requested, healed } = firstFault(events)
    const toMs = (healed?.atMs ?? 0) - 50
    const first = firstSpell(events)
    if (node === undefined || first === undefined || cut || toMs - requested.atMs < 2_500) return undefined
    const gap = { observer: 'database', subject: `${node} write`, fromMs: requested.atMs + 50, toMs }
    return added(events, [
      { ...first, node, accepting: false, commitMs: null, timeline: null, atMs: requested.atMs - 3_000 },
      { kind: 'observer.gap', ...gap, atMs: toMs, reason: 'subject: slow to answer' },
    ])
  }),
  lie('primaries', 'it ceases to accept writes twice, the second time much later', consistent, (events) => {
    const ceased = all(events, 'database.writable').find(
      ({ accepting, commitMs, atMs }) =>
        !accepting && commitMs !== null && atMs < (faults(events).at(-1)?.healed?.atMs ?? 0),
    )
    const atMs = (ceased?.atMs ?? 0) + 2_000
    return ceased && added(events, [{ ...ceased, atMs, commitMs: atMs - 100, uncertaintyMs: 100 }])
  }),
  lie('primaries', 'the new primary does not say its timeline', consistent, (events) => {
    const spells = all(events, 'database.writable').filter(({ accepting }) => accepting)
    return changeOne(events, spells[1], () => ({ timeline: null }))
  }),
  lie('primaries', 'what the DCS tells is uncertain by less than nothing', consistent, (events) =>
    change(events, 'dcs.leader', () => ({ uncertaintyMs: -1_000 })),
  ),
]

export const limitLies: Lie[] = [...worldLies, ...faultLies, ...observerLies]
