/** A story as a journal of version 3 tells it: with all that real trials record by now, and numbers that differ. */
import { recorded } from '../../chaos/journal/records.ts'
import { accountOf, otherAccountOf, writeReadBy } from '../../chaos/journal/schedule.ts'
import type { EventOf, JournalEvent } from '../../chaos/journal/schema.ts'
import { rampMs } from '../../chaos/limits.ts'
import { faultNamed } from '../../chaos/scenarios/kinds.ts'
import { resolveTarget } from '../../chaos/topology/resolve.ts'
import { dcsMembers, topology } from './world.ts'

type Events = readonly JournalEvent[]
/** By which T0 is drawn at the very end of a heartbeat. */
const endOfHeartbeat = 1951
const of = <K extends JournalEvent['kind']>(events: Events, kind: K): EventOf<K>[] =>
  events.filter((event): event is EventOf<K> => event.kind === kind)

/** Expects an honest story, whose faults take nodes away or make links slow. */
export function version3(events: Events): JournalEvent[] {
  const trialId = of(events, 'trial.opened')[0]?.trialId ?? ''
  const told = withAccounts(withNames(events, trialId)).flatMap((event, i) => more(event, i, events))
  return [...told, ...stages(events)].toSorted((a, b) => a.atMs - b.atMs).map((event, seq) => ({ ...event, seq }))
}

export function asText(events: Events): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}

function withNames(events: Events, trialId: string): JournalEvent[] {
  return events.map((event) =>
    'faultId' in event ? { ...event, faultId: event.faultId.replace('fault-', `${trialId}-f`) } : event,
  )
}

/** One event, with what belongs to it. */
function more(event: JournalEvent, i: number, events: Events): JournalEvent[] {
  switch (event.kind) {
    case 'trial.opened': {
      const heartbeatMs = topology.timeouts['loop-ms'] ?? 0
      const steadyMs = event.scenario.steadyMs - rampMs - heartbeatMs
      const scenario = { ...event.scenario, steadyMs }
      return [{ ...event, schemaVersion: 3, records: [...recorded], seed: endOfHeartbeat, scenario }]
    }
    case 'fault.requested':
      return [requested(event)]
    case 'fault.proved':
    case 'fault.lasted': {
      const roundTrips = tripsOf(event.faultId, events)
      return [roundTrips === undefined ? event : { ...event, roundTrips }]
    }
    case 'dcs.leader':
      return toldByAll(event, events)
    case 'heal.acted':
      return [event, ...startsOf(event.faultId, events).map((node) => started(node, event.atMs))]
    case 'audit.read':
      return [withServer(event, events)]
    case 'redundant':
      return redundant(event, events)
    case 'observer.summary':
      return [{ ...event, p50Ms: event.p50Ms + i / 1e6, p95Ms: event.p95Ms + i / 1e6, maxMs: event.maxMs + i / 1e6 }]
    case 'load.clock':
      return [{ ...event, offsetMs: 0.4 + (i % 7) / 100 }]
    case 'host.sampled':
      return [{ ...event, workMs: 0.7 + (i % 11) / 1000 }]
    default:
      return [event]
  }
}

function requested(event: EventOf<'fault.requested'>): EventOf<'fault.requested'> {
  const kind = faultNamed(event.fault)
  const named = event.named ?? event.target
  const options = event.with ?? {}
  const roles = { primary: topology.nodes.find(({ name }) => name === 'pg-east-a') }
  const target = resolveTarget(named, topology, roles)
  const order = { spec: { kind: event.fault, target: named, with: options }, options, target, roles } as never
  const effect = kind.effect(order, topology)
  return {
    ...event,
    named,
    ...(event.with && { namedWith: event.with }),
    effect,
    lasting: kind.lasting?.(order, topology) ?? effect,
    planned: kind.planned === true,
    disturbed: event.disturbed ?? event.nodes,
  }
}

/** As soon as all is healed. */
function redundant(event: EventOf<'redundant'>, events: Events): JournalEvent[] {
  const atMs = Math.max(...of(events, 'heal.proved').map(({ atMs: healedMs }) => healedMs)) + 300
  return [
    { ...replicationFrom(event.primary, event.standbys), atMs: atMs - 10 },
    { ...event, atMs },
  ]
}

/** Each member tells of the key, one after the other; one that the fault took, when it is there again. */
function toldByAll(event: EventOf<'dcs.leader'>, events: Events): JournalEvent[] {
  const t0Ms = of(events, 'fault.requested')[0]?.atMs ?? 0
  const away = new Set(of(events, 'fault.requested').flatMap(({ expectGone }) => expectGone.nodes))
  const backMs = Math.max(...of(events, 'heal.proved').map(({ atMs }) => atMs))
  const others = dcsMembers.filter((member) => member !== event.member)
  const toldMs = (member: string): number => (event.atMs > t0Ms && away.has(member) ? backMs : event.atMs)
  const isLast = event === of(events, 'dcs.leader').at(-1)
  return [
    event,
    ...others
      .filter((member) => toldMs(member) === event.atMs || isLast)
      .map((member, i) => ({ ...event, member, atMs: toldMs(member) + 1 + i })),
  ]
}

/** By the name that the fault had in the story. */
function faultOf(faultId: string, events: Events): EventOf<'fault.requested'> | undefined {
  const number = faultId.split(/-f(?:ault-)?/).at(-1)
  return of(events, 'fault.requested').find((event) => event.faultId === `fault-${number}`)
}

function tripsOf(faultId: string, events: Events): EventOf<'fault.proved'>['roundTrips'] {
  const fault = faultOf(faultId, events)
  if (fault === undefined || faultNamed(fault.fault).delays === undefined) return undefined
  const options = faultNamed(fault.fault).options.parse(fault.with ?? {})
  const { leastMs: slowerMs, apartMs } = faultNamed(fault.fault).delays?.(options as never) ?? {
    leastMs: 0,
    apartMs: 0,
  }
  return topology.links
    .filter(({ name }) => fault.links.includes(name))
    .map(({ sites: [from, to], latencyMs }) => ({
      from,
      to,
      leastMs: 2 * latencyMs + slowerMs + 0.5,
      mostMs: 2 * latencyMs + slowerMs + apartMs + 4,
    }))
}

function startsOf(faultId: string, events: Events): string[] {
  const fault = faultOf(faultId, events)
  return fault !== undefined && ['kill', 'pause'].includes(fault.fault) ? fault.expectGone.nodes : []
}
const started = (node: string, atMs: number): JournalEvent => ({
  seq: 0,
  atMs,
  kind: 'node.started',
  node,
  how: 'start',
})

function withServer(event: EventOf<'audit.read'>, events: Events): EventOf<'audit.read'> {
  const { wallStartMs = 0 } = of(events, 'trial.opened')[0] ?? {}
  const killed = of(events, 'fault.requested').some(({ expectGone }) => expectGone.nodes.includes(event.node))
  const healedMs = Math.max(...of(events, 'heal.acted').map(({ atMs }) => atMs))
  const startedAt = new Date(wallStartMs + (killed ? healedMs : -60_000)).toISOString()
  const number = topology.nodes.findIndex(({ name }) => name === event.node)
  return {
    ...event,
    snapshotMs: event.atMs - 50,
    server: { node: event.node, address: `198.18.0.${number}:5432`, startedAt },
  }
}

const replicationFrom = (primary: string, standbys: readonly string[]): EventOf<'database.replication'> => ({
  seq: 0,
  atMs: 0,
  kind: 'database.replication',
  primary,
  standbys: standbys.map((node) => ({ node, state: 'streaming', sync: 'quorum', lagBytes: 0 })),
})

function stages(events: Events): JournalEvent[] {
  const t0Ms = of(events, 'fault.requested')[0]?.atMs ?? 0
  const healedMs = Math.max(...of(events, 'heal.proved').map(({ atMs }) => atMs))
  const auditMs = Math.min(...of(events, 'audit.read').map(({ atMs }) => atMs)) - 60
  const steadyMs = of(events, 'load.started')[0]?.atMs ?? 0
  const [primary, ...standbys] = ['pg-east-a', 'pg-east-b', 'pg-west-a', 'pg-west-b'] as const
  const moments = { precheck: 1, warmup: steadyMs - 500, steady: steadyMs + 1, fault: t0Ms - 1, observe: healedMs + 1 }
  return [
    { ...replicationFrom(primary, standbys), atMs: t0Ms - 2 },
    ...Object.entries({ ...moments, audit: auditMs }).map(
      ([stage, atMs]): JournalEvent => ({ seq: 0, atMs, kind: 'stage.entered', stage }),
    ),
  ]
}

/** Sessions and versions, as the ledger has them when each request ends. */
function withAccounts(events: Events): JournalEvent[] {
  const versions = new Map<number, number>()
  const ended = of(events, 'request').toSorted((a, b) => a.endedMs - b.endedMs)
  const told = new Map<JournalEvent, JournalEvent>()
  const writes = new Set(of(events, 'request').flatMap(({ op, n }) => (op === 'write' ? [n] : [])))
  const { ratePerSecond = 0 } = of(events, 'load.started')[0] ?? {}
  for (const request of ended) {
    const { op, n, outcome } = request
    const session = op === 'write' ? n : writeReadBy(n, { ratePerSecond, isWrite: (of) => writes.has(of) })
    const accounts = op === 'write' ? [accountOf(n), otherAccountOf(n)] : [accountOf(session)]
    if (op === 'write') for (const account of accounts) versions.set(account, (versions.get(account) ?? 0) + 1)
    const known = accounts.flatMap((account) => [account, versions.get(account) ?? 0])
    told.set(request, { ...request, session, ...(outcome === 'acked' && { versions: known as [number, number] }) })
  }
  return events.map((event) => told.get(event) ?? event)
}
