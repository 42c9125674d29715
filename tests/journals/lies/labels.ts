/** Lies of a topology that is not as its labels say, of versions that do not follow each other, and of a moment that nobody drew. */
import type { EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import { seededRandom } from '../../../chaos/random.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'
import { all, change, changeOne, type Events, faults, inOrder, type Lie, lie, opened, rare } from './lie.ts'

const consistent = 'journal-consistent'
const planned = 'fault-as-planned'

const isNew = (events: Events): boolean => opened(events).schemaVersion >= 3
/** With the topology told otherwise; undefined where there is nothing to change. */
const world =
  (to: (topology: Topology, events: Events) => boolean) =>
  (events: Events): Events | undefined => {
    const topology = structuredClone(opened(events).topology)
    return to(topology, events) ? changeOne(events, opened(events), () => ({ topology })) : undefined
  }
/** Stories of the tests have no labels, nor nodes of their links. */
const isLabelled = ({ nodes }: Topology): boolean => nodes.some(({ attributes }) => attributes['world'] !== undefined)
const touched = (events: Events) => new Set(all(events, 'fault.requested').flatMap(({ nodes }) => nodes))

const worldLies: Lie[] = [
  lie(
    'journal',
    'a database stands in another region',
    [consistent, planned],
    world((topology, events) => {
      const regions = topology.sites.filter(({ kind }) => kind === 'region').map(({ name }) => name)
      const node = topology.nodes.find(({ role, name }) => role === 'database' && !touched(events).has(name))
      const other = regions.find((name) => name !== node?.site)
      if (!isLabelled(topology) || node === undefined || other === undefined) return false
      node.site = other
      return true
    }),
  ),
  lie(
    'journal',
    'a node stands in a site that is not there',
    [consistent, planned],
    world(({ nodes }) => {
      const node = nodes.find(({ role }) => role === 'database')
      if (node !== undefined) node.site = 'moon'
      return node !== undefined
    }),
  ),
  lie(
    'journal',
    'a link leads to a site that is not there',
    [consistent, planned],
    world(({ links, sites: [first] }) => {
      if (first !== undefined) links.push({ name: 'link-moon', sites: ['moon', first.name], latencyMs: 1 })
      return first !== undefined
    }),
  ),
  lie(
    'journal',
    'a link has no node',
    [consistent, planned],
    world((topology) => {
      const i = topology.nodes.findIndex(({ role }) => role === 'link')
      return topology.nodes.splice(i, i === -1 ? 0 : 1).length > 0
    }),
  ),
  lie(
    'journal',
    'a link is missing over which pings go',
    [consistent, planned],
    world((topology, events) => {
      const used = new Set(all(events, 'fault.requested').flatMap(({ links }) => links))
      const link = topology.links.find(({ name }) => !used.has(name))
      if (!isLabelled(topology) || link === undefined) return false
      topology.links = topology.links.filter((each) => each !== link)
      topology.nodes = topology.nodes.filter(({ name }) => name !== link.name)
      return true
    }),
  ),
  lie(
    'journal',
    'the links are said to add nothing',
    [consistent, planned],
    world((topology) => {
      for (const link of topology.links) link.latencyMs = 0
      return isLabelled(topology) && topology.links.length > 0
    }),
  ),
  lie(
    'journal',
    'the edge is called a witness',
    [consistent, planned],
    world((topology) => {
      const edge = topology.sites.find(({ kind }) => kind === 'edge')
      if (edge !== undefined) edge.kind = 'witness'
      return isLabelled(topology) && edge !== undefined
    }),
  ),
  lie(
    'journal',
    'a beacon is left out that was asked',
    consistent,
    world((topology, events) => {
      const beacon = topology.nodes.find(({ role, name }) => role === 'beacon' && !touched(events).has(name))
      topology.nodes = topology.nodes.filter((node) => node !== beacon)
      return beacon !== undefined
    }),
  ),
  lie(
    'journal',
    'the world is another than that of its labels',
    consistent,
    world((topology) => {
      topology.world = 'somebody-elses'
      return isLabelled(topology)
    }),
  ),
  lie(
    'journal',
    'a lease is told to be quicker than its label',
    consistent,
    world(({ timeouts, nodes }) => {
      timeouts['lease-ms'] = 1
      return nodes.some(({ attributes }) => attributes['timeout.lease-ms'] !== undefined)
    }),
  ),
  lie('journal', 'routers that cannot be asked, by their labels, told of servers', consistent, (events) =>
    opened(events).schemaVersion < 2 || all(events, 'router.server').length === 0
      ? undefined
      : world(({ nodes }) => {
          for (const { attributes } of nodes) delete attributes['port.stats']
          return true
        })(events),
  ),
  lie('journal', 'a DCS without a leader key, by its labels, told of its holder', consistent, (events) =>
    opened(events).schemaVersion < 2 || all(events, 'dcs.leader').length === 0
      ? undefined
      : world(({ nodes }) => {
          for (const { role, attributes } of nodes) if (role === 'dcs') attributes['dcs.leader-key'] = ''
          return true
        })(events),
  ),
  lie('clocks', 'the time was told by somebody who is not there', consistent, (events) =>
    opened(events).topology.nodes.some(({ role }) => role === 'beacon')
      ? change(events, 'load.clock', ({ by }) => (by === undefined ? undefined : { by: 'beacon-moon' }))
      : undefined,
  ),
  lie('faults', 'a cut was proved where no beacon stands', ['fault-lasted', consistent], (events) => {
    const cut = all(events, 'fault.requested').some(({ lasting }) => (lasting?.silent ?? []).length > 0)
    if (!cut) return undefined
    const ofBeacon = (event: JournalEvent): boolean =>
      event.kind.startsWith('beacon.') || ('observer' in event && event.observer === 'beacon')
    const told = events
      .filter((event) => !ofBeacon(event))
      .map((event) => (event.kind === 'load.clock' ? { ...event, by: 'the engine' } : event))
    return world((topology) => {
      topology.nodes = topology.nodes.filter(({ role }) => role !== 'beacon')
      return true
    })(told)
  }),
]

type Request = EventOf<'request'>
const versioned = (events: Events): Request[] =>
  all(events, 'request').filter(({ outcome, versions }) => outcome === 'acked' && versions !== undefined)
const versionOf = ({ versions = [0, 0] }: Request, account: number): number | undefined => {
  const at = versions.findIndex((value, i) => i % 2 === 0 && value === account)
  return at === -1 ? undefined : versions[at + 1]
}
/** A write, and an acknowledged one of its first account that had ended half a second before. */
function pair(events: Events, least: number): { later: Request; account: number; version: number } | undefined {
  const writes = versioned(events).filter(({ op }) => op === 'write')
  for (const later of writes) {
    const account = later.versions?.[0] ?? -1
    const earlier = writes.findLast(
      (write) => write.endedMs < later.startedMs - 500 && (versionOf(write, account) ?? 0) >= least,
    )
    if (earlier !== undefined) return { later, account, version: versionOf(earlier, account) ?? 0 }
  }
  return undefined
}

const versionLies: Lie[] = [
  lie(
    'reads',
    'two acknowledged writes made one version of an account',
    consistent,
    (events) => {
      const found = pair(events, 1)
      return changeOne(events, found?.later, ({ versions = [0, 0] }) => ({
        versions: [found?.account, found?.version, ...versions.slice(2)],
      }))
    },
    rare,
  ),
  lie(
    'reads',
    'a write made an older version than one that was acknowledged before it began',
    consistent,
    (events) => {
      const found = pair(events, 2)
      return changeOne(events, found?.later, ({ versions = [0, 0] }) => ({
        versions: [found?.account, (found?.version ?? 0) - 1, ...versions.slice(2)],
      }))
    },
    rare,
  ),
  lie(
    'reads',
    'a read shows what nobody had made yet',
    consistent,
    (events) => {
      const writes = versioned(events).filter(({ op }) => op === 'write')
      for (const read of versioned(events).filter(({ op }) => op === 'read')) {
        const account = read.versions?.[0] ?? -1
        const later = writes.find(
          (write) => write.startedMs > read.endedMs + 500 && versionOf(write, account) !== undefined,
        )
        if (later !== undefined)
          return changeOne(events, read, () => ({ versions: [account, versionOf(later, account)] }))
      }
      return undefined
    },
    rare,
  ),
  lie('reads', 'a read is of the session of a write long ago', consistent, (events) => {
    const read = versioned(events).findLast(({ op }) => op === 'read')
    const write = versioned(events).find(({ op, n }) => op === 'write' && n > 20)
    return isNew(events) && write !== undefined
      ? changeOne(events, read, () => ({ session: write.n, versions: write.versions?.slice(0, 2) }))
      : undefined
  }),
  lie('arrivals', 'a script of somebody else asked, and its answers say versions', consistent, (events) =>
    versioned(events).length === 0
      ? undefined
      : changeOne(events, opened(events), () => ({ clients: { enter: ['http://router'], script: true } })),
  ),
]

const momentLies: Lie[] = [
  lie('faults', 'the faults began at another moment than the seed drew', consistent, (events) => {
    const { byHand, seed, topology } = opened(events)
    const isTold = all(events, 'stage.entered').some(({ stage }) => stage === 'fault')
    const drawnMs = (of: number): number => seededRandom(of)() * (topology.timeouts['loop-ms'] ?? 1_000)
    const other = [1, 2, 3, 4, 5, 6].map((n) => seed + n).find((n) => Math.abs(drawnMs(n) - drawnMs(seed)) > 150)
    return byHand || !isTold || other === undefined
      ? undefined
      : changeOne(events, opened(events), () => ({ seed: other }))
  }),
  lie('arrivals', 'the audit began before the load had ended', consistent, (events) => {
    const stage = all(events, 'stage.entered').find((event) => event.stage === 'audit')
    const endedMs = all(events, 'load.ended')[0]?.atMs ?? 0
    const healedMs = Math.max(...all(events, 'heal.proved').map(({ atMs }) => atMs))
    return stage && healedMs < endedMs - 1_000
      ? inOrder(changeOne(events, stage, () => ({ atMs: endedMs - 900 })))
      : undefined
  }),
  lie('heals', 'the observation began before the heal', consistent, (events) => {
    const stage = all(events, 'stage.entered').find((event) => event.stage === 'observe')
    const asked = all(events, 'heal.requested').at(-1)
    return stage && asked && inOrder(changeOne(events, stage, () => ({ atMs: asked.atMs - 500 })))
  }),
]

const optionLies: Lie[] = [
  lie('faults', 'the options by names are milder than those that were given', planned, (events) => {
    const milder = (options: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(options).map(([key, value]) => [key, typeof value === 'number' ? value - 1 : value]),
      )
    const found = faults(events).find(({ requested: { namedWith = {} } }) =>
      Object.values(namedWith).some((value) => typeof value === 'number' && value > 1),
    )
    return changeOne(events, found?.requested, ({ namedWith = {} }) => ({ namedWith: milder(namedWith) }))
  }),
  lie('faults', 'a switchover is to nobody in particular', planned, (events) =>
    changeOne(events, faults(events).find(({ requested }) => requested.fault === 'switchover')?.requested, () => ({
      namedWith: { to: 'other' },
    })),
  ),
]

export const labelLies: Lie[] = [...worldLies, ...versionLies, ...momentLies, ...optionLies]
