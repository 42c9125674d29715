/** Lies about what nobody looked at: an observer that sees half, a moment that no check covers, a way that cannot be gone. */
import type { EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import { added, all, change, type Events, faults, type Lie, lie, opened, silencing, t0Ms } from './lie.ts'

const seen = 'observers-without-gaps'
const lasted = 'fault-lasted'

const databases = (events: Events): string[] =>
  opened(events).topology.nodes.flatMap(({ role, name }) => (role === 'database' ? [name] : []))
const siteOf = (events: Events, node: string | undefined): string | undefined =>
  opened(events).topology.nodes.find(({ name }) => name === node)?.site
const redundantMs = (events: Events): number => all(events, 'redundant').at(-1)?.atMs ?? 0
const commits = (events: Events): EventOf<'database.writable'>[] =>
  all(events, 'database.writable').filter(({ accepting }) => accepting)
/** What a fault acts upon itself. */
const actedUpon = (events: Events): Set<string> =>
  new Set(
    all(events, 'fault.requested').flatMap(({ nodes, disturbed = [], expectGone }) => [
      ...nodes,
      ...disturbed,
      ...expectGone.nodes,
    ]),
  )

/** Nobody asked this database to commit for a while, and its observer says that it was slow. */
function unasked(events: Events, node: string | undefined, fromMs: number, toMs: number): Events | undefined {
  const subject = `${node} write`
  const summary = all(events, 'observer.summary').find((event) => event.subject === subject)
  const toldRole = all(events, 'database.role').some((event) => event.node === node)
  if (summary === undefined || !toldRole || toMs - fromMs < 4_000) return undefined
  const others = events.filter((event) => !(event.kind === 'observer.gap' && event.subject === subject))
  const samples = Math.max(20, Math.floor(summary.samples - (toMs - fromMs) / summary.p50Ms))
  return added(
    change(others, 'observer.summary', (event) =>
      event.subject === subject ? { maxMs: toMs - fromMs + 0.3, samples } : undefined,
    ),
    [
      {
        kind: 'observer.gap',
        observer: 'database',
        subject,
        fromMs,
        toMs,
        atMs: toMs + 0.1,
        reason: 'subject: slow to answer',
      },
    ],
  )
}

/** Requests while a way is silent, answered by a database beyond it. */
function answeredBeyond(events: Events, op: 'read' | 'write'): Events | undefined {
  const { silent = [], parts } = silencing(events) ?? {}
  const [fromMs, toMs] = [(parts?.proved?.atMs ?? Infinity) + 2_500, parts?.healRequested?.atMs ?? 0]
  const beyond = new Map(
    silent.flatMap(({ from, to }) => {
      const database = databases(events).find((name) => siteOf(events, name) === to)
      return database === undefined ? [] : [[from, database] as const]
    }),
  )
  return change(events, 'request', ({ op: asked, outcome, node, database: told, startedMs, endedMs }) => {
    const database = beyond.get(siteOf(events, node) ?? '')
    const isMeant = asked === op && outcome === 'acked' && told !== undefined && startedMs > fromMs && endedMs < toMs
    return isMeant && database !== undefined ? { database } : undefined
  })
}

/** While nothing was broken something was away for four seconds. */
function awayBefore(events: Events, away: JournalEvent | undefined, back: object, gone: object): Events | undefined {
  const toMs = t0Ms(events) - 400
  const firstMs = all(events, 'load.started')[0]?.firstArrivalMs ?? Infinity
  if (away === undefined || toMs - 4_000 < firstMs) return undefined
  return added(events, [
    { ...away, ...gone, atMs: toMs - 4_000 },
    { ...away, ...back, atMs: toMs },
  ])
}

export const unseenLies: Lie[] = [
  lie(
    'primaries',
    'nobody asked the old primary to commit until all were redundant, though it told its role',
    [seen, 'one-primary'],
    (events) => {
      const old = commits(events).findLast(({ atMs }) => atMs < t0Ms(events))?.node
      const last = all(events, 'database.writable').findLast(({ node, accepting }) => node === old && !accepting)
      if (old === undefined || last?.commitMs === undefined || actedUpon(events).has(old)) return undefined
      const lastMs = last.commitMs ?? last.atMs
      return lastMs > redundantMs(events) ? undefined : unasked(events, old, lastMs + 0.1, redundantMs(events) - 50)
    },
  ),
  lie(
    'primaries',
    'nobody asked a standby to commit while a fault lasted, though it told its role',
    [seen, 'one-primary'],
    (events) => {
      const [first] = faults(events)
      const never = databases(events).filter(
        (name) => !commits(events).some(({ node }) => node === name) && !actedUpon(events).has(name),
      )
      return unasked(events, never[0], t0Ms(events) + 100, first?.healRequested?.atMs ?? 0)
    },
  ),
  lie('faults', 'reads are answered by a database beyond a silent way', lasted, (events) =>
    answeredBeyond(events, 'read'),
  ),
  lie('faults', 'writes are answered by a database beyond a silent way', [lasted, 'one-primary', seen], (events) =>
    answeredBeyond(events, 'write'),
  ),
  lie(
    'faults',
    'a dead beacon is heard to the end',
    lasted,
    (events) => {
      const sites = faults(events).flatMap(({ requested }) => requested.lasting?.gone ?? requested.expectGone.nodes)
      const site = siteOf(
        events,
        sites.find((name) => name.startsWith('beacon')),
      )
      const fromMs = t0Ms(events)
      return site === undefined
        ? undefined
        : change(events, 'beacon.heard', ({ from, atMs }) => (from === site && atMs > fromMs ? null : undefined))
    },
    { least: 1 },
  ),
  lie(
    'heals',
    'a killed app answers before it was started again',
    ['heal-proved', lasted],
    (events) => {
      const start = all(events, 'node.started').find(
        ({ node, atMs }) => node.startsWith('app') && atMs > t0Ms(events) + 3_000,
      )
      const other = start && opened(events).topology.nodes.find(({ name }) => name === start.node)
      const asked = all(events, 'heal.requested').findLast(({ atMs }) => atMs < (start?.atMs ?? 0))
      return change(events, 'request', ({ outcome, startedMs, endedMs, node }) =>
        other &&
        asked &&
        node !== undefined &&
        outcome === 'acked' &&
        startedMs > asked.atMs &&
        endedMs < (start?.atMs ?? 0) - 1_000
          ? { node: other.name, region: other.site }
          : undefined,
      )
    },
    { least: 1 },
  ),
  lie('faults', 'a fault is said to leave nothing out that it does not model', 'fault-as-planned', (events) =>
    all(events, 'fault.requested').some(({ effect }) => effect)
      ? change(events, 'fault.requested', ({ doesNotModel }) =>
          doesNotModel.length > 0 ? { doesNotModel: [] } : undefined,
        )
      : undefined,
  ),
  lie('faults', 'a standby was away for four seconds before anything was broken', 'fault-proved', (events) => {
    const standby = all(events, 'database.role').find(({ role }) => role === 'standby')
    return awayBefore(events, standby, {}, { role: 'unreachable' })
  }),
  lie('faults', 'a link was down for four seconds before anything was broken', 'fault-proved', (events) => {
    const edge = all(events, 'beacon.edge').find(({ up }) => up)
    return awayBefore(events, edge, {}, { up: false, rttMs: null })
  }),
  lie('primaries', 'a member of the DCS tells who leads only after the fault', [seen, 'fault-lasted'], (events) => {
    if (opened(events).schemaVersion < 3) return undefined
    const later = all(events, 'dcs.leader').find(({ atMs }) => atMs > t0Ms(events))?.member
    return change(events, 'dcs.leader', ({ member, atMs }) =>
      member === later && atMs < t0Ms(events) ? null : undefined,
    )
  }),
  lie(
    'primaries',
    'a database tells its role only after the fault',
    [seen, 'fault-proved', 'fault-as-planned'],
    (events) => {
      const later = all(events, 'database.role').find(({ atMs }) => atMs > t0Ms(events))?.node
      return change(events, 'database.role', ({ node, atMs }) =>
        node === later && atMs < t0Ms(events) ? null : undefined,
      )
    },
  ),
  lie('faults', 'no beacon tells of pings on fresh connections', seen, (events) =>
    change(events, 'beacon.edge', ({ from, to, connection }) =>
      connection === 'fresh' && [from, to].toSorted()[0] === 'east' ? null : undefined,
    ),
  ),
  lie('journal', 'two databases are asked at one address', 'journal-consistent', (events) => {
    const [first, second] = opened(events).topology.nodes.filter(({ role }) => role === 'database')
    if (first === undefined || second === undefined || Object.keys(first.ports).length === 0) return undefined
    return change(events, 'trial.opened', ({ topology }) => ({
      topology: {
        ...topology,
        nodes: topology.nodes.map((node) => (node.name === second.name ? { ...node, ports: first.ports } : node)),
      },
    }))
  }),
  lie(
    'primaries',
    'databases are on a timeline that nobody was promoted to',
    ['same-primary', 'take-overs'],
    (events) => {
      const { samePrimary, takeOvers } = opened(events).scenario.objectives
      const known = all(events, 'database.role').findLast(
        ({ role, timeline }) => role === 'standby' && timeline !== null,
      )
      if (known === undefined || (samePrimary !== true && takeOvers === undefined)) return undefined
      return added(events, [
        { ...known, timeline: (known.timeline ?? 0) + 1, atMs: Math.max(known.atMs, redundantMs(events)) + 1 },
      ])
    },
    { least: 1 },
  ),
  lie(
    'losses',
    'a standby was only starting when all were redundant',
    ['every-database-read', 'heal-proved'],
    (events) => {
      const event = all(events, 'redundant').at(-1)
      const role = all(events, 'database.role').find(({ node }) => node === event?.standbys[0])
      return (
        event &&
        role &&
        added(events, [
          { ...role, role: 'starting', atMs: event.atMs - 20 },
          { ...role, role: 'standby', atMs: event.atMs + 20 },
        ])
      )
    },
  ),
  lie(
    'losses',
    'a standby was far behind again before it was read',
    ['every-database-read', 'journal-consistent'],
    (events) => {
      const event = all(events, 'redundant').at(-1)
      const told = all(events, 'database.replication').findLast(({ atMs }) => atMs <= (event?.atMs ?? 0))
      if (event === undefined || told === undefined) return undefined
      const standbys = told.standbys.map((standby) => ({ ...standby, lagBytes: 9e9 }))
      const readMs = all(events, 'audit.read')[0]?.atMs ?? 0
      const later = events.filter(({ kind, atMs }) => !(kind === 'database.replication' && atMs > event.atMs))
      return added(later, [{ ...told, standbys, atMs: (event.atMs + readMs) / 2 }])
    },
  ),
]
