/** Lies about when the databases were redundant and read, about clocks, and about versions that nobody made. */
import type { EventOf } from '../../../chaos/journal/schema.ts'
import {
  added,
  all,
  change,
  changeOne,
  type Events,
  type Fields,
  inOrder,
  type Lie,
  lie,
  nodesOfRole,
  opened,
  t0Ms,
} from './lie.ts'

const consistent = 'journal-consistent'
const read = 'every-database-read'
const agree = 'clocks-agree'

const ofNew = (area: Lie['area'], name: string, by: string, tell: Lie['tell']): Lie =>
  lie(area, name, by, (events) => (opened(events).schemaVersion >= 3 ? tell(events) : undefined))
/** One comparison of the clocks, in journals that have them all through. */
const compared = (told: Fields) => (events: Events) =>
  opened(events).schemaVersion < 2 ? undefined : changeOne(events, all(events, 'load.clock')[1], () => told)
/** The last read whose answer says a version, of a load that was not told to stop. */
const lastRead = (events: Events): EventOf<'request'> | undefined =>
  all(events, 'load.ended')[0]?.stoppedMs === undefined
    ? all(events, 'request').findLast(({ op, versions }) => op === 'read' && versions !== undefined)
    : undefined

export const numberLies: Lie[] = [
  lie('losses', 'a database was starting when it was read', read, (events) => {
    const last = all(events, 'database.role').at(-1)
    const audit = all(events, 'audit.read').find(({ node }) => node === last?.node)
    return last && audit && inOrder([...events, { ...last, role: 'starting' as const, atMs: audit.atMs - 5 }])
  }),
  lie(
    'losses',
    'a standby was on an older timeline when the databases are said to have been redundant',
    read,
    (events) => {
      const [redundant] = all(events, 'redundant')
      const role = all(events, 'database.role').findLast(
        ({ node, atMs }) => node === redundant?.standbys[0] && atMs <= redundant.atMs,
      )
      return (role?.timeline ?? 0) > 1
        ? changeOne(events, role, ({ timeline }) => ({ timeline: Number(timeline) - 1 }))
        : undefined
    },
  ),
  lie('losses', 'another database than the primary held the leader key when they were redundant', read, (events) => {
    const [redundant] = all(events, 'redundant')
    const isSwitchover = all(events, 'fault.requested').some(({ fault }) => fault === 'switchover')
    const other = nodesOfRole(events, 'database').find((name) => name !== redundant?.primary)
    const keys = all(events, 'dcs.leader')
    return isSwitchover || redundant === undefined || keys.length === 0
      ? undefined
      : change(events, 'dcs.leader', ({ atMs, leader }) =>
          atMs > t0Ms(events) || keys.every((key) => key.atMs <= t0Ms(events))
            ? { leader: leader && other }
            : undefined,
        )
  }),
  lie(
    'clocks',
    'a clock that was half a second off was compared in less than no time',
    agree,
    compared({ offsetMs: 500, roundTripMs: -1 }),
  ),
  lie(
    'clocks',
    'a clock that was half a second off was compared in no time that is told',
    agree,
    compared({ offsetMs: 500, roundTripMs: null }),
  ),
  ofNew('heals', 'a heal took less than no time', consistent, (events) =>
    change(events, 'heal.acted', () => ({ tookMs: -200 })),
  ),
  ofNew('faults', 'a fault was looked at less often than never', consistent, (events) =>
    change(events, 'fault.lasted', () => ({ looks: -3 })),
  ),
  lie('clocks', 'the clock was compared closely once, and then within four seconds', agree, (events) =>
    opened(events).schemaVersion < 2 || all(events, 'load.clock').length < 5
      ? undefined
      : change(events, 'load.clock', ({ atMs }) =>
          atMs === all(events, 'load.clock')[0]?.atMs ? undefined : { roundTripMs: 4_000 + atMs / 1e4 },
        ),
  ),
  ofNew('reads', 'a read shows a version that nobody can have made', consistent, (events) =>
    changeOne(events, lastRead(events), ({ versions }) => ({ versions: [versions?.[0], 4_000_000] })),
  ),
  ofNew('reads', 'no request has a session, and a read tells of another account', consistent, (events) => {
    const without = change(events, 'request', ({ session }) =>
      session === undefined ? undefined : { session: undefined },
    )
    return (
      without && changeOne(without, lastRead(without), ({ versions }) => ({ versions: [(versions?.[0] ?? 0) + 1, 0] }))
    )
  }),
  ofNew('journal', 'the host was idle for more than its time', consistent, (events) =>
    change(events, 'host.sampled', ({ atMs }) => ({ idleShare: 1.5 + atMs / 1e9 })),
  ),
  ofNew('primaries', 'two databases held the leader key by one revision', consistent, (events) => {
    const last = all(events, 'dcs.leader').at(-1)
    const other = nodesOfRole(events, 'database').find((name) => name !== last?.leader)
    return last && added(events, [{ ...last, leader: other, atMs: last.atMs + 5 }])
  }),
  ofNew('primaries', 'a silence is told before it ended', consistent, (events) => {
    const [, watched] = all(events, 'observer.started')
    const gap = watched && { observer: watched.observer, subject: watched.subject, fromMs: t0Ms(events), toMs: 1e9 }
    return gap && added(events, [{ kind: 'observer.gap', ...gap, reason: 'subject: slow', atMs: t0Ms(events) + 900 }])
  }),
  ...(['sites', 'links'] as const).map((part) =>
    lie('journal', `the topology has one of its ${part} twice`, consistent, (events) => {
      const { topology } = opened(events)
      return changeOne(events, opened(events), () => ({
        topology: { ...topology, [part]: [...topology[part], topology[part][0]] },
      }))
    }),
  ),
  ofNew('journal', 'errors of the server are declared to acknowledge', consistent, (events) => {
    const requests = [true, false].map((write) => ({ name: `${write}`, write, acknowledged: [200, 201, 503] }))
    const request = all(events, 'request').findLast(({ outcome }) => outcome === 'acked')
    return change(
      changeOne(events, opened(events), () => ({ clients: { enter: ['router-1'], requests } })),
      'request',
      ({ n }) => (n === request?.n ? { status: 503 } : undefined),
    )
  }),
  ofNew('arrivals', 'fewer arrivals than none were dropped', consistent, (events) =>
    change(events, 'load.ended', () => ({ dropped: -5 })),
  ),
]
