/**
 * A made-up but plausible trial: region east, with the primary, is killed 10 s after the load begins, and stock timers
 * need 22 s to bring west up. 200 requests/s; clients give up after 2 s. Same arguments, same events.
 */
import type { EventBody, EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'

export const t0Ms = 12_340
export const recoveredMs = t0Ms + 22_412
export const healedMs = t0Ms + 40_000
export const firstArrivalMs = t0Ms - 10_000
export const lastArrivalMs = t0Ms + 60_000

const regions = ['east', 'west']
const databases = ['pg-east-a', 'pg-east-b', 'pg-west-a', 'pg-west-b']
const linked: [string, string][] = [
  ['east', 'west'],
  ['edge', 'east'],
  ['edge', 'west'],
  ['east', 'witness'],
  ['west', 'witness'],
]

export const topology: Topology = {
  world: 'demo',
  sites: [
    ...regions.map((name) => ({ name, kind: 'region' as const })),
    { name: 'witness', kind: 'witness' },
    { name: 'edge', kind: 'edge' },
  ],
  nodes: databases.map((name) => ({
    name,
    role: 'database',
    site: name.split('-')[1] ?? '',
    zone: name.slice(-1),
    ports: {},
    attributes: {},
  })),
  links: linked.map((sites) => ({ name: `link-${sites.join('-')}`, sites, latencyMs: 15 })),
  timeouts: { 'patroni.ttl': 20_000, 'patroni.loop_wait': 1000, 'haproxy.inter': 500 },
}

/** Deterministic noise in 0 to 1: the fractional part of a large sine. */
function noise(n: number): number {
  const value = Math.sin(n * 12.9898) * 43758.5453
  return value - Math.floor(value)
}

export interface Options {
  ratePerSecond?: number
  title?: string
  extra?: { atMs: number; body: EventBody }[]
}

export function journal({
  ratePerSecond = 200,
  title = 'Region east, with the primary database, is killed while clients transfer money',
  extra = [],
}: Options = {}): JournalEvent[] {
  const served = requests(ratePerSecond)
  const timed: { atMs: number; body: EventBody }[] = [
    { atMs: 0, body: opened(ratePerSecond, title) },
    ...cluster(),
    ...network(),
    ...instruments(),
    ...served,
    ...audits(served),
    ...extra,
  ]
  timed.sort((a, b) => a.atMs - b.atMs)
  // The cast restores what the type of a union's spread loses: each body with seq and atMs is its own kind of event.
  return timed.map(({ atMs, body }, seq) => ({ ...body, seq, atMs }) as JournalEvent)
}

function opened(ratePerSecond: number, title: string): EventBody {
  return {
    kind: 'trial.opened',
    schemaVersion: 1,
    trialId: 't-20261103-100200',
    seed: 4711,
    topology,
    scenario: {
      name: 'region-kill',
      title,
      tags: ['region'],
      load: { ratePerSecond, writeShare: 0.4, timeoutMs: 2000, maxVirtualUsers: 800 },
      steadyMs: 10_000,
      faults: [
        { kind: 'kill', target: { scope: 'region', name: 'primary' }, atMs: 0, forMs: 40_000, resolve: 'start' },
      ],
      observeMs: 60_000,
      objectives: {
        recoverWithinMs: 3000,
        lostWrites: 0,
        onePrimary: true,
        failedRequests: 0,
        slowestRequestMs: 2000,
        window: { successShare: 0.999, p99Ms: 500, stalledOverMs: 1000 },
      },
    },
    versions: {
      postgresql: '17.6',
      patroni: '4.0.7',
      etcd: '3.5.16',
      haproxy: '3.0.11',
      redis: '8.0.2',
      k6: '1.8.1',
      toxiproxy: '2.12.0',
    },
    host: { cores: 2, memoryBytes: 8.2e9, kernel: '6.1.0-26', platform: 'linux x64', engine: 'docker 20.10.24' },
    harness: { version: '0.1.0', commit: '1b2c3d4', node: '24.21.0' },
    wallStartMs: Date.UTC(2026, 10, 3, 10, 2),
  }
}

function cluster(): { atMs: number; body: EventBody }[] {
  const role = (
    atMs: number,
    node: string,
    is: EventOf<'database.role'>['role'],
    timeline: number | null,
    reason?: string,
  ): { atMs: number; body: EventBody } => ({
    atMs,
    body: {
      kind: 'database.role',
      node,
      role: is,
      timeline,
      uncertaintyMs: 100,
      ...(reason === undefined ? {} : { reason }),
    },
  })
  const writable = (
    atMs: number,
    node: string,
    accepting: boolean,
    commitMs: number,
    timeline: number,
  ): { atMs: number; body: EventBody } => ({
    atMs,
    body: { kind: 'database.writable', node, accepting, timeline, commitMs, uncertaintyMs: 150 },
  })
  const leader = (atMs: number, holder: string | null, revision: number): { atMs: number; body: EventBody } => ({
    atMs,
    body: { kind: 'dcs.leader', member: 'etcd-witness', leader: holder, revision, uncertaintyMs: 20 },
  })
  return [
    ...databases.map((node, index) => role(800 + index * 10, node, index === 0 ? 'primary' : 'standby', 3)),
    leader(700, 'pg-east-a', 100),
    writable(950, 'pg-east-a', true, 940, 3),
    ...databases.slice(1).map((node) => ({
      atMs: 960,
      body: {
        kind: 'database.writable',
        node,
        accepting: false,
        timeline: 3,
        commitMs: null,
        uncertaintyMs: 50,
      } as const,
    })),
    ...[1000, t0Ms - 1].map((atMs) => ({
      atMs,
      body: {
        kind: 'database.replication',
        primary: 'pg-east-a',
        standbys: databases.slice(1).map((node) => ({ node, state: 'streaming', sync: 'quorum', lagBytes: 0 })),
      } as const,
    })),
    writable(t0Ms + 160, 'pg-east-a', false, t0Ms - 45, 3),
    role(t0Ms + 90, 'pg-east-a', 'unreachable', null, 'connection refused'),
    role(t0Ms + 110, 'pg-east-b', 'unreachable', null, 'connection refused'),
    leader(t0Ms + 19_650, null, 140),
    leader(t0Ms + 20_080, 'pg-west-a', 141),
    role(t0Ms + 21_200, 'pg-west-a', 'primary', 4),
    writable(t0Ms + 21_690, 'pg-west-a', true, t0Ms + 21_680, 4),
    role(t0Ms + 42_000, 'pg-east-a', 'starting', null),
    role(t0Ms + 43_000, 'pg-east-b', 'starting', null),
    role(t0Ms + 46_500, 'pg-east-b', 'standby', 4),
    role(t0Ms + 47_900, 'pg-east-a', 'standby', 4),
    {
      atMs: t0Ms + 48_300,
      body: { kind: 'redundant', primary: 'pg-west-a', standbys: ['pg-east-a', 'pg-east-b', 'pg-west-b'] },
    },
  ]
}

function network(): { atMs: number; body: EventBody }[] {
  const timed: { atMs: number; body: EventBody }[] = []
  const at = (atMs: number, body: EventBody): void => void timed.push({ atMs, body })
  for (const [stage, atMs] of [
    ['precheck', 5],
    ['steady', firstArrivalMs],
    ['fault', t0Ms - 5],
    ['observe', t0Ms + 300],
    ['heal', healedMs - 700],
    ['settle', healedMs + 50],
    ['audit', lastArrivalMs + 500],
  ] as const)
    at(atMs, { kind: 'stage.entered', stage })
  for (const router of ['router-1', 'router-2']) {
    for (const server of ['app-east-a', 'app-east-b', 'app-west-a', 'app-west-b']) {
      const east = server.includes('east')
      const state = (atMs: number, is: 'up' | 'down'): void =>
        at(atMs, {
          kind: 'router.server',
          router,
          backend: 'ledger',
          server,
          writes: true,
          state: is,
          uncertaintyMs: 100,
        })
      state(600, 'up')
      state(t0Ms + (east ? 640 : 900), 'down')
      state(east ? t0Ms + 46_000 : t0Ms + 22_150 + (server.endsWith('b') ? 60 : 0), 'up')
    }
  }
  for (const [a, b] of linked) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      for (const connection of ['existing', 'fresh'] as const) {
        const turn = (atMs: number, up: boolean): void =>
          at(atMs, {
            kind: 'beacon.edge',
            from,
            to,
            connection,
            up,
            lastAnswerMs: null,
            rttMs: up ? 30.4 : null,
            uncertaintyMs: 100,
          })
        turn(500, true)
        if (a !== 'east' && b !== 'east') continue
        turn(t0Ms + 130, false)
        turn(healedMs - 200, true)
      }
    }
  }
  const fault = { faultId: 'f1' }
  const edges = linked
    .filter((pair) => pair.includes('east'))
    .flatMap(([a, b]) => [
      { from: a, to: b },
      { from: b, to: a },
    ])
  at(t0Ms, {
    kind: 'fault.requested',
    ...fault,
    fault: 'kill',
    target: { scope: 'region', name: 'east' },
    nodes: ['pg-east-a', 'pg-east-b', 'app-east-a', 'app-east-b'],
    links: [],
    expectGone: { nodes: ['pg-east-a', 'pg-east-b'], edges },
    doesNotModel: ['power loss: the page cache survives'],
  })
  at(t0Ms + 8, { kind: 'fault.acted', ...fault, acts: 9, firstActMs: t0Ms + 2, lastActMs: t0Ms + 6, spreadMs: 4 })
  at(t0Ms + 240, {
    kind: 'fault.proved',
    ...fault,
    evidence: ['6 of 6 beacon edges silent', '4 of 4 nodes refuse', 'all others answer'],
  })
  at(healedMs - 700, { kind: 'heal.requested', ...fault })
  at(healedMs - 300, { kind: 'heal.acted', ...fault, tookMs: 400 })
  at(healedMs, { kind: 'heal.proved', ...fault, evidence: ['every beacon edge answers'] })
  at(t0Ms + 90, {
    kind: 'observer.gap',
    observer: 'database',
    subject: 'pg-east-a',
    fromMs: t0Ms + 90,
    toMs: t0Ms + 42_000,
    reason: 'subject: connection refused',
  })
  at(t0Ms + 31_000, {
    kind: 'observer.gap',
    observer: 'database',
    subject: 'pg-west-b',
    fromMs: t0Ms + 29_800,
    toMs: t0Ms + 31_000,
    reason: 'instrument: no sample was taken',
  })
  at(firstArrivalMs - 20, { kind: 'load.started', ratePerSecond: 200, firstArrivalMs })
  at(lastArrivalMs + 2100, { kind: 'load.ended', exitCode: 0, iterations: 14_000, dropped: 0 })
  at(lastArrivalMs + 4000, { kind: 'trial.closed', reason: 'completed' })
  return timed
}

const observers = [
  ['harness', 'event loop', 20],
  ['dcs', 'etcd-witness', 40],
  ...databases.map((node) => ['database', node, 50] as const),
  ['router', 'router-1', 50],
  ['router', 'router-2', 50],
  ['beacon', 'east', 100],
] as const

function instruments(): { atMs: number; body: EventBody }[] {
  return [
    ...observers.map(([observer, subject, intervalMs]) => ({
      atMs: 400,
      body: { kind: 'observer.started', observer, subject, intervalMs } as const,
    })),
    ...observers.map(([observer, subject, intervalMs]) => ({
      atMs: lastArrivalMs + 3500,
      body: {
        kind: 'observer.summary',
        observer,
        subject,
        samples: Math.floor(70_000 / intervalMs),
        p50Ms: intervalMs,
        p95Ms: intervalMs * 1.04,
        maxMs: intervalMs * 1.3,
      } as const,
    })),
    { atMs: 450, body: { kind: 'load.clock', offsetMs: 0.3, roundTripMs: 0.8, stepMs: 0 } },
    { atMs: lastArrivalMs + 2000, body: { kind: 'load.clock', offsetMs: 0.3, roundTripMs: 0.7, stepMs: 0 } },
  ]
}

/** Every database holds every acked write, and nothing else. */
function audits(
  served: readonly { body: Omit<EventOf<'request'>, 'seq' | 'atMs'> }[],
): { atMs: number; body: EventBody }[] {
  const stored = served.filter(({ body }) => body.op === 'write' && body.outcome === 'acked').map(({ body }) => body.n)
  return databases.map((node) => ({
    atMs: lastArrivalMs + 3000,
    body: {
      kind: 'audit.read',
      node,
      rows: stored.length,
      writes: stored.join(','),
      duplicated: [],
      unexpected: [],
      invariants: [{ name: 'no money is made', holds: true, detail: 'the sum is 0' }],
    } as const,
  }))
}

function requests(ratePerSecond: number): { atMs: number; body: Omit<EventOf<'request'>, 'seq' | 'atMs'> }[] {
  return Array.from({ length: Math.floor(((lastArrivalMs - firstArrivalMs) / 1000) * ratePerSecond) }, (_, n) => {
    const body = oneRequest(n, firstArrivalMs + (n * 1000) / ratePerSecond)
    return { atMs: body.endedMs + 3, body }
  })
}

function oneRequest(n: number, scheduledMs: number): Omit<EventOf<'request'>, 'seq' | 'atMs'> {
  const op = n % 5 < 2 ? 'write' : 'read'
  const base = { kind: 'request', n, op, scheduledMs, startedMs: scheduledMs + 0.4 } as const
  const sinceFaultMs = scheduledMs - t0Ms
  const during = sinceFaultMs > 15 && scheduledMs < recoveredMs
  if (during && op === 'write') {
    // Requests that come late in the outage wait it out; early ones are refused once the router knows.
    if (recoveredMs - scheduledMs < 1900)
      return {
        ...base,
        endedMs: recoveredMs + 30 + noise(n) * 60,
        outcome: 'acked',
        status: 200,
        node: 'app-west-a',
        region: 'west',
        database: 'pg-west-a',
      }
    return sinceFaultMs < 900 || noise(n) < 0.25
      ? { ...base, endedMs: scheduledMs + 2000, outcome: 'unknown', status: 0, error: 'request timeout' }
      : { ...base, endedMs: scheduledMs + 1100 + noise(n) * 40, outcome: 'rejected', status: 503, error: 'no server' }
  }
  if (during && sinceFaultMs < 700 && noise(n) < 0.5)
    return { ...base, endedMs: scheduledMs + 2000, outcome: 'unknown', status: 0, error: 'request timeout' }
  const region = during || n % 2 === 0 ? 'west' : 'east'
  const usualMs =
    op === 'write' ? 38 + noise(n) * 22 + noise(n + 7) ** 12 * 180 : 3 + noise(n) * 5 + noise(n + 3) ** 10 * 40
  return {
    ...base,
    endedMs: scheduledMs + usualMs,
    outcome: 'acked',
    status: 200,
    node: `app-${region}-a`,
    region,
    database: scheduledMs < t0Ms ? 'pg-east-a' : 'pg-west-a',
  }
}
