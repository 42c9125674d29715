/** Lies about what is stored, and about when it was read. */
import { formatRanges } from '../../../chaos/journal/ranges.ts'
import type { EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
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
  opened,
  shifted,
} from './lie.ts'

const read = 'every-database-read'
const intact = 'invariants-hold'
const lost = 'lost-writes'

const writes = (events: Events, outcome: string): number[] =>
  all(events, 'request').flatMap((request) =>
    request.op === 'write' && request.outcome === outcome ? [request.n] : [],
  )
/** The audits without some numbers, and with others. */
const stored = (events: Events | undefined, nodes: (node: string) => boolean, without: number[], more: number[] = []) =>
  change(events, 'audit.read', ({ node, writes: told, rows }) => {
    if (!nodes(node)) return undefined
    const numbers = [...numbersOf(told).filter((n) => !without.includes(n)), ...more]
    return { writes: formatRanges(numbers.toSorted((a, b) => a - b)), rows: rows - without.length + more.length }
  })
/** "0-3,7" → 0, 1, 2, 3, 7. */
const numbersOf = (ranges: string): number[] =>
  ranges.split(',').flatMap((range) => {
    const [from = NaN, to = from] = range.split('-').map(Number)
    return range === '' ? [] : Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
const everywhere = (): boolean => true
const lastAudited = (events: Events): string => all(events, 'audit.read').at(-1)?.node ?? ''
/** The databases were read once before, and something was found then. */
const foundBefore = (events: Events, found: (reading: EventOf<'audit.read'>) => Fields): Events | undefined => {
  const readings = all(events, 'audit.read')
  const last = readings.at(-1)
  if (last === undefined) return undefined
  const later = <E extends JournalEvent>(event: E): E => shifted(event, 1_500)
  return [
    ...events
      .slice(0, events.indexOf(last) + 1)
      .map((event) => (event.kind === 'audit.read' ? { ...event, ...found(event) } : event)),
    ...readings.map((reading) => ({
      ...later(reading),
      ...(reading.snapshotMs !== undefined && { snapshotMs: reading.snapshotMs + 1_500 }),
    })),
    ...events.slice(events.indexOf(last) + 1).map(later),
  ] as Events
}
/** One acked write told with another outcome. */
const retold = (
  events: Events,
  outcome: 'rejected' | 'unknown',
  status: number,
): { events: Events | undefined; n: number } => {
  const request = all(events, 'request').findLast(({ op, outcome }) => op === 'write' && outcome === 'acked')
  return { n: request?.n ?? -1, events: changeOne(events, request, () => ({ outcome, status })) }
}

export const dataLies: Lie[] = [
  ...(['unknown', 'rejected'] as const).map((outcome) =>
    lie(
      'losses',
      `an acknowledged write with its versions is told as ${outcome}, and absent`,
      ['journal-consistent'],
      (events) => {
        const write = all(events, 'request').findLast(({ op, versions }) => op === 'write' && versions !== undefined)
        const { node: _node, region: _region, database: _database, ...rest } = write ?? ({} as EventOf<'request'>)
        const error = outcome === 'unknown' ? 'connection reset' : 'connection refused'
        const told = events.map((event) => (event === write ? { ...rest, outcome, status: 0, error } : event))
        return write && stored(told as Events, everywhere, [write.n])
      },
    ),
  ),
  lie('losses', 'broken invariants are told by the way', [intact], (events) => {
    const reading = all(events, 'audit.read').at(-1)
    const [rule] = reading?.invariants ?? []
    if (reading === undefined || rule === undefined) return undefined
    const invariants = [{ ...rule, holds: false, detail: 'off by 700' }]
    const { atMs, node } = reading
    return added(events, [{ kind: 'audit.invariants', atMs: atMs + 1, node, invariants, snapshotMs: atMs }])
  }),
  lie('losses', 'an acknowledged write is absent from every database', [lost], (events) =>
    stored(events, everywhere, writes(events, 'acked').slice(-1)),
  ),
  lie('losses', 'an acknowledged write is absent from one database', [lost, intact, read], (events) =>
    stored(events, (node) => node === lastAudited(events), writes(events, 'acked').slice(-1)),
  ),
  lie('losses', 'a rejected write is stored', [intact, lost, read], (events) => retold(events, 'rejected', 409).events),
  lie('losses', 'an unknown write is stored on one database only', [intact, lost, read], (events) => {
    const { events: told, n } = retold(events, 'unknown', 504)
    return stored(told, (node) => node !== lastAudited(events), [n])
  }),
  lie('losses', 'a write was stored twice when the databases were read first', [intact, lost], (events) =>
    foundBefore(events, ({ rows }) => ({ duplicated: writes(events, 'acked').slice(0, 1), rows: rows + 1 })),
  ),
  lie('losses', 'a key that nobody knows was stored when the databases were read first', [intact, lost], (events) =>
    foundBefore(events, ({ rows }) => ({ unexpected: ['x-1'], rows: rows + 1 })),
  ),
  lie('losses', 'an invariant was broken when the databases were read first', [intact], (events) =>
    foundBefore(events, ({ invariants }) => ({ invariants: invariants.map((each) => ({ ...each, holds: false })) })),
  ),
  lie('losses', 'acknowledged writes were on no database when they were read first', [intact, lost], (events) => {
    const absent = writes(events, 'acked').slice(-5)
    return foundBefore(events, ({ writes: told, rows }) => ({
      writes: formatRanges(numbersOf(told).filter((n) => !absent.includes(n))),
      rows: rows - absent.length,
    }))
  }),
  lie('losses', 'a read is stored', [intact, lost, read], (events) => {
    const n = all(events, 'request').find(({ op }) => op === 'read')?.n
    return n === undefined ? undefined : stored(events, everywhere, [], [n])
  }),
  lie('losses', 'a write is stored that no client sent', [intact, lost, read], (events) =>
    stored(events, everywhere, [], [all(events, 'request').length + 7]),
  ),
  lie('losses', 'a write is stored twice', [intact, lost, read], (events) =>
    change(events, 'audit.read', ({ rows }) => ({ duplicated: writes(events, 'acked').slice(0, 1), rows: rows + 1 })),
  ),
  lie('losses', 'a key is stored that nobody knows', [intact, lost, read], (events) =>
    change(events, 'audit.read', ({ rows }) => ({ unexpected: ['x-1'], rows: rows + 1 })),
  ),
  lie('losses', 'the rows are not as many as the writes', [intact, read], (events) =>
    change(events, 'audit.read', ({ rows }) => ({ rows: rows + 3 })),
  ),
  lie('losses', 'no invariant was looked at', [intact, read], (events) =>
    change(events, 'audit.read', () => ({ invariants: [] })),
  ),
  lie('losses', 'the invariants were looked at on one database only', [intact, read], (events) =>
    change(events, 'audit.read', ({ node }) => (node === lastAudited(events) ? undefined : { invariants: [] })),
  ),
  lie('losses', 'an invariant is broken on one database', [intact], (events) =>
    change(events, 'audit.read', ({ node, invariants }) =>
      node === lastAudited(events) ? { invariants: invariants.map((each) => ({ ...each, holds: false })) } : undefined,
    ),
  ),
  lie('losses', 'one invariant is looked at under two names', [intact, read], (events) =>
    change(events, 'audit.read', ({ node, invariants }) =>
      node === lastAudited(events)
        ? { invariants: invariants.map((each) => ({ ...each, name: 'nothing is wrong' })) }
        : undefined,
    ),
  ),
  lie('losses', 'one database was read twice, another never', [read], (events) => {
    const [first] = all(events, 'audit.read')
    return changeOne(events, all(events, 'audit.read').at(-1), ({ atMs }) => ({ ...first, atMs }))
  }),
  lie('losses', 'one database was read again, until it was right', [read, 'journal-consistent'], (events) => {
    const last = all(events, 'audit.read').at(-1)
    return (
      last &&
      stored(added(events, [{ ...last, atMs: last.atMs - 0.001 }]), (node) => node === last.node, [])?.map(
        (event, i, told) =>
          event.kind === 'audit.read' &&
          event.node === last.node &&
          told.findIndex((each) => each.kind === 'audit.read' && each.node === last.node) === i
            ? { ...event, writes: '', rows: 0 }
            : event,
      )
    )
  }),
  lie('losses', 'the databases were read before the end of the load', [read], (events) => {
    const end = Math.max(...all(events, 'request').map(({ endedMs }) => endedMs))
    return inOrder(change(events, 'audit.read', (_, i) => ({ atMs: end - 500 + i })))
  }),
  lie('losses', 'the databases were read before they were redundant', [read], (events) => {
    const redundant = all(events, 'redundant').at(-1)?.atMs ?? 0
    return inOrder(change(events, 'audit.read', (_, i) => ({ atMs: redundant - 50 + i })))
  }),
  lie('losses', 'redundant before the heal', [read], (events) => {
    const heal = Math.max(...all(events, 'heal.requested').map(({ atMs }) => atMs))
    return inOrder(change(events, 'redundant', () => ({ atMs: heal - 100 })))
  }),
  ...['one no longer streams', 'all are far behind'].map((what) =>
    lie('losses', `between "redundant" and the readings ${what}`, [read], (events) => {
      const redundantMs = all(events, 'redundant').at(-1)?.atMs ?? Infinity
      const told = all(events, 'database.replication').findLast(({ atMs }) => atMs <= redundantMs)
      const readMs = Math.min(...all(events, 'audit.read').map(({ atMs }) => atMs))
      if (told === undefined || readMs - redundantMs < 500) return undefined
      const standbys = told.standbys.map((standby) => ({ ...standby, state: 'catchup', lagBytes: 5e9 }))
      return added(
        change(events, 'database.replication', ({ atMs }) => (atMs > redundantMs ? null : undefined)) ?? events,
        [{ ...told, atMs: redundantMs + 200, standbys: what.startsWith('one') ? told.standbys.slice(1) : standbys }],
      )
    }),
  ),
  lie('losses', 'a database was started anew between "redundant" and its reading', [read], (events) => {
    const { wallStartMs } = opened(events)
    const redundantMs = all(events, 'redundant').at(-1)?.atMs ?? Infinity
    const reading = all(events, 'audit.read').find(
      ({ server, atMs }) => server !== undefined && atMs - redundantMs > 3_000,
    )
    return changeOne(events, reading, ({ server }) => ({
      server: { ...server, startedAt: new Date(wallStartMs + redundantMs + 2_000).toISOString() },
    }))
  }),
  lie('losses', 'a database is missing among the standbys', [read], (events) =>
    change(events, 'redundant', ({ standbys }) => ({ standbys: standbys.slice(1) })),
  ),
  lie('losses', 'one database stands for two among the standbys', [read], (events) =>
    change(events, 'redundant', ({ standbys }) => ({ standbys: [...standbys.slice(1), standbys.at(-1) ?? ''] })),
  ),
  lie('losses', 'the primary is its own standby', [read], (events) =>
    change(events, 'redundant', ({ primary, standbys }) => ({ standbys: [primary, ...standbys.slice(1)] })),
  ),
  lie('losses', 'redundant around a primary that is none', [read], (events) =>
    change(events, 'redundant', ({ primary, standbys: [first = '', ...others] }) => ({
      primary: first,
      standbys: [primary, ...others],
    })),
  ),
  lie('losses', 'one database is of another cluster', [read], (events) =>
    opened(events).systemIdentifier === undefined
      ? undefined
      : change(events, 'audit.read', ({ node }) =>
          node === lastAudited(events) ? { systemIdentifier: '1' } : undefined,
        ),
  ),
  lie('losses', 'one database does not say of which cluster it is', [read], (events) =>
    opened(events).systemIdentifier === undefined
      ? undefined
      : change(events, 'audit.read', ({ node }) =>
          node === lastAudited(events) ? { systemIdentifier: undefined } : undefined,
        ),
  ),
]
