/** Lies of observers that hang, whose words are lost, or that tell more than they can have seen. */
import type { EventKind, JournalEvent } from '../../../chaos/journal/schema.ts'
import { added, all, change, changeOne, type Events, type Lie, lie, nodesOfRole, opened, t0Ms } from './lie.ts'

const seen = 'observers-without-gaps'

const isNew = (events: Events): boolean => opened(events).schemaVersion >= 3
/** Whether an observer of this kind sampled anything. */
const sampled = (events: Events, observer: string): boolean =>
  all(events, 'observer.summary').some((event) => event.observer === observer && event.subject !== 'event loop')
const without = (events: Events | undefined, kinds: readonly EventKind[], which = (_: JournalEvent) => true) => {
  const told = events?.filter((event) => !(kinds.includes(event.kind) && which(event)))
  return told?.length === events?.length ? undefined : told
}
const beaconEvents: readonly EventKind[] = ['beacon.edge', 'beacon.heard', 'beacon.reachable']
const routerEvents: readonly EventKind[] = ['router.server', 'router.reachable']

/** Nodes of a role that no fault acts upon. */
function spared(events: Events, role: string): string[] {
  const touched = new Set(
    all(events, 'fault.requested').flatMap(({ nodes, disturbed = [] }) => [...nodes, ...disturbed]),
  )
  return nodesOfRole(events, role).filter((name) => !touched.has(name))
}
const siteOf = (events: Events, node: string | undefined): string | undefined =>
  opened(events).topology.nodes.find(({ name }) => name === node)?.site

const hung: Lie[] = [
  lie('primaries', 'databases were asked for their roles, and nothing is told', [seen, 'fault-as-planned'], (events) =>
    without(events, ['database.role']),
  ),
  lie('primaries', 'one database was asked for its role, and nothing is told', [seen, 'fault-as-planned'], (events) => {
    const [first] = all(events, 'database.role')
    return without(events, ['database.role'], (event) => 'node' in event && event.node === first?.node)
  }),
  lie('primaries', 'routers were asked, and nothing is told', [seen, 'fault-lasted'], (events) =>
    sampled(events, 'router') ? without(events, routerEvents) : undefined,
  ),
  lie('primaries', 'one router was asked, and nothing is told', seen, (events) => {
    const [first] = spared(events, 'router')
    return sampled(events, 'router')
      ? without(events, routerEvents, (event) => 'router' in event && event.router === first)
      : undefined
  }),
  lie('primaries', 'that a router answers is not told', seen, (events) => {
    const [first] = spared(events, 'router')
    return without(events, ['router.reachable'], (event) => 'router' in event && event.router === first)
  }),
  lie('primaries', 'members of the DCS were watched, and nothing is told', [seen, 'fault-proved'], (events) =>
    isNew(events) && sampled(events, 'dcs') ? without(events, ['dcs.leader']) : undefined,
  ),
  lie('primaries', 'one member of the DCS was watched, and nothing is told', seen, (events) => {
    const [, second] = spared(events, 'dcs')
    return isNew(events)
      ? without(events, ['dcs.leader'], (event) => 'member' in event && event.member === second)
      : undefined
  }),
  lie('faults', 'beacons were asked, and nothing is told', [seen, 'fault-lasted'], (events) =>
    without(events, beaconEvents),
  ),
  lie('faults', 'one beacon was asked, and nothing is told', [seen, 'fault-lasted'], (events) => {
    const site = siteOf(events, spared(events, 'beacon')[0])
    return without(
      events,
      beaconEvents,
      (event) =>
        (event.kind === 'beacon.edge' && event.from === site) ||
        (event.kind === 'beacon.heard' && event.at === site) ||
        (event.kind === 'beacon.reachable' && event.site === site),
    )
  }),
  lie('faults', 'that beacons answer is not told', seen, (events) => without(events, ['beacon.reachable'])),
  lie('faults', 'no beacon tells of the answers to its pings', seen, (events) => without(events, ['beacon.edge'])),
  lie('faults', 'no beacon tells of the pings that it hears', [seen, 'fault-lasted'], (events) =>
    without(events, ['beacon.heard']),
  ),
]

const vague = (name: string, kind: EventKind, which: (event: JournalEvent) => boolean) =>
  lie('faults', name, seen, (events) => {
    const fromMs = t0Ms(events)
    const longest = all(events, 'observer.summary').some(
      ({ maxMs, observer }) => observer === kind.split('.')[0] && maxMs > 15_000,
    )
    return longest
      ? undefined
      : change(events, kind, (event) => (event.atMs > fromMs && which(event) ? { uncertaintyMs: 20_000 } : undefined))
  })

const moreThanSeen: Lie[] = [
  vague(
    'when a new primary began may be 20 s off',
    'database.writable',
    (event) => 'accepting' in event && event.accepting,
  ),
  vague('when the leader key changed may be 20 s off', 'dcs.leader', () => true),
  vague('when a router went may be 20 s off', 'router.reachable', () => true),
  vague('when a beacon went may be 20 s off', 'beacon.reachable', () => true),
  lie('primaries', 'an observer reported that never began', seen, (events) =>
    added(
      events,
      all(events, 'observer.summary')
        .slice(-1)
        .map((event) => ({ ...event, subject: 'router-9', observer: 'router', p50Ms: event.p50Ms + 1e-3 })),
    ),
  ),
  lie('primaries', 'nobody observed what is told to have been silent', seen, (events) =>
    added(events, [
      {
        kind: 'observer.gap',
        atMs: t0Ms(events),
        observer: 'dcs',
        subject: 'etcd-9',
        fromMs: t0Ms(events) - 100,
        toMs: t0Ms(events) - 10,
        reason: 'subject: slow to answer',
      },
    ]),
  ),
  lie('primaries', 'a silence began before its observer did', seen, (events) => {
    const first = all(events, 'observer.started').find(({ observer }) => observer === 'dcs')
    const { observer, subject, atMs } = first ?? { observer: '', subject: '', atMs: 0 }
    const gap = { fromMs: atMs - 50, toMs: atMs - 10, reason: 'subject: slow to answer' }
    return first && added(events, [{ kind: 'observer.gap', observer, subject, atMs, ...gap }])
  }),
  lie(
    'primaries',
    'more long silences are told of than the 95th percentile allows',
    [seen, 'one-primary'],
    (events) => {
      const summary = all(events, 'observer.summary').find(
        ({ observer, p95Ms }) => observer === 'router' && p95Ms < 200,
      )
      const fromMs = t0Ms(events) + 300
      const count = Math.round((summary?.samples ?? 0) / 16)
      const gaps = Array.from({ length: count }, (_, i) => {
        const gap = { fromMs: fromMs + i * 250, toMs: fromMs + i * 250 + 240 }
        return { kind: 'observer.gap' as const, atMs: gap.toMs + 1, ...gap, reason: 'subject: slow to answer' }
      })
      return (
        summary &&
        added(
          changeOne(events, summary, ({ maxMs }) => ({ maxMs: Math.max(maxMs, 240) })),
          gaps.map((gap) => ({ ...gap, observer: 'router', subject: summary.subject })),
        )
      )
    },
  ),
  lie('primaries', 'one silence is told twenty times, and accounts for so many samples', seen, (events) => {
    const gap = all(events, 'observer.gap').find(
      ({ observer, fromMs, toMs }) => observer !== 'harness' && toMs - fromMs > 1_000,
    )
    return (
      gap &&
      added(
        events,
        Array.from({ length: 20 }, () => ({ ...gap })),
      )
    )
  }),
]

export const observerLies: Lie[] = [...hung, ...moreThanSeen]
