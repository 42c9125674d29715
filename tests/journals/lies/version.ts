/** Lies that only what version 3 records can show, and lies about the version itself. */
import type { EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import {
  added,
  all,
  change,
  changeOne,
  type Events,
  endMs,
  type Fields,
  faults,
  firstFault,
  inOrder,
  type Lie,
  lie,
  opened,
  t0Ms,
} from './lie.ts'

const consistent = 'journal-consistent'
const proved = 'fault-proved'
const lasted = 'fault-lasted'
const read = 'every-database-read'

const isNew = (events: Events): boolean => opened(events).schemaVersion >= 3
/** Of journals of version 3. */
const ofNew = (area: Lie['area'], name: string, by: string | readonly string[], tell: Lie['tell']): Lie =>
  lie(area, name, by, (events) => (isNew(events) ? tell(events) : undefined))
/** Without a field in the events of a kind. */
const without =
  (kind: JournalEvent['kind'], field: string) =>
  (events: Events): Events | undefined =>
    all(events, kind).some((event) => field in event) ? change(events, kind, () => ({ [field]: undefined })) : undefined
const openedWith = (to: (event: EventOf<'trial.opened'>) => Fields) => (events: Events) =>
  changeOne(events, opened(events), to)
const renamed = (events: Events | undefined, to: (faultId: string) => string): Events | undefined =>
  events?.map((event) => ('faultId' in event ? ({ ...event, faultId: to(event.faultId) } as JournalEvent) : event))

const versionLies: Lie[] = [
  ...[1, 2].map((schemaVersion) =>
    ofNew(
      'journal',
      `it says that it is of version ${schemaVersion}, and is of 3`,
      consistent,
      openedWith(() => ({ schemaVersion })),
    ),
  ),
  ofNew('journal', 'it does not say what it records', consistent, without('trial.opened', 'records')),
  ofNew(
    'journal',
    'it does not say that it records servers',
    consistent,
    openedWith(({ records = [] }) => ({ records: records.filter((name) => name !== 'servers') })),
  ),
  ...(['effect', 'lasting', 'planned', 'named'] as const).map((field) =>
    ofNew('journal', `a fault without "${field}"`, [consistent, 'fault-as-planned'], without('fault.requested', field)),
  ),
  ofNew('journal', 'the load without its length', consistent, without('load.started', 'durationMs')),
  ofNew('journal', 'readings without their servers', consistent, without('audit.read', 'server')),
  ofNew('journal', 'readings without their moments', consistent, without('audit.read', 'snapshotMs')),
  ofNew('journal', 'no stages', consistent, (events) => change(events, 'stage.entered', () => null)),
  ofNew('journal', 'a stage is missing', consistent, (events) =>
    change(events, 'stage.entered', ({ stage }) => (stage === 'precheck' ? null : undefined)),
  ),
  ofNew('journal', 'two stages are in the wrong order', consistent, (events) =>
    change(events, 'stage.entered', ({ stage }) =>
      stage === 'precheck' ? { stage: 'warmup' } : stage === 'warmup' ? { stage: 'precheck' } : undefined,
    ),
  ),
  ofNew('journal', 'some requests have no session', consistent, (events) =>
    change(events, 'request', ({ n }) => (n % 5 === 3 ? { session: undefined } : undefined)),
  ),
  ofNew(
    'journal',
    'the steady state was to be shorter',
    consistent,
    openedWith(({ scenario }) => ({ scenario: { ...scenario, steadyMs: scenario.steadyMs - 500 } })),
  ),
  ofNew(
    'journal',
    'the observation was to be shorter',
    consistent,
    openedWith(({ scenario }) => ({ scenario: { ...scenario, observeMs: scenario.observeMs - 1_000 } })),
  ),
  ofNew('journal', 'a planned trial is made a drill, with its ids and the stop of its load', consistent, (events) =>
    renamed(
      change(
        changeOne(events, opened(events), () => ({ byHand: true })),
        'load.ended',
        ({ atMs }) => ({ stoppedMs: atMs, exitCode: 105 }),
      ),
      (faultId) => faultId.replace(/^.*-/, ''),
    ),
  ),
  ofNew('journal', 'a planned trial is made a drill, by name as well', consistent, (events) =>
    renamed(
      change(
        changeOne(events, opened(events), ({ scenario }) => ({
          byHand: true,
          scenario: { ...scenario, name: 'drill' },
        })),
        'load.ended',
        ({ atMs }) => ({ stoppedMs: atMs, exitCode: 105 }),
      ),
      (faultId) => faultId.replace(/^.*-/, ''),
    ),
  ),
  ofNew('journal', 'the faults are those of another trial', consistent, (events) =>
    renamed(events, (faultId) => faultId.replace(/^.*-/, 'other-')),
  ),
]

const numberLies: Lie[] = [
  ofNew('journal', 'one observer copies the numbers of another', consistent, (events) => {
    const [, first, second] = all(events, 'observer.summary')
    return (
      first &&
      changeOne(events, second, () => ({
        samples: first.samples,
        p50Ms: first.p50Ms,
        p95Ms: first.p95Ms,
        maxMs: first.maxMs,
      }))
    )
  }),
  ofNew('clocks', 'every comparison of the clocks gave the same', consistent, (events) =>
    change(events, 'load.clock', () => ({ offsetMs: 0.2, roundTripMs: 1 })),
  ),
  ofNew('journal', 'the host was the same in each second', consistent, (events) =>
    change(events, 'host.sampled', () => ({ idleShare: 0.6, workMs: 0.7 })),
  ),
  ofNew('journal', 'answers were made quicker by a tenth', consistent, (events) =>
    change(events, 'request', ({ startedMs, endedMs }) => ({ endedMs: endedMs - (endedMs - startedMs) / 10.3 })),
  ),
  ofNew(
    'journal',
    'the trial began another day than its name says',
    consistent,
    openedWith(({ wallStartMs }) => ({ trialId: `t${(wallStartMs - 86_400_000).toString(36)}` })),
  ),
  lie('journal', 'a client gave up too soon', consistent, (events) =>
    opened(events).schemaVersion < 2
      ? undefined
      : changeOne(
          events,
          all(events, 'request').findLast(({ outcome, op }) => outcome === 'acked' && op === 'read'),
          ({ startedMs }) => ({
            outcome: 'unknown',
            status: 0,
            error: 'timeout',
            endedMs: startedMs + 400,
            node: undefined,
            region: undefined,
            database: undefined,
            versions: undefined,
          }),
        ),
  ),
  lie('journal', 'redundant twice', consistent, (events) => {
    const [event] = all(events, 'redundant')
    return event && added(events, [{ ...event, atMs: event.atMs + 1 }])
  }),
  ofNew('primaries', 'a take-over is told with an old revision', consistent, (events) => {
    const last = all(events, 'dcs.leader').at(-1)
    return last && added(events, [{ ...last, atMs: last.atMs + 100, leader: 'pg-east-b', revision: 1 }])
  }),
]

const accountLies: Lie[] = [
  ofNew('reads', 'a read tells of another account', consistent, (events) =>
    changeOne(
      events,
      all(events, 'request').findLast(({ op, versions }) => op === 'read' && versions !== undefined),
      ({ versions }) => ({
        versions: [Number(versions?.[0]) + 1, 9],
      }),
    ),
  ),
  ofNew('reads', 'a write tells of other accounts', consistent, (events) =>
    changeOne(
      events,
      all(events, 'request').findLast(({ op, versions }) => op === 'write' && versions !== undefined),
      () => ({ versions: [1, 1, 2, 1] }),
    ),
  ),
  ofNew('reads', 'a read is of a session that comes later', consistent, (events) =>
    changeOne(
      events,
      all(events, 'request').find(({ op }) => op === 'read'),
      ({ n }) => ({ session: n + 10 }),
    ),
  ),
  ofNew('reads', 'a write is of the session of another one', consistent, (events) =>
    changeOne(
      events,
      all(events, 'request').findLast(({ op }) => op === 'write'),
      () => ({ session: 0 }),
    ),
  ),
]

const slowLies: Lie[] = (['fault.proved', 'fault.lasted'] as const).flatMap((kind) => {
  const by = kind === 'fault.proved' ? proved : lasted
  type Trips = NonNullable<EventOf<'fault.proved'>['roundTrips']>
  const told = (to: (trips: Trips) => Trips | undefined) => (events: Events) =>
    all(events, kind).some(({ roundTrips }) => roundTrips !== undefined)
      ? change(events, kind, ({ roundTrips }) => ({ roundTrips: to(roundTrips ?? []) }))
      : undefined
  const where = kind === 'fault.proved' ? 'for the proof' : 'while it lasted'
  return [
    ofNew(
      'faults',
      `the round trips of a slow link were not measured ${where}`,
      by,
      told(() => undefined),
    ),
    ofNew(
      'faults',
      `no round trip of a slow link is on record ${where}`,
      by,
      told(() => []),
    ),
    ofNew(
      'faults',
      `round trips of another link are on record ${where}`,
      by,
      told((trips) => trips.map((trip) => ({ ...trip, to: 'edge' }))),
    ),
    ofNew(
      'faults',
      `a slow link was quick ${where}`,
      by,
      told((trips) => trips.map((trip) => ({ ...trip, leastMs: 3, mostMs: 4 }))),
    ),
  ]
})

const switched = (events: Events) => faults(events).find(({ requested }) => requested.fault === 'switchover')
const toOf = ({ requested }: { requested: EventOf<'fault.requested'> }): string => String(requested.namedWith?.['to'])
const otherFaultLies: Lie[] = [
  lie('faults', 'the switchover never happened', [proved, consistent], (events) => {
    const hit = switched(events)
    if (hit === undefined) return undefined
    const to = toOf(hit)
    return events.filter(
      (event) =>
        !(event.kind === 'database.writable' && event.atMs > hit.requested.atMs && event.atMs < endMs(events)) &&
        !(event.kind === 'dcs.leader' && event.leader === to),
    )
  }),
  lie('faults', 'the switchover went elsewhere than it names', [proved, consistent, 'fault-as-planned'], (events) => {
    const hit = switched(events)
    return (
      hit &&
      changeOne(events, hit.requested, ({ namedWith }) => ({
        namedWith: { ...namedWith, to: 'pg-west-b' === toOf(hit) ? 'pg-east-b' : 'pg-west-b' },
      }))
    )
  }),
  lie('faults', 'the leader key stayed where it was in a switchover', [proved, consistent, 'one-primary'], (events) => {
    const hit = switched(events)
    return (
      hit &&
      change(events, 'dcs.leader', ({ leader, atMs }) =>
        leader === toOf(hit) && atMs > t0Ms(events) ? null : undefined,
      )
    )
  }),
  ofNew('heals', 'what was killed was never started again', 'heal-proved', (events) =>
    change(events, 'node.started', () => null),
  ),
  ofNew('heals', 'one node was started before its heal was asked for', ['heal-proved', lasted], (events) => {
    const { healRequested } = firstFault(events)
    return inOrder(
      changeOne(events, all(events, 'node.started')[0], () => ({ atMs: (healRequested?.atMs ?? 0) - 500 })),
    )
  }),
]

const auditLies: Lie[] = [
  lie('losses', 'one address was read for two databases, with two starts', read, (events) => {
    const first = all(events, 'audit.read').find(({ server }) => server !== undefined && server.address !== null)
    return (
      first &&
      change(events, 'audit.read', ({ node, server }) =>
        node === first.node ? undefined : { server: server && { ...server, address: first.server?.address ?? null } },
      )
    )
  }),
  ofNew('losses', 'a database that was killed has run since before', read, (events) =>
    change(events, 'audit.read', ({ node, server }) =>
      server && firstFault(events).requested.lasting?.gone?.includes(node)
        ? { server: { ...server, startedAt: new Date(opened(events).wallStartMs - 60_000).toISOString() } }
        : undefined,
    ),
  ),
  ofNew('losses', 'a database was started after it was read', read, (events) =>
    change(
      events,
      'audit.read',
      ({ server, atMs }) =>
        server && {
          server: { ...server, startedAt: new Date(opened(events).wallStartMs + atMs + 60_000).toISOString() },
        },
    ),
  ),
  ofNew('losses', 'a reading shows a moment after its end', consistent, (events) =>
    change(events, 'audit.read', ({ atMs }) => ({ snapshotMs: atMs + 500 })),
  ),
  lie('losses', 'a standby was starting when the databases are said to have been redundant', read, (events) => {
    const redundant = all(events, 'redundant')[0]
    const before = all(events, 'database.replication').findLast(({ atMs }) => atMs <= (redundant?.atMs ?? 0))
    return before?.primary === redundant?.primary
      ? changeOne(events, before, ({ standbys }) => ({
          standbys: standbys.map((standby, i) => (i === 0 ? { ...standby, state: 'startup' } : standby)),
        }))
      : undefined
  }),
  ofNew('losses', 'the new primary never told of its standbys', read, (events) =>
    all(events, 'redundant')[0]?.primary === all(events, 'database.replication')[0]?.primary
      ? undefined
      : change(events, 'database.replication', ({ atMs }) => (atMs > t0Ms(events) ? null : undefined)),
  ),
  ...[1, 99, 105].map((exitCode) =>
    lie('arrivals', `the load generator ended with exit status ${exitCode}`, 'no-dropped-arrivals', (events) =>
      change(events, 'load.ended', () => ({ exitCode })),
    ),
  ),
  lie('primaries', 'the new primary committed on the old timeline', 'one-primary', (events) => {
    const [first, ...later] = all(events, 'database.writable').filter(
      ({ accepting, timeline }) => accepting && timeline !== null,
    )
    const other = later.find(({ node }) => node !== first?.node)
    return changeOne(events, other, () => ({ timeline: first?.timeline ?? null }))
  }),
  lie(
    'primaries',
    'a commit is as old as its sample, and no two samples were so far apart',
    [consistent, 'observers-without-gaps'],
    (events) => {
      const stopped = all(events, 'database.writable').find(
        ({ accepting, commitMs }) => !accepting && commitMs !== null,
      )
      const maxMs =
        all(events, 'observer.summary').find(({ subject }) => subject === `${stopped?.node} write`)?.maxMs ?? 400
      return maxMs > 300
        ? undefined
        : changeOne(events, stopped, ({ atMs }) => ({ commitMs: atMs - 390, uncertaintyMs: 390 }))
    },
  ),
]

export const versionedLies: Lie[] = [
  ...versionLies,
  ...numberLies,
  ...accountLies,
  ...slowLies,
  ...otherFaultLies,
  ...auditLies,
]
