/** Journals that contradict themselves. */
import type { EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import {
  added,
  all,
  change,
  changeOne,
  type Events,
  endMs,
  type Fields,
  firstFault,
  type Lie,
  lie,
  opened,
  t0Ms,
} from './lie.ts'

const consistent = 'journal-consistent'

/** A request well after the fault that was served. */
const served = (events: Events, op: 'read' | 'write'): EventOf<'request'> | undefined =>
  all(events, 'request').findLast((request) => request.op === op && request.outcome === 'acked')
const told = (op: 'read' | 'write', lied: Fields) => (events: Events) =>
  changeOne(events, served(events, op), () => lied)

export const journalLies: Lie[] = [
  lie('journal', 'an error of the server counts as success', consistent, told('read', { status: 500 })),
  lie('journal', 'a request without an answer counts as success', consistent, told('write', { status: 0 })),
  lie('journal', 'a time-out counts as success', consistent, told('read', { error: 'timeout' })),
  lie('journal', 'every failure counts as success', consistent, (events) =>
    change(events, 'request', ({ outcome }) => (outcome === 'acked' ? undefined : { outcome: 'acked' })),
  ),
  lie(
    'journal',
    'an answer of success counts as unknown',
    consistent,
    told('read', { outcome: 'unknown', status: 200 }),
  ),
  lie(
    'journal',
    'an answer of success counts as rejected',
    consistent,
    told('read', { outcome: 'rejected', status: 200 }),
  ),
  lie('journal', 'a node that is not there answered', consistent, told('read', { node: 'app-mars-a' })),
  lie('journal', 'a region that is not there answered', consistent, told('read', { node: undefined, region: 'mars' })),
  lie('journal', 'a node answered in the name of another region', consistent, (events) =>
    changeOne(events, served(events, 'read'), ({ region }) => ({ region: region === 'east' ? 'west' : 'east' })),
  ),
  lie('journal', 'a database that is not there answered', consistent, told('write', { database: 'pg-mars-a' })),
  lie('journal', 'a router answered for the app', consistent, (events) => {
    const router = opened(events).topology.nodes.find(({ role }) => role === 'router')
    return changeOne(events, served(events, 'read'), () => ({ node: router?.name ?? '', region: router?.site ?? '' }))
  }),
  lie('journal', 'a second trial.opened promises less', 'the reader', (events) => {
    const [first] = events
    const { scenario } = opened(events)
    const objectives = { ...scenario.objectives, lostWrites: 1_000_000 }
    return first && [first, { ...opened(events), scenario: { ...scenario, objectives } }, ...events.slice(1)]
  }),
  lie('journal', 'closed twice', consistent, (events) =>
    added(events, [{ kind: 'trial.closed', atMs: t0Ms(events), reason: 'completed' }]),
  ),
  lie('journal', 'closed before the audit', consistent, (events) => {
    const atMs = Math.min(...all(events, 'audit.read').map((event) => event.atMs)) - 1
    return events
      .map((event): JournalEvent => (event.kind === 'trial.closed' ? { ...event, atMs } : event))
      .toSorted((a, b) => a.atMs - b.atMs)
  }),
  lie('journal', 'an audit after the end', consistent, (events) => {
    const audit = all(events, 'audit.read').at(-1)
    return audit && added(events, [{ ...audit, atMs: endMs(events) + 5_000 }])
  }),
  lie('journal', 'a request after the end', consistent, (events) => {
    const last = all(events, 'request').at(-1)
    return last && [...events.filter((event) => event !== last), { ...last, atMs: endMs(events) + 1 }]
  }),
  lie('journal', 'the time goes backwards', consistent, (events) => {
    const closed = all(events, 'trial.closed')[0]
    return changeOne(events, closed, ({ atMs }) => ({ atMs: atMs - 60_000 }))
  }),
  lie('journal', 'a minute is missing from the clock, and comes back', consistent, (events) => {
    const half = Math.floor(events.length / 2)
    return events.map((event, i) =>
      event.kind === 'host.sampled' && i > half ? { ...event, atMs: event.atMs - 5_000 } : event,
    )
  }),
  lie('journal', 'it says that it is of an older version', consistent, (events) =>
    opened(events).schemaVersion < 2 ? undefined : changeOne(events, opened(events), () => ({ schemaVersion: 1 })),
  ),
  lie('journal', 'a planned trial says that it was done by hand', consistent, (events) =>
    changeOne(events, opened(events), () => ({ byHand: true })),
  ),
  lie('journal', 'the topology lacks a database', [consistent, 'fault-as-planned'], (events) => {
    const { topology } = opened(events)
    const last = topology.nodes.findLast(({ role }) => role === 'database')
    return changeOne(events, opened(events), () => ({
      topology: { ...topology, nodes: topology.nodes.filter((node) => node !== last) },
    }))
  }),
  lie('journal', 'the topology has two nodes of one name', consistent, (events) => {
    const { topology } = opened(events)
    const nodes = topology.nodes.flatMap((node) =>
      node.role === 'store' || node.role === 'router' ? [node, node] : [node],
    )
    return changeOne(events, opened(events), () => ({ topology: { ...topology, nodes } }))
  }),
  lie('journal', 'a database is called an app', [consistent, 'fault-as-planned'], (events) => {
    const { topology } = opened(events)
    const last = topology.nodes.findLast(({ role }) => role === 'database')
    return changeOne(events, opened(events), () => ({
      topology: {
        ...topology,
        nodes: topology.nodes.map((node) => (node === last ? { ...node, role: 'app' as const } : node)),
      },
    }))
  }),
  lie('journal', 'two databases are observed under one name', ['observers-without-gaps', consistent], (events) =>
    change(events, 'observer.started', ({ observer, subject }) =>
      observer === 'database' && subject.startsWith('pg-west-b')
        ? { subject: subject.replace('west-b', 'west-a') }
        : undefined,
    ),
  ),
  lie('journal', 'every request took no time', consistent, (events) =>
    change(events, 'request', ({ scheduledMs }) => ({ startedMs: scheduledMs, endedMs: scheduledMs })),
  ),
  lie('journal', 'every request took exactly the same time', consistent, (events) =>
    change(events, 'request', ({ startedMs }) => ({ endedMs: startedMs + 9 })),
  ),
  lie('journal', 'a fault that nobody requested was proved', consistent, (events) => {
    const { proved } = firstFault(events)
    return proved && added(events, [{ ...proved, faultId: 'nobodys' }])
  }),
  lie(
    'journal',
    'the trial says that it failed, and goes on',
    ['journal-complete', consistent, 'instruments-worked'],
    (events) =>
      added(events, [{ kind: 'instrument.failed', atMs: t0Ms(events) + 1, instrument: 'run', reason: 'no room' }]),
  ),
]
