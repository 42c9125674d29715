/**
 * The same trial in worlds of other people: of whose databases only a URL says the role, without a database that
 * Blackstart knows, with databases that all take writes, and with replicas that do not say how far behind they are.
 */
import type { EventKind, EventOf, JournalEvent } from '../../chaos/journal/schema.ts'
import { audited } from './build.ts'
import { databases } from './world.ts'

type Events = readonly JournalEvent[]
type Attributes = Record<string, string>

const apps = ['app-east-a', 'app-west-a']
const isEast = (name: string): boolean => name.includes('east')

function all<K extends EventKind>(events: Events, kind: K): EventOf<K>[] {
  return events.filter((event): event is EventOf<K> => event.kind === kind)
}

function numbered(events: Events): JournalEvent[] {
  return events.toSorted((a, b) => a.atMs - b.atMs).map((event, seq) => ({ ...event, seq }))
}

/** No DCS, routers that tell nothing, apps that do not say who they are, and writes that are read back through them. */
function plain(events: Events, database: Attributes | undefined): JournalEvent[] {
  return events.flatMap((event): JournalEvent[] => {
    switch (event.kind) {
      case 'trial.opened':
        return [opened(event, database)]
      case 'dcs.leader':
      case 'router.server':
      case 'router.reachable':
        return []
      case 'observer.started':
      case 'observer.gap':
      case 'observer.summary':
        return event.observer === 'dcs' || event.observer === 'router' ? [] : [event]
      case 'request': {
        const { node: _, region: __, database: ___, session: ____, versions: _____, ...request } = event
        return [request]
      }
      case 'audit.read': {
        const app = { 'pg-east-a': apps[0], 'pg-west-a': apps[1] }[event.node]
        if (app === undefined) return []
        const { server: _, systemIdentifier: __, ...rest } = audited(event, {})
        return [{ ...rest, node: app, invariants: [] }]
      }
      default:
        return [event]
    }
  })
}

/** What Blackstart is not told to be a database or a member of a DCS is an app; no settings bound its reactions. */
function opened(event: EventOf<'trial.opened'>, database: Attributes | undefined): EventOf<'trial.opened'> {
  const { topology, scenario } = event
  const nodes = topology.nodes.map((node) => {
    if (node.role === 'database' && database !== undefined) return { ...node, attributes: database }
    return { ...node, role: node.role === 'router' ? node.role : ('app' as const), attributes: {} }
  })
  const { onePrimary, ...rest } = scenario.objectives
  const asked = database !== undefined && database['database.engine'] !== 'http'
  const objectives = { ...rest, ...(asked && onePrimary !== undefined && { onePrimary }) }
  const longerMs = 1_000 - (topology.timeouts['loop-ms'] ?? 0)
  return {
    ...event,
    topology: { ...topology, nodes, timeouts: {} },
    scenario: { ...scenario, objectives, steadyMs: scenario.steadyMs - longerMs },
    clients: {
      enter: ['http://haproxy-west:8080'],
      requests: [
        { name: 'put', write: true },
        { name: 'get', write: false },
      ],
    },
    audit: { by: 'http', nodes: apps },
    versions: {},
  }
}

const ofCommits = ({ observer, subject }: EventOf<'observer.started' | 'observer.summary'>): boolean =>
  observer === 'database' && subject.endsWith(' write')

/** Engine "http": a URL says who is primary, and nothing more. */
export function onlyRoles(events: Events): JournalEvent[] {
  const t0Ms = Math.min(...all(events, 'fault.requested').map(({ atMs }) => atMs))
  const healedMs = Math.max(...all(events, 'heal.acted').map(({ atMs }) => atMs))
  const role = (node: string, atMs: number, is: EventOf<'database.role'>['role']): JournalEvent => ({
    seq: 0,
    atMs,
    kind: 'database.role',
    node,
    role: is,
    timeline: null,
    uncertaintyMs: 50,
  })
  const told = plain(events, { 'database.engine': 'http', 'database.http.path': '/role' }).flatMap(
    (event): JournalEvent[] => {
      if (event.kind === 'observer.started' || event.kind === 'observer.summary')
        return [ofCommits(event) ? { ...event, subject: event.subject.replace(' write', ' role') } : event]
      return ['database.writable', 'database.replication', 'redundant'].includes(event.kind) ? [] : [event]
    },
  )
  return numbered([
    ...told,
    ...databases.flatMap((node, i) => [
      role(node, 30 + i, node === 'pg-east-a' ? 'primary' : 'standby'),
      ...(isEast(node) ? [role(node, t0Ms + 60 + i, 'unreachable'), role(node, healedMs + 400 + i, 'standby')] : []),
    ]),
    role('pg-west-a', t0Ms + 3_400, 'primary'),
  ])
}

/** No database in blackstart.yaml: so the region is lost by its name. */
export function withoutDatabases(events: Events): JournalEvent[] {
  const target = { scope: 'region', name: 'east' } as const
  return numbered(
    plain(events, undefined).flatMap((event): JournalEvent[] => {
      if ('observer' in event && event.observer === 'database') return []
      if (['database.writable', 'database.replication', 'redundant'].includes(event.kind)) return []
      if (event.kind === 'fault.requested') return [{ ...event, target }]
      if (event.kind !== 'trial.opened') return [event]
      const faults = event.scenario.faults.map((fault) => ({ ...fault, target }))
      return [{ ...event, scenario: { ...event.scenario, faults } }]
    }),
  )
}

/** Each database takes writes: those of the lost region cease, and come back. */
export function multiPrimary(events: Events): JournalEvent[] {
  const t0Ms = Math.min(...all(events, 'fault.requested').map(({ atMs }) => atMs))
  const healedMs = Math.max(...all(events, 'heal.acted').map(({ atMs }) => atMs))
  const lost = databases.filter(isEast)
  const left = databases.filter((name) => !isEast(name))
  const writable = (node: string, atMs: number): JournalEvent => ({
    seq: 0,
    atMs,
    kind: 'database.writable',
    node,
    accepting: true,
    timeline: null,
    commitMs: atMs,
    uncertaintyMs: 30,
  })
  const ceased = (node: string, atMs: number): JournalEvent => ({
    ...(writable(node, atMs) as EventOf<'database.writable'>),
    accepting: false,
    commitMs: atMs - 50,
    uncertaintyMs: 50,
  })
  const members = (primary: string, names: readonly string[], atMs: number): JournalEvent => ({
    seq: 0,
    atMs,
    kind: 'database.replication',
    primary,
    standbys: names
      .filter((name) => name !== primary)
      .map((node) => ({ node, state: 'streaming', sync: 'sync', lagBytes: 0 })),
  })
  const redundantMs = healedMs + 900
  const engine = { 'database.engine': 'mariadb', 'database.multi-primary': 'true' }
  const told = plain(events, engine).filter(
    ({ kind }) => !['database.writable', 'database.replication', 'redundant'].includes(kind),
  )
  return numbered([
    ...told,
    ...databases.flatMap((node, i) => [writable(node, 30 + i), members(node, databases, 40 + i)]),
    members('pg-east-b', databases, t0Ms - 2),
    ...lost.map((node, i) => ceased(node, t0Ms + 60 + i)),
    ...left.map((node, i) => members(node, left, t0Ms + 3_000 + i)),
    ...lost.flatMap((node, i) => [writable(node, healedMs + 700 + i), members(node, databases, healedMs + 710 + i)]),
    ...left.map((node, i) => members(node, databases, healedMs + 720 + i)),
    {
      seq: 0,
      atMs: redundantMs,
      kind: 'redundant',
      primary: 'pg-west-b',
      standbys: databases.filter((name) => name !== 'pg-west-b'),
    },
  ])
}

/** MariaDB across two files of its log: that a replica streams is known, and not how far behind it is. */
export function lagUnknown(events: Events): JournalEvent[] {
  const engine = { 'database.engine': 'mariadb' }
  return numbered(
    plain(events, engine).map((event) => {
      if (event.kind === 'database.writable') return { ...event, timeline: null }
      if (event.kind !== 'database.replication') return event
      return {
        ...event,
        standbys: event.standbys.map((standby) => ({ ...standby, sync: 'async', lagBytes: null })),
      }
    }),
  )
}
