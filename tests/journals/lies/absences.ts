/** Lies of the dead that speak, of the cut-off that know, of what was gone before, and of heals that never took. */
import type { EventKind, EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import {
  added,
  all,
  change,
  changeOne,
  deadly,
  type Events,
  type Fields,
  faults,
  firstFault,
  inOrder,
  type Lie,
  lie,
  meanwhileMs,
  nodesOfRole,
  opened,
  type Parts,
  rare,
  silencing,
  t0Ms,
} from './lie.ts'

const lasted = 'fault-lasted'
const healed = 'heal-proved'

const nodeOf = (events: Events, name: string | undefined) =>
  opened(events).topology.nodes.find((node) => node.name === name)
const lengthMs = ({ proved, healRequested }: Parts): number => (healRequested?.atMs ?? 0) - (proved?.atMs ?? 0)
/** A node of a role that is dead for a while, and when it is. */
function deadOf(events: Events, role: string): { name: string; site: string; atMs: number; parts: Parts } | undefined {
  const found = deadly(events)
  const name = found?.dead.find((each) => nodeOf(events, each)?.role === role)
  if (found === undefined || name === undefined || lengthMs(found.parts) < 3_500) return undefined
  return { name, site: nodeOf(events, name)?.site ?? '', atMs: meanwhileMs(found.parts), parts: found.parts }
}
const healMs = (events: Events): number => Math.max(...all(events, 'heal.proved').map(({ atMs }) => atMs))
const loadEndMs = (events: Events): number => all(events, 'load.ended')[0]?.atMs ?? 0
const startedAt = (events: Events, ms: number): string => new Date(opened(events).wallStartMs + ms).toISOString()

const deadSpeak: Lie[] = [
  lie(
    'faults',
    'a dead beacon tells the time',
    lasted,
    (events) => {
      const dead = deadOf(events, 'beacon')
      const asked = all(events, 'load.clock').find(
        ({ atMs }) => dead && atMs > dead.atMs && atMs < (dead.parts.healRequested?.atMs ?? 0),
      )
      return changeOne(events, asked, () => ({ by: dead?.name }))
    },
    rare,
  ),
  lie('faults', 'a dead beacon tells of what it hears', lasted, (events) => {
    const dead = deadOf(events, 'beacon')
    const heard = all(events, 'beacon.heard').find((event) => event.heard && event.at === dead?.site)
    return dead && heard && added(events, [{ ...heard, atMs: dead.atMs, lastMs: dead.atMs - 50 }])
  }),
  lie('faults', 'the pings of a dead beacon are heard', lasted, (events) => {
    const dead = deadOf(events, 'beacon')
    const heard = all(events, 'beacon.heard').find((event) => event.heard && event.from === dead?.site)
    return (
      dead &&
      heard &&
      added(events, [
        { ...heard, atMs: dead.atMs, lastMs: dead.atMs - 50 },
        { ...heard, heard: false, atMs: dead.atMs + 700, lastMs: dead.atMs, uncertaintyMs: 50 },
      ])
    )
  }),
  lie('faults', 'a dead router tells of a server that is down', lasted, (events) => {
    const dead = deadOf(events, 'router')
    const told = all(events, 'router.server').find(({ router }) => router === dead?.name)
    return dead && told && added(events, [{ ...told, state: 'down', atMs: dead.atMs }])
  }),
  lie('faults', 'a dead primary tells of its standbys', lasted, (events) => {
    const dead = deadOf(events, 'database')
    const told = all(events, 'database.replication').find(({ primary }) => deadly(events)?.dead.includes(primary))
    return dead && told && added(events, [{ ...told, atMs: dead.atMs }])
  }),
  lie('faults', 'a dead app answers what it was asked before it died', lasted, (events) => {
    const dead = deadOf(events, 'app')
    const actedMs = dead?.parts.acted?.atMs ?? 0
    const asked = all(events, 'request').findLast(
      ({ outcome, startedMs }) => outcome === 'acked' && startedMs < actedMs,
    )
    const late = { node: dead?.name, region: dead?.site, endedMs: actedMs + 900 }
    // Journals of the first version do not say whether the act was the end of it.
    return dead?.parts.requested.planned === false
      ? changeOne(events, asked, () => ({ ...late, atMs: actedMs + 901 }))
      : undefined
  }),
  lie('faults', 'a dead app answers that it is not ready', lasted, (events) => {
    const dead = deadOf(events, 'app')
    const asked = all(events, 'request').find(
      ({ op, startedMs, endedMs }) =>
        dead && op === 'read' && startedMs > dead.atMs && endedMs < (dead.parts.healRequested?.atMs ?? 0),
    )
    const refused = { outcome: 'unknown', status: 503, node: dead?.name, region: dead?.site }
    return changeOne(events, asked, () => ({ ...refused, database: undefined, versions: undefined }))
  }),
  lie('faults', 'a killed database had been started again before the heal', lasted, (events) => {
    const dead = deadOf(events, 'database')
    if (dead === undefined || dead.parts.requested.fault !== 'kill') return undefined
    return change(events, 'audit.read', ({ node, server }) =>
      server && dead.parts.requested.nodes.includes(node)
        ? { server: { ...server, startedAt: startedAt(events, dead.atMs) } }
        : undefined,
    )
  }),
  lie('faults', 'an app that no fault touches had to be started', 'fault-proved', (events) => {
    const touched = all(events, 'fault.requested').flatMap(({ nodes }) => nodes)
    const app = nodesOfRole(events, 'app').find((name) => !touched.includes(name))
    return opened(events).schemaVersion < 2 || app === undefined
      ? undefined
      : added(events, [{ kind: 'node.started', node: app, how: 'start', atMs: t0Ms(events) + 3_000 }])
  }),
]

const cutOff: Lie[] = [
  lie(
    'faults',
    'a member of the DCS that is cut off knows the new holder of the key',
    lasted,
    (events) => {
      const cut = silencing(events)
      const deaf = cut?.silent.map(({ to }) => to) ?? []
      // One at each of whose links nothing arrives.
      const { links, nodes } = opened(events).topology
      const member = nodes.find(
        ({ role, site }) =>
          role === 'dcs' &&
          deaf.filter((to) => to === site).length === links.filter(({ sites }) => sites.includes(site)).length,
      )
      const told = all(events, 'dcs.leader').find(
        ({ atMs, leader }) =>
          cut && atMs > cut.parts.requested.atMs + 400 && atMs < meanwhileMs(cut.parts) && leader !== null,
      )
      return cut && member && told && added(events, [{ ...told, member: member.name, atMs: meanwhileMs(cut.parts) }])
    },
    rare,
  ),
  lie(
    'faults',
    'the leader key changes hands without a majority of the DCS',
    lasted,
    (events) => {
      const members = nodesOfRole(events, 'dcs')
      const parts = faults(events).find(({ requested: { lasting = {} } }) => {
        const dead = [...(lasting.gone ?? []), ...(lasting.mute ?? [])].filter((name) => members.includes(name))
        return dead.length * 2 > members.length
      })
      const left = members.find((name) => parts && !parts.requested.nodes.includes(name))
      const told = all(events, 'dcs.leader').find(({ member }) => member === left)
      const atMs = parts === undefined ? 0 : meanwhileMs(parts)
      const revision = (told?.revision ?? 0) + 7
      return (
        parts &&
        told &&
        added(events, [
          { ...told, leader: null, revision, atMs },
          { ...told, revision: revision + 1, atMs: atMs + 50 },
        ])
      )
    },
    rare,
  ),
  lie('faults', 'what was cut had been silent for 5 s before', 'fault-proved', (events) => {
    const fromMs = t0Ms(events)
    return change(events, 'beacon.heard', ({ heard, atMs, lastMs }) =>
      !heard && lastMs !== null && atMs > fromMs && atMs < fromMs + 3_000 ? { lastMs: fromMs - 5_000 } : undefined,
    )
  }),
  lie('faults', 'no ping had been answered for 5 s before the fault', 'fault-proved', (events) => {
    const fromMs = t0Ms(events)
    return change(events, 'beacon.edge', ({ up, atMs, lastAnswerMs }) =>
      !up && lastAnswerMs !== null && atMs > fromMs && atMs < fromMs + 3_000
        ? { lastAnswerMs: fromMs - 5_000 }
        : undefined,
    )
  }),
  lie('faults', 'it is recorded as done 3 s after its proof', 'fault-proved', (events) => {
    const { acted, proved, healRequested } = firstFault(events)
    if (!acted || !proved || (healRequested?.atMs ?? 0) < proved.atMs + 4_000) return undefined
    return inOrder(changeOne(events, acted, () => ({ atMs: proved.atMs + 3_000 })))
  }),
]

/** What came back before the heal was proved comes back 8 s after it. */
const late = <K extends EventKind>(
  name: string,
  kind: K,
  isBack: (event: EventOf<K>) => boolean,
  last: (ms: number) => Fields,
) =>
  lie('heals', name, [healed, 'observers-without-gaps'], (events) => {
    const provedMs = healMs(events)
    const requestedMs = Math.max(...all(events, 'heal.requested').map(({ atMs }) => atMs))
    if (loadEndMs(events) - provedMs < 10_000) return undefined
    const told = change(events, kind, (event: EventOf<K> & JournalEvent) =>
      isBack(event) && event.atMs > requestedMs && event.atMs < provedMs
        ? { atMs: provedMs + 8_000, ...last(provedMs + 7_950) }
        : undefined,
    )
    return inOrder(told)
  })

const neverTook: Lie[] = [
  lie('heals', 'that the heal was done is not recorded', healed, (events) => change(events, 'heal.acted', () => null)),
  late(
    'a direction is heard again only 8 s after the heal',
    'beacon.heard',
    ({ heard }) => heard,
    (lastMs) => ({ lastMs }),
  ),
  late(
    'pings are answered again only 8 s after the heal',
    'beacon.edge',
    ({ up }) => up,
    (lastAnswerMs) => ({ lastAnswerMs }),
  ),
  late(
    'a beacon answers again only 8 s after the heal',
    'beacon.reachable',
    ({ reachable }) => reachable,
    () => ({}),
  ),
  late(
    'a router answers again only 8 s after the heal',
    'router.reachable',
    ({ reachable }) => reachable,
    () => ({}),
  ),
  lie(
    'heals',
    'no router ever used the healed apps again',
    healed,
    (events) => {
      const taken = all(events, 'fault.requested').flatMap(({ lasting = {} }) => [
        ...(lasting.gone ?? []),
        ...(lasting.mute ?? []),
      ])
      const dead = nodesOfRole(events, 'app').filter((name) => taken.includes(name))
      const end = Math.max(...all(events, 'audit.read').map(({ atMs }) => atMs))
      if (dead.length === 0 || faults(events).length > 1 || end - healMs(events) < 11_000) return undefined
      return change(events, 'router.server', ({ server, state, atMs }) =>
        state === 'up' && atMs > t0Ms(events) && dead.includes(server) ? null : undefined,
      )
    },
    rare,
  ),
  lie(
    'heals',
    'a member of the DCS never learned of the new holder',
    [healed, 'observers-without-gaps', 'every-database-read'],
    (events) => {
      const fromMs = t0Ms(events)
      const first = all(events, 'dcs.leader').find(({ atMs, leader }) => atMs > fromMs && leader !== null)
      const end = Math.max(...all(events, 'audit.read').map(({ atMs }) => atMs))
      if (first === undefined || end - first.atMs < 11_000) return undefined
      const other = all(events, 'dcs.leader').find(
        ({ atMs, member }) => atMs > fromMs && member !== first.member,
      )?.member
      return change(events, 'dcs.leader', ({ atMs, member }) => (atMs > fromMs && member === other ? null : undefined))
    },
  ),
]

export const absenceLies: Lie[] = [...deadSpeak, ...cutOff, ...neverTook]
