/**
 * What a judge would say of the trial in `fixture-journal.ts`, written by hand so that these tests do not lean on it.
 */
import { type Phase, phaseNames, type Verdict } from '../../../chaos/judge/verdict.ts'
import { healedMs, recoveredMs, t0Ms } from './fixture-journal.ts'

const edges = [0, 19_650, 20_080, 21_690, 22_210, 22_412].map((ms) => t0Ms + ms)
const observers = [
  'dcs watch at etcd-witness',
  'dcs watch at etcd-witness',
  'database probe at pg-west-a',
  'router probe at router-1 and router-2',
  'client stream',
]
const uncertaintiesMs = [20, 20, 150, 100, 5]
const predictions: [number, number, string][] = [
  [19_000, 20_000, 'patroni.ttl'],
  [0, 2000, 'patroni.loop_wait'],
  [300, 3000, 'patroni.loop_wait'],
  [500, 1500, 'haproxy.inter'],
  [0, 1500, 'haproxy.timeout-server'],
]

function phases(): Phase[] {
  return phaseNames.map((name, index) => {
    const [fromMs, toMs] = [edges[index] ?? 0, edges[index + 1] ?? 0]
    const [lowMs, highMs, dominatedBy] = predictions[index] ?? [0, 0, '']
    return {
      name,
      fromMs,
      toMs,
      lengthMs: toMs - fromMs,
      observer: observers[index] ?? '',
      uncertaintyMs: uncertaintiesMs[index] ?? null,
      predicted: { lowMs, highMs, dominatedBy },
    }
  })
}

const checks: Verdict['validity'] = [
  { name: 'journal-complete', holds: true, detail: 'closed as completed' },
  { name: 'load-reached-rate', holds: true, detail: '200.0 requests/s in the 5 s before T0, asked for 200' },
  { name: 'no-dropped-arrivals', holds: true, detail: '0 of 14000 arrivals dropped' },
  { name: 'replication-caught-up', holds: true, detail: '3 of 3 standbys streaming, largest lag 0 bytes' },
  { name: 'host-had-room', holds: true, detail: 'idle for 52 % of its time before the fault' },
  { name: 'harness-not-starved', holds: true, detail: 'event loop late by 11 ms at most' },
  { name: 'clocks-agree', holds: true, detail: 'offset 0.3 ms, no step' },
  { name: 'observers-without-gaps', holds: true, detail: 'longest unexplained pause 1.2 s, after recovery' },
  { name: 'fault-proved', holds: true, detail: '240 ms after the request' },
  { name: 'heal-proved', holds: true, detail: '700 ms after the request' },
  { name: 'every-database-read', holds: true, detail: '4 of 4 read in full' },
  { name: 'instruments-worked', holds: true, detail: 'none failed' },
]

export function missedVerdict(change: Partial<Verdict> = {}): Verdict {
  return {
    schemaVersion: 1,
    trialId: 't-20261103-100200',
    scenario: 'region-kill',
    startedAt: '2026-11-03T10:02:00.000Z',
    title: 'Region east, with the primary database, is killed while clients transfer money',
    verdict: 'missed',
    summary: 'Clients were served again 22.412 s after the fault; the objective allows 3 s.',
    validity: checks,
    objectives: [
      {
        name: 'recover-within',
        promise: 'clients are served again within 3 s of the fault',
        limit: 3000,
        actual: 22_412,
        verdict: 'missed',
        message: 'First good window starts at +22.412 s; 19.65 s of it passed until the lease of pg-east-a ran out.',
      },
      {
        name: 'lost-writes',
        promise: 'no acknowledged write is lost',
        limit: 0,
        actual: 0,
        verdict: 'met',
        message: '3902 acked writes are on all four databases.',
      },
      {
        name: 'one-primary',
        promise: 'never two databases accept writes at once',
        limit: true,
        actual: true,
        verdict: 'met',
        message: 'Last commit on pg-east-a at −0.045 s, first on pg-west-a at +21.680 s.',
      },
      {
        name: 'failed-requests',
        promise: 'no request fails',
        limit: 0,
        actual: 1698,
        verdict: 'missed',
        message: '1698 of 12000 requests after the fault failed, the first at +0.020 s.',
      },
      {
        name: 'slowest-request',
        promise: 'the slowest successful request takes at most 2 s',
        limit: 2000,
        actual: 1958,
        verdict: 'met',
        message: 'Arrival 6105, scheduled at +20.525 s.',
      },
    ],
    outcome: 'recovered',
    recoveredInMs: 22_412,
    recoveryResolutionMs: 5,
    censoredAtMs: null,
    timeToFirstSuccessMs: 22_410,
    failingMs: 20_480,
    slowestRequestMs: 1958,
    requests: 12_000,
    failedRequests: 1698,
    strayFailures: 0,
    droppedArrivals: 0,
    blastRadius: { west: { requests: 2702, failed: 1240 }, none: { requests: 458, failed: 458 } },
    ackedWrites: 3902,
    rejectedWrites: 1240,
    unknownWrites: 458,
    lostWrites: 0,
    lostWriteSamples: [],
    lostSpanMs: null,
    unknownStoredWrites: 12,
    resurrectedWrites: 0,
    duplicatedWrites: 0,
    divergentWrites: 0,
    invariantsHold: true,
    dualWritableMs: 0,
    dualWritable: [],
    writes: 4800,
    failedWrites: 1240,
    writeP99Ms: null,
    primaryKept: false,
    takeOvers: [
      { node: 'pg-west-a', atMs: t0Ms + 20_080, how: 'took the leader key', observer: 'dcs watch at etcd-witness' },
      { node: 'pg-west-a', atMs: t0Ms + 21_680, how: 'committed writes', observer: 'database probe of pg-west-a' },
    ],
    phasesFromMs: t0Ms,
    phasesMs: { detect: 19_650, elect: 430, promote: 1610, route: 520, settle: 202 },
    phases: phases(),
    moments: {
      requestedMs: t0Ms,
      effectiveMs: t0Ms + 240,
      firstFailureMs: t0Ms + 20,
      detectedMs: edges[1] ?? null,
      electedMs: edges[2] ?? null,
      promotedMs: edges[3] ?? null,
      routedMs: edges[4] ?? null,
      recoveredMs,
      healedMs,
      redundantMs: t0Ms + 48_300,
    },
    faults: [
      {
        faultId: 'f1',
        kind: 'kill',
        target: 'region east',
        requestedMs: t0Ms,
        effectiveMs: t0Ms + 240,
        spreadMs: 4,
        healRequestedMs: healedMs - 700,
        healedMs,
        doesNotModel: ['power loss: the page cache of the host survives', 'the loss of disks'],
      },
    ],
    observers: [
      {
        observer: 'dcs',
        subject: 'etcd-witness',
        samples: 77,
        p50Ms: 1000,
        p95Ms: 1004,
        maxMs: 1011,
        unexplainedGaps: 0,
      },
      {
        observer: 'database',
        subject: 'pg-east-a',
        samples: 320,
        p50Ms: 100,
        p95Ms: 108,
        maxMs: 131,
        unexplainedGaps: 0,
      },
      {
        observer: 'database',
        subject: 'pg-west-b',
        samples: 728,
        p50Ms: 100,
        p95Ms: 104,
        maxMs: 1200,
        unexplainedGaps: 1,
      },
      { observer: 'router', subject: 'router-1', samples: 764, p50Ms: 100, p95Ms: 103, maxMs: 118, unexplainedGaps: 0 },
      { observer: 'beacon', subject: 'east', samples: 3060, p50Ms: 100, p95Ms: 101, maxMs: 109, unexplainedGaps: 0 },
    ],
    ...change,
  }
}

/** A trial in which nothing at all could be measured: the fault was never proved and the load never ran. */
export function emptyVerdict(change: Partial<Verdict> = {}): Verdict {
  return missedVerdict({
    verdict: 'inconclusive',
    summary: 'The fault was never proved.',
    outcome: null,
    recoveredInMs: null,
    timeToFirstSuccessMs: null,
    failingMs: null,
    slowestRequestMs: null,
    requests: null,
    failedRequests: null,
    droppedArrivals: null,
    blastRadius: {},
    ackedWrites: null,
    rejectedWrites: null,
    unknownWrites: null,
    lostWrites: null,
    unknownStoredWrites: null,
    resurrectedWrites: null,
    duplicatedWrites: null,
    divergentWrites: null,
    invariantsHold: null,
    dualWritableMs: null,
    writes: null,
    failedWrites: null,
    writeP99Ms: null,
    primaryKept: null,
    takeOvers: [],
    phasesMs: { detect: null, elect: null, promote: null, route: null, settle: null },
    phases: phases().map((phase) => ({
      ...phase,
      fromMs: null,
      toMs: null,
      lengthMs: null,
      uncertaintyMs: null,
      flag: 'unobserved',
      predicted: null,
    })),
    moments: {
      requestedMs: null,
      effectiveMs: null,
      firstFailureMs: null,
      detectedMs: null,
      electedMs: null,
      promotedMs: null,
      routedMs: null,
      recoveredMs: null,
      healedMs: null,
      redundantMs: null,
    },
    objectives: missedVerdict().objectives.map((objective) => ({
      ...objective,
      actual: null,
      verdict: 'inconclusive',
      message: 'not measured',
    })),
    validity: checks.map((check) =>
      check.name === 'fault-proved'
        ? { ...check, holds: false, detail: 'edge east → west still answers after 5 s' }
        : check,
    ),
    faults: [],
    observers: [],
    ...change,
  })
}
