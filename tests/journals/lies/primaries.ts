/** Lies about who was primary, and about the observers that show it. */
import type { EventOf } from '../../../chaos/journal/schema.ts'
import {
  added,
  all,
  change,
  changeOne,
  type Events,
  endMs,
  type Fields,
  type Lie,
  lie,
  nodesOfRole,
  t0Ms,
} from './lie.ts'

const one = 'one-primary'
const watched = ['observers-without-gaps', 'observers-at-their-rate', one]
const replicated = 'replication-caught-up'

const databases = (events: Events): string[] => nodesOfRole(events, 'database')
const ofDatabase = ({ observer }: { observer: string }): boolean => observer === 'database'
/** The database that commits at the end, and one that does not. */
const last = (events: Events): string | undefined =>
  all(events, 'database.writable').findLast(({ accepting }) => accepting)?.node
const other = (events: Events): string | undefined => databases(events).find((name) => name !== last(events))
/** Where the trial is quiet: well after the fault, well before the end. */
const quietMs = (events: Events): number =>
  (Math.max(...all(events, 'heal.proved').map(({ atMs }) => atMs)) + endMs(events)) / 2

const summary = (lied: (event: EventOf<'observer.summary'>) => Fields) => (events: Events) =>
  change(events, 'observer.summary', (event) => (ofDatabase(event) ? lied(event) : undefined))

function blind(events: Events, reason: string, fromMs: number, lengthMs: number): Events | undefined {
  return added(
    events,
    all(events, 'observer.started')
      .filter(ofDatabase)
      .map(({ observer, subject }) => ({
        kind: 'observer.gap',
        atMs: fromMs + lengthMs,
        observer,
        subject,
        fromMs,
        toMs: fromMs + lengthMs,
        reason,
      })),
  )
}
/** Two spells of one database, while another is primary. */
function also(events: Events, node: string | undefined, atMs: number, lengthMs: number): Events | undefined {
  const told = { kind: 'database.writable', node, timeline: 1, uncertaintyMs: 50 } as const
  return node === undefined
    ? undefined
    : added(events, [
        { ...told, atMs, accepting: true, commitMs: atMs },
        { ...told, atMs: atMs + lengthMs + 50, accepting: false, commitMs: atMs + lengthMs },
      ])
}

export const primaryLies: Lie[] = [
  lie('primaries', 'two databases commit at once', [one, 'fault-lasted'], (events) =>
    also(events, other(events), quietMs(events), 1_000),
  ),
  lie('primaries', 'two databases commit at once, for one commit', [one, 'fault-lasted'], (events) =>
    also(events, other(events), quietMs(events), 0),
  ),
  lie('primaries', 'two databases acknowledge writes in turn', [one, 'fault-lasted'], (events) => {
    let turn = 0
    const fromMs = quietMs(events) - 3_000
    const names = [last(events), other(events)]
    return change(events, 'request', ({ op, outcome, startedMs }) =>
      op === 'write' && outcome === 'acked' && startedMs > fromMs && startedMs < fromMs + 2_000
        ? { database: names[turn++ % 2] }
        : undefined,
    )
  }),
  lie('primaries', 'the old primary acknowledges a write after the new one did', [one, 'fault-lasted'], (events) => {
    const writes = all(events, 'request').filter(({ op, outcome }) => op === 'write' && outcome === 'acked')
    return changeOne(
      events,
      writes.findLast(({ database }) => database !== undefined),
      () => ({ database: other(events) }),
    )
  }),
  lie('primaries', 'all observers of databases were blind for 8 s after recovery', watched, (events) =>
    blind(events, 'instrument: no sample was taken', quietMs(events) - 4_000, 8_000),
  ),
  lie('primaries', 'all observers of databases were blind just after the fault', watched, (events) =>
    blind(events, 'instrument: no sample was taken', t0Ms(events) + 100, 2_000),
  ),
  lie('primaries', 'a gap of the instrument is laid to all subjects at once', watched, (events) =>
    blind(events, 'subject: slow to answer', quietMs(events) - 4_000, 8_000),
  ),
  lie('primaries', 'databases were asked once a second', watched, (events) =>
    change(
      change(events, 'observer.started', (event) => (ofDatabase(event) ? { intervalMs: 1_000 } : undefined)),
      'observer.summary',
      (event) =>
        ofDatabase(event)
          ? { p50Ms: 1_000, p95Ms: 1_010, maxMs: 1_200, samples: Math.round(endMs(events) / 1_000) }
          : undefined,
    ),
  ),
  lie('primaries', 'databases were never asked', watched, (events) =>
    change(events, 'observer.summary', (event) =>
      ofDatabase(event) ? { samples: 0, p50Ms: 0, p95Ms: 0, maxMs: 0 } : undefined,
    ),
  ),
  lie('primaries', 'one database was never asked', watched, (events) =>
    change(events, 'observer.summary', (event) =>
      ofDatabase(event) && event.subject.startsWith(other(events) ?? '?')
        ? { samples: 1, p50Ms: 50, p95Ms: 50, maxMs: 50 }
        : undefined,
    ),
  ),
  lie(
    'primaries',
    'a database accepts writes on a later timeline, and had never ceased to',
    ['one-primary', ...watched],
    (events) => {
      const begun = all(events, 'database.writable').findLast(
        ({ accepting, timeline }) => accepting && timeline !== null,
      )
      const atMs = quietMs(events)
      return begun && added(events, [{ ...begun, atMs, commitMs: atMs, timeline: (begun.timeline ?? 0) + 3 }])
    },
  ),
  lie(
    'primaries',
    'more samples than there is time for',
    watched,
    summary(() => ({ samples: 1_000_000 })),
  ),
  lie(
    'primaries',
    'so few samples that they cannot fill the time',
    watched,
    summary(({ samples }) => ({ samples: Math.round(samples / 8) })),
  ),
  lie(
    'primaries',
    'the 95th percentile is above the maximum',
    watched,
    summary(({ maxMs }) => ({ p95Ms: maxMs + 100 })),
  ),
  lie(
    'primaries',
    'the median is above the 95th percentile',
    watched,
    summary(({ p95Ms, maxMs }) => ({ p50Ms: p95Ms + 10, maxMs: maxMs + 20 })),
  ),
  lie(
    'primaries',
    'samples take no time',
    watched,
    summary(() => ({ p50Ms: 0, p95Ms: 0, maxMs: 0 })),
  ),
  lie(
    'primaries',
    'a pause of 5 s in the probes has no gap',
    watched,
    summary(() => ({ maxMs: 5_000 })),
  ),
  lie('primaries', 'the observers started after the fault', [...watched, 'journal-consistent'], (events) => {
    const late = t0Ms(events) + 1_000
    return events
      .map((event) => (event.kind === 'observer.started' && ofDatabase(event) ? { ...event, atMs: late } : event))
      .toSorted((a, b) => a.atMs - b.atMs)
  }),
  lie('primaries', 'the observers ended before the load', watched, (events) => {
    const early = t0Ms(events) + 1_000
    return events
      .map((event) => (event.kind === 'observer.summary' && ofDatabase(event) ? { ...event, atMs: early } : event))
      .toSorted((a, b) => a.atMs - b.atMs)
  }),
  lie(
    'primaries',
    'the event loop was watched for a moment',
    ['harness-not-starved', 'observers-without-gaps'],
    (events) =>
      change(events, 'observer.summary', ({ observer }) => (observer === 'harness' ? { samples: 3 } : undefined)),
  ),
  lie('primaries', 'no database ever committed', [one, ...watched, 'journal-consistent'], (events) =>
    change(events, 'database.writable', () => null),
  ),
  lie('primaries', 'a standby was asynchronous at T0', replicated, (events) =>
    change(events, 'database.replication', ({ standbys }) => ({
      standbys: standbys.map((each) => ({ ...each, sync: 'async' })),
    })),
  ),
  lie('primaries', 'a standby was far behind at T0', replicated, (events) =>
    change(events, 'database.replication', ({ standbys }) => ({
      standbys: standbys.map((each) => ({ ...each, lagBytes: 1e9 })),
    })),
  ),
  lie('primaries', 'a standby was missing at T0', replicated, (events) =>
    change(events, 'database.replication', ({ standbys }) => ({ standbys: standbys.slice(1) })),
  ),
  lie('primaries', 'one standby stands for two at T0', replicated, (events) =>
    change(events, 'database.replication', ({ standbys }) => ({
      standbys: [...standbys.slice(1), ...standbys.slice(-1)],
    })),
  ),
  lie(
    'primaries',
    'replication was told of a node that was not primary',
    [replicated, 'journal-consistent'],
    (events) =>
      change(
        events,
        'database.replication',
        ({ primary, standbys: [first, ...others] }) =>
          first && { primary: first.node, standbys: [{ ...first, node: primary }, ...others] },
      ),
  ),
]
