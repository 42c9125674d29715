/** Lies of who was primary, by the words of databases, of the leader key and of the engine; and of members that never took writes. */
import { added, all, change, changeOne, type Events, faults, type Lie, lie, nodesOfRole, opened, t0Ms } from './lie.ts'

const consistent = 'journal-consistent'
const read = 'every-database-read'

const first = (events: Events) => all(events, 'database.writable').find(({ accepting }) => accepting)
const last = (events: Events) => all(events, 'database.writable').findLast(({ accepting }) => accepting)
const redundant = (events: Events) => all(events, 'redundant').at(-1)
const loadEndMs = (events: Events): number => all(events, 'load.ended')[0]?.atMs ?? 0
const roleBy = (events: Events, name: string | undefined, ms: number) =>
  all(events, 'database.role').findLast(({ node, atMs }) => node === name && atMs <= ms)
/** A database that never commits, as far as is seen. */
const standby = (events: Events): string | undefined => {
  const committed = all(events, 'database.writable').map(({ node }) => node)
  return nodesOfRole(events, 'database').find((name) => !committed.includes(name))
}
const isMulti = (events: Events): boolean =>
  opened(events).topology.nodes.some(({ attributes }) => attributes['database.multi-primary'] === 'true')
const replicationBy = (events: Events) =>
  all(events, 'database.replication').findLast(({ atMs }) => atMs <= (redundant(events)?.atMs ?? 0))

const words: Lie[] = [
  lie('primaries', 'a standby says that it is primary when all are redundant', read, (events) => {
    const event = redundant(events)
    const role = roleBy(events, event?.standbys[0], event?.atMs ?? 0)
    return event && role && added(events, [{ ...role, role: 'primary', atMs: event.atMs - 3 }])
  }),
  lie('primaries', 'the primary says that it is a standby when all are redundant', read, (events) => {
    const event = redundant(events)
    const role = roleBy(events, event?.primary, event?.atMs ?? 0)
    return event && role && added(events, [{ ...role, role: 'standby', atMs: event.atMs - 3 }])
  }),
  lie('primaries', 'the database that commits is a standby by its own word', [consistent, read], (events) =>
    change(events, 'database.role', ({ node, role }) =>
      node === first(events)?.node && role === 'primary' ? { role: 'standby' } : undefined,
    ),
  ),
  lie(
    'primaries',
    'two databases are primary by their own word, all the while',
    [consistent, 'fault-as-planned'],
    (events) => {
      const other = nodesOfRole(events, 'database').find(
        (name) => name !== first(events)?.node && name === standby(events),
      )
      return change(events, 'database.role', ({ node, role }) =>
        node === other && role === 'standby' ? { role: 'primary' } : undefined,
      )
    },
  ),
  lie('primaries', 'a database goes back to an older timeline', consistent, (events) => {
    const role = all(events, 'database.role').findLast(
      ({ timeline, atMs }) => timeline !== null && atMs < loadEndMs(events),
    )
    return role && added(events, [{ ...role, timeline: 0, atMs: loadEndMs(events) - 100 }])
  }),
  lie('primaries', 'nobody reaches the primary for 4 s, and it commits all the while', consistent, (events) => {
    const from = last(events)
    const end = loadEndMs(events)
    const role = roleBy(events, from?.node, end)
    if (from === undefined || role === undefined || end - Math.max(from.atMs, role.atMs) < 7_000) return undefined
    return added(events, [
      { ...role, role: 'unreachable', timeline: null, uncertaintyMs: 50, atMs: end - 6_000 },
      { ...role, uncertaintyMs: 50, atMs: end - 2_000 },
    ])
  }),
  lie('primaries', 'a standby tells who follows it', consistent, (events) => {
    const told = all(events, 'database.replication').at(-1)
    const other = standby(events)
    return told && other !== undefined && !isMulti(events)
      ? added(events, [{ ...told, primary: other, standbys: told.standbys.slice(1), atMs: loadEndMs(events) - 10 }])
      : undefined
  }),
]

const keys: Lie[] = [
  lie(
    'primaries',
    'another database than the one that commits held the leader key before the fault',
    [consistent, 'fault-as-planned'],
    (events) => {
      const primary = first(events)?.node
      const other = standby(events)
      return other === undefined
        ? undefined
        : change(events, 'dcs.leader', ({ leader, atMs }) =>
            leader === primary && atMs < t0Ms(events) ? { leader: other } : undefined,
          )
    },
  ),
  lie('primaries', 'nobody held the leader key when the fault came', [consistent, 'fault-proved'], (events) =>
    change(events, 'dcs.leader', ({ atMs }) => (atMs < t0Ms(events) ? { leader: null } : undefined)),
  ),
  lie('primaries', 'the new holder of the leader key is nobody that is there', [consistent, 'fault-proved'], (events) =>
    change(events, 'dcs.leader', ({ leader, atMs }) =>
      leader !== null && atMs > t0Ms(events) && leader !== first(events)?.node ? { leader: 'pg-ghost' } : undefined,
    ),
  ),
]

const starts: Lie[] = [
  lie(
    'primaries',
    'the engine started the primary, which had committed before and after',
    [consistent, 'fault-proved'],
    (events) => {
      const from = last(events)
      const atMs = Math.max(from?.atMs ?? 0, ...all(events, 'heal.proved').map((event) => event.atMs)) + 1_500
      return from && opened(events).schemaVersion > 1 && loadEndMs(events) > atMs + 1_500
        ? added(events, [{ kind: 'node.started', node: from.node, how: 'start', atMs }])
        : undefined
    },
  ),
  lie('losses', 'the primary was started 3 s before the load ended, and never ceased', read, (events) => {
    const from = last(events)
    const startedAt = new Date(opened(events).wallStartMs + loadEndMs(events) - 3_000).toISOString()
    return from && from.atMs < loadEndMs(events) - 5_000
      ? change(events, 'audit.read', ({ node, server }) =>
          server && node === from.node ? { server: { ...server, startedAt } } : undefined,
        )
      : undefined
  }),
  lie('losses', 'one reading does not say its address', [read, consistent], (events) => {
    const reading = all(events, 'audit.read').findLast(({ server }) => server !== undefined)
    return changeOne(events, reading, ({ server }) => ({ server: { ...server, address: null } }))
  }),
  lie('losses', 'no reading says its address', [read, consistent], (events) =>
    opened(events).schemaVersion >= 3
      ? change(events, 'audit.read', ({ server }) => (server ? { server: { ...server, address: null } } : undefined))
      : undefined,
  ),
  lie('losses', 'one reading does not say the node that its settings name', read, (events) => {
    const reading = all(events, 'audit.read').findLast(({ server }) => server?.node !== undefined)
    return changeOne(events, reading, ({ server }) => ({ server: { ...server, node: undefined } }))
  }),
  lie('losses', 'one database of four was to be read', [consistent, 'invariants-hold'], (events) => {
    const one = all(events, 'audit.read')[0]?.node
    return one === undefined || opened(events).audit !== undefined
      ? undefined
      : change(
          changeOne(events, opened(events), () => ({ audit: { by: 'database', nodes: [one] } })),
          'audit.read',
          ({ node }) => (node === one ? undefined : null),
        )
  }),
]

const members: Lie[] = [
  lie('losses', 'a standby is a gigabyte behind when all are redundant', [read, 'replication-caught-up'], (events) =>
    changeOne(events, replicationBy(events), ({ standbys: [one, ...others] }) => ({
      standbys: [{ ...one, lagBytes: 1e9 }, ...others],
    })),
  ),
  lie(
    'losses',
    'a standby is behind by less than nothing when all are redundant',
    [read, 'replication-caught-up'],
    (events) =>
      changeOne(events, replicationBy(events), ({ standbys: [one, ...others] }) => ({
        standbys: [{ ...one, lagBytes: -7 }, ...others],
      })),
  ),
]

/** In worlds in which every database takes writes. */
export const memberLies: Lie[] = [
  lie('primaries', 'one member never took a write', read, (events) => {
    const fault = faults(events)[0]?.requested
    const one = nodesOfRole(events, 'database').find((name) => !fault?.nodes.includes(name))
    return change(events, 'database.writable', ({ node }) => (node === one ? null : undefined))
  }),
  lie('primaries', 'the members that were healed never took a write again', read, (events) => {
    const fromMs = faults(events)[0]?.healRequested?.atMs ?? 0
    return change(events, 'database.writable', ({ accepting, atMs }) => (accepting && atMs > fromMs ? null : undefined))
  }),
]

export const roleWordLies: Lie[] = [...words, ...keys, ...starts, ...members]
