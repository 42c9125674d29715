/**
 * Writes a large journal in the shape of a real trial's, for `bench/judge.ts`: a region is lost in the middle of a long,
 * steady load. It has all that a trial of `region-kill` records beside its requests: observers, gaps, the host and the
 * load's clock in every second, links that fail, and audits of four databases that hold every other arrival (a list of
 * single numbers, "1,3,5,…", since reads are in between).
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { type EventBody, schemaVersion } from '../chaos/journal/schema.ts'

const ratePerSecond = 500
const firstArrivalMs = 1000
const outageMs = 22_000
const healAfterMs = 40_000
const databases = ['pg-east-a', 'pg-east-b', 'pg-west-a', 'pg-west-b']
const members = ['etcd-east', 'etcd-west', 'etcd-witness']
const routers = ['haproxy-east', 'haproxy-west', 'router-1', 'router-2']
const beacons = ['beacon-east', 'beacon-west', 'beacon-witness', 'beacon-edge']
const apps = ['app-east-a', 'app-east-b', 'app-west-a', 'app-west-b']
const eastern = [...databases, ...members, ...routers, ...beacons, ...apps].filter((name) => name.includes('east'))
/** Round trips that the loss of east silences. */
const silenced = [
  ['east', 'west'],
  ['west', 'east'],
  ['edge', 'east'],
] as const
const watched = [
  { observer: 'harness', subject: 'event loop' } as const,
  ...databases.map((node) => ({ observer: 'database', subject: `${node} write` }) as const),
  ...databases.map((node) => ({ observer: 'database', subject: `${node} role` }) as const),
  ...members.map((subject) => ({ observer: 'dcs', subject }) as const),
  ...routers.map((subject) => ({ observer: 'router', subject }) as const),
  ...beacons.map((subject) => ({ observer: 'beacon', subject }) as const),
]

export function writeLargeJournal(path: string, requests: number): void {
  const fd = openSync(path, 'wx')
  const steadyMs = (requests / 2 / ratePerSecond) * 1000
  const t0Ms = firstArrivalMs + steadyMs
  const endMs = t0Ms + steadyMs
  let seq = 0
  let pending = ''
  const put = (atMs: number, body: EventBody): void => {
    pending += `${JSON.stringify({ seq: seq++, atMs, ...body })}\n`
    if (pending.length < 1 << 20) return
    writeSync(fd, pending)
    pending = ''
  }
  start(put, steadyMs)
  for (let n = 0; n < requests; n++) {
    const scheduledMs = firstArrivalMs + (n * 1000) / ratePerSecond
    if (n % ratePerSecond === 0) second(put, scheduledMs, t0Ms)
    if (n === requests / 2) lose(put, t0Ms)
    if (scheduledMs === t0Ms + 20_000) elect(put, scheduledMs)
    if (scheduledMs === t0Ms + healAfterMs) heal(put, scheduledMs)
    put(...request(n, scheduledMs, t0Ms))
  }
  put(endMs + 200, { kind: 'load.ended', exitCode: 0, iterations: requests, dropped: 0 })
  // Writes of the outage are unknown, and stored nowhere.
  const stored = Array.from({ length: requests / 2 }, (_, i) => 2 * i + 1).filter((n) => !isHit(n, t0Ms))
  for (const node of databases) put(endMs + 2000, audit(node, stored))
  for (const one of watched)
    put(endMs + 2100, { kind: 'observer.summary', ...one, samples: 20_000, p50Ms: 10, p95Ms: 12, maxMs: 60 })
  put(endMs + 2200, { kind: 'trial.closed', reason: 'completed' })
  writeSync(fd, pending)
  closeSync(fd)
}

type Put = (atMs: number, body: EventBody) => void

function scheduled(n: number): number {
  return firstArrivalMs + (n * 1000) / ratePerSecond
}

/** Every second write fails while the region is gone. */
function isHit(n: number, t0Ms: number): boolean {
  return n % 4 === 1 && scheduled(n) >= t0Ms && scheduled(n) < t0Ms + outageMs
}

function request(n: number, scheduledMs: number, t0Ms: number): [number, EventBody] {
  const hit = isHit(n, t0Ms)
  // k6's clock has whole milliseconds, and the journal's whole microseconds.
  const endedMs = scheduledMs + (hit ? 1500 : 8 + ((n * 7919) % 13))
  const region = scheduledMs >= t0Ms || n % 3 ? 'west' : 'east'
  return [
    Math.round((endedMs + 0.3 + (n % 97) / 1000) * 1000) / 1000,
    {
      kind: 'request',
      n,
      op: n % 2 === 1 ? 'write' : 'read',
      scheduledMs,
      startedMs: scheduledMs,
      endedMs,
      outcome: hit ? 'unknown' : 'acked',
      status: hit ? 0 : n % 2 === 1 ? 201 : 200,
      ...(hit
        ? { error: 'timeout' }
        : {
            node: `app-${region}-${n % 5 ? 'a' : 'b'}`,
            region,
            database: scheduledMs >= t0Ms ? 'pg-west-a' : 'pg-east-a',
          }),
    },
  ]
}

function audit(node: string, stored: readonly number[]): EventBody {
  return {
    kind: 'audit.read',
    node,
    rows: stored.length,
    writes: stored.join(','),
    duplicated: [],
    unexpected: [],
    invariants: [
      { name: 'the sum over all accounts never changes', holds: true, detail: 'sum 1000, opened with 1000' },
      { name: 'every account equals its opening plus its transfers', holds: true, detail: '0 accounts differ' },
    ],
    systemIdentifier: '7713000894042366003',
  }
}

function start(put: Put, steadyMs: number): void {
  put(0, opened(steadyMs))
  for (const one of watched) put(10, { kind: 'observer.started', ...one, intervalMs: 100 })
  put(20, { kind: 'dcs.leader', member: 'etcd-witness', leader: 'pg-east-a', revision: 100, uncertaintyMs: 10 })
  put(30, {
    kind: 'database.writable',
    node: 'pg-east-a',
    accepting: true,
    timeline: 1,
    commitMs: 30,
    uncertaintyMs: 30,
  })
  put(40, {
    kind: 'database.replication',
    primary: 'pg-east-a',
    standbys: databases.slice(1).map((node) => ({ node, state: 'streaming', sync: 'quorum', lagBytes: 0 })),
  })
  for (const router of routers) put(50, { kind: 'router.reachable', router, reachable: true, uncertaintyMs: 50 })
  put(firstArrivalMs, { kind: 'load.started', ratePerSecond, firstArrivalMs })
}

function second(put: Put, atMs: number, t0Ms: number): void {
  put(atMs, { kind: 'host.sampled', fromMs: atMs - 1000, idleShare: 0.5 + (atMs % 7) / 100, workMs: 0.733726000005845 })
  put(atMs, { kind: 'load.clock', offsetMs: 0.3, roundTripMs: 1.386, stepMs: 0.1, by: 'beacon-west' })
  if (Math.floor(atMs / 1000) % 10 === 0)
    put(atMs, {
      kind: 'observer.gap',
      observer: 'database',
      subject: 'pg-west-b role',
      fromMs: atMs - 331,
      toMs: atMs,
      reason: atMs < t0Ms ? 'harness: late' : 'subject: slow to answer',
    })
}

function lose(put: Put, t0Ms: number): void {
  const nodes = eastern
  put(t0Ms, {
    kind: 'fault.requested',
    faultId: 'f1',
    fault: 'kill',
    target: { scope: 'region', name: 'east' },
    nodes,
    links: [],
    expectGone: { nodes, edges: [] },
    doesNotModel: [],
  })
  put(t0Ms + 12, {
    kind: 'fault.acted',
    faultId: 'f1',
    acts: nodes.length,
    firstActMs: t0Ms + 4,
    lastActMs: t0Ms + 5,
    spreadMs: 1,
  })
  put(t0Ms + 80, {
    kind: 'database.writable',
    node: 'pg-east-a',
    accepting: false,
    timeline: 1,
    commitMs: t0Ms - 20,
    uncertaintyMs: 90,
    reason: 'ECONNREFUSED',
  })
  put(t0Ms + 90, { kind: 'router.reachable', router: 'haproxy-east', reachable: false, uncertaintyMs: 50 })
  put(t0Ms + 150, { kind: 'fault.proved', faultId: 'f1', evidence: [`refuse connections: ${nodes.join(', ')}`] })
  for (const [from, to] of silenced) {
    const edge = { from, to, up: false, lastAnswerMs: t0Ms - 30, rttMs: null, uncertaintyMs: 90 }
    put(t0Ms + 160, { kind: 'beacon.edge', connection: 'existing', ...edge })
    put(t0Ms + 170, { kind: 'beacon.edge', connection: 'fresh', ...edge })
  }
}

function elect(put: Put, atMs: number): void {
  put(atMs, { kind: 'dcs.leader', member: 'etcd-witness', leader: 'pg-west-a', revision: 200, uncertaintyMs: 9 })
  put(atMs, {
    kind: 'database.writable',
    node: 'pg-west-a',
    accepting: true,
    timeline: 2,
    commitMs: atMs - 1,
    uncertaintyMs: 90,
  })
}

function heal(put: Put, atMs: number): void {
  put(atMs, { kind: 'heal.requested', faultId: 'f1' })
  put(atMs, { kind: 'fault.lasted', faultId: 'f1', watched: eastern, looks: 40, lastMs: atMs - 400 })
  put(atMs, { kind: 'heal.acted', faultId: 'f1', tookMs: 200 })
  for (const [from, to] of silenced) {
    const edge = { from, to, up: true, lastAnswerMs: atMs, rttMs: 31, uncertaintyMs: 90 }
    put(atMs, { kind: 'beacon.edge', connection: 'existing', ...edge })
    put(atMs, { kind: 'beacon.edge', connection: 'fresh', ...edge })
  }
  put(atMs, { kind: 'router.reachable', router: 'haproxy-east', reachable: true, uncertaintyMs: 50 })
  put(atMs, { kind: 'heal.proved', faultId: 'f1', evidence: ['still answer: 32 nodes'] })
  put(atMs, { kind: 'redundant', primary: 'pg-west-a', standbys: ['pg-east-a', 'pg-east-b', 'pg-west-b'] })
}

function opened(steadyMs: number): EventBody {
  const node = (role: 'database' | 'dcs' | 'router' | 'beacon' | 'app') => (name: string) => ({
    name,
    role,
    site: name.split('-')[1] ?? '',
    ports: {},
    attributes: role === 'database' ? { 'audit.invariants': 'select …' } : {},
  })
  return {
    kind: 'trial.opened',
    schemaVersion,
    trialId: 'bench',
    seed: 1,
    versions: {},
    systemIdentifier: '7713000894042366003',
    wallStartMs: 0,
    host: { cores: 2, memoryBytes: 0, kernel: '', platform: '', engine: '' },
    harness: { version: '', commit: '', node: '' },
    topology: {
      world: 'bench',
      sites: [
        { name: 'east', kind: 'region' },
        { name: 'west', kind: 'region' },
        { name: 'witness', kind: 'witness' },
        { name: 'edge', kind: 'edge' },
      ],
      links: [],
      timeouts: {},
      nodes: [
        ...databases.map(node('database')),
        ...members.map(node('dcs')),
        ...routers.map(node('router')),
        ...beacons.map(node('beacon')),
        ...apps.map(node('app')),
      ],
    },
    scenario: {
      name: 'bench',
      title: 'bench',
      tags: [],
      load: { ratePerSecond, writeShare: 0.5, timeoutMs: 10_000, maxVirtualUsers: 1000 },
      steadyMs,
      observeMs: steadyMs,
      faults: [
        { kind: 'kill', target: { scope: 'region', name: 'east' }, atMs: 0, forMs: healAfterMs, resolve: 'start' },
      ],
      objectives: {
        recoverWithinMs: 30_000,
        lostWrites: 0,
        onePrimary: true,
        window: { successShare: 0.99, p99Ms: 1000, stalledOverMs: 1000 },
      },
    },
  }
}
