/**
 * Lies about worlds of other people. In `disguises` a world with PostgreSQL passes for one that has nothing to show; the
 * others are told of worlds that honestly have little.
 */
import type { EventKind, JournalEvent } from '../../../chaos/journal/schema.ts'
import {
  added,
  all,
  change,
  changeOne,
  type Events,
  type Fields,
  type Lie,
  lie,
  nodesOfRole,
  opened,
  t0Ms,
} from './lie.ts'

const consistent = 'journal-consistent'
const watched = 'observers-without-gaps'

/** Whatever only a database can tell that is asked to commit. */
const toldByDatabases: readonly EventKind[] = ['database.writable', 'database.replication', 'redundant']

function withoutWords(events: Events): JournalEvent[] {
  return events.filter(
    (event) =>
      !toldByDatabases.includes(event.kind) &&
      !('observer' in event && event.observer === 'database' && !event.subject.endsWith(' role')),
  )
}

/** Nobody asks for what cannot be known. */
function unasked(events: Events): Fields {
  const { scenario } = opened(events)
  const { onePrimary: _, samePrimary: __, ...objectives } = scenario.objectives
  return { scenario: { ...scenario, objectives } }
}

function renamed(events: Events): Fields | undefined {
  const { topology } = opened(events)
  if (nodesOfRole(events, 'database').length === 0) return undefined
  const nodes = topology.nodes.map((node) =>
    node.role === 'database'
      ? { ...node, attributes: { 'database.engine': 'http', 'database.http.path': '/role' } }
      : node,
  )
  return { topology: { ...topology, nodes } }
}

/** The databases of a world tell their role alone, by what it says of itself. */
function disguised(events: Events, more: (events: Events) => Fields = () => ({})): Events | undefined {
  const fields = renamed(events)
  return fields && changeOne(events, opened(events), () => ({ ...fields, ...unasked(events), ...more(events) }))
}

export const disguises: Lie[] = [
  lie('primaries', 'databases that commit are said to tell their role alone', consistent, (events) =>
    disguised(events),
  ),
  lie('primaries', 'the same, and all that they told is left out', [consistent, watched], (events) => {
    const told = disguised(events)
    return told && withoutWords(told)
  }),
  lie('primaries', 'the same, and they are said to have been read over HTTP', [consistent, watched], (events) => {
    const told = disguised(events, () => ({ audit: { by: 'http', nodes: nodesOfRole(events, 'database') } }))
    return told && withoutWords(told)
  }),
  lie('primaries', 'the same, and nobody is said to have read them', [consistent, watched], (events) => {
    const told = disguised(events, () => ({ audit: { by: 'nobody', nodes: [] } }))
    const { lostWrites: _, ...objectives } = opened(told ?? events).scenario.objectives
    return (
      told &&
      change(withoutWords(told), 'trial.opened', ({ scenario }) => ({ scenario: { ...scenario, objectives } }))?.filter(
        ({ kind }) => kind !== 'audit.read',
      )
    )
  }),
  lie('primaries', 'databases are left out, with all that they told', [consistent, 'fault-as-planned'], (events) => {
    const names = nodesOfRole(events, 'database')
    if (names.length === 0) return undefined
    const { topology } = opened(events)
    const nodes = topology.nodes.filter(({ role }) => role !== 'database')
    return change(events, 'trial.opened', () => ({
      topology: { ...topology, nodes },
      ...unasked(events),
      audit: { by: 'nobody', nodes: [] },
    }))?.filter(
      (event) =>
        !toldByDatabases.includes(event.kind) &&
        !['audit.read', 'database.role', 'dcs.leader'].includes(event.kind) &&
        !('observer' in event && event.observer === 'database') &&
        !(event.kind === 'node.started' && names.includes(event.node)),
    )
  }),
]

/** Of a world whose databases tell their role alone. */
export const roleLies: Lie[] = [
  lie('primaries', 'no database ever said its role', [watched, 'fault-as-planned'], (events) =>
    change(events, 'database.role', () => null),
  ),
  lie('primaries', 'one database never said its role', watched, (events) =>
    change(events, 'database.role', ({ node }) => (node === 'pg-west-b' ? null : undefined)),
  ),
  lie('primaries', 'nobody asked one database for its role', watched, (events) =>
    change(
      change(events, 'observer.started', ({ subject }) => (subject.startsWith('pg-west-b') ? null : undefined)),
      'observer.summary',
      ({ subject }) => (subject.startsWith('pg-west-b') ? null : undefined),
    ),
  ),
  lie('primaries', 'another was primary when the fault came', 'fault-as-planned', (events) =>
    change(events, 'database.role', ({ atMs, node, role }) =>
      atMs > t0Ms(events) || !['pg-east-a', 'pg-west-a'].includes(node)
        ? undefined
        : { role: role === 'primary' ? 'standby' : 'primary' },
    ),
  ),
  lie('primaries', 'a database that tells its role alone commits', consistent, (events) =>
    added(events, [
      {
        kind: 'database.writable',
        atMs: t0Ms(events) - 500,
        node: 'pg-west-a',
        accepting: true,
        timeline: null,
        commitMs: t0Ms(events) - 500,
        uncertaintyMs: 50,
      },
    ]),
  ),
  lie('primaries', 'a database that tells its role alone was redundant', consistent, (events) =>
    added(events, [
      {
        kind: 'redundant',
        atMs: Math.max(...all(events, 'heal.proved').map(({ atMs }) => atMs)) + 300,
        primary: 'pg-west-a',
        standbys: ['pg-east-a', 'pg-east-b', 'pg-west-b'],
      },
    ]),
  ),
  lie('heals', 'a database of the lost region never said its role again', 'heal-proved', (events) =>
    change(events, 'database.role', ({ atMs, node }) =>
      node === 'pg-east-b' && atMs > t0Ms(events) + 1_000 ? null : undefined,
    ),
  ),
]
