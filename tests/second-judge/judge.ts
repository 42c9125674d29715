/**
 * A second judge of a journal. It is naive on purpose: every figure is counted from the words of the definition, each
 * time from the start, however long that takes. It shares no code with the first judge but the journal's reader, so
 * that a slip in one of them shows (agree.test.ts).
 */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import {
  answeringRegions,
  blastRadius,
  failed,
  failingMs,
  firstSuccessMs,
  type Gap,
  gapOf,
  type Load,
  populationOf,
  slowestMs,
  stalledMs,
  writeP99Ms,
} from './clients.ts'
import { dualWritableMs, isDiverged, provedByClients, spellsOf } from './databases.ts'
import { clockLimitMs, doubtsOf } from './doubts.ts'
import { type Elections, electionsOf } from './elections.ts'
import { type Moments, momentsOf } from './moments.ts'
import { phasesFromMs } from './phases.ts'
import { type Reads, readsOf } from './reads.ts'
import { type Recovery, recoveryOf } from './recovery.ts'
import { countedUntilMs, stoppedMs } from './stopped.ts'
import { counts, type Storage, storageOf } from './storage.ts'
import { type Tenure, tenureOf } from './tenure.ts'

export interface Opinion {
  t0Ms: number | null
  /** When the last fault was asked to heal; null where one was not. */
  lastHealMs: number | null
  clients: Clients | null
  ackedWrites: number
  rejectedWrites: number
  unknownWrites: number
  storage: Storage | null
  dualWritableMs: number | null
  reads: Reads | null
  tenure: Tenure | null
  elections: Elections | null
  wasStopped: boolean
  /** Spans in which clients were told of a second primary. */
  byClients: number
  diverged: boolean
  moments: Moments | null
  phasesFromMs: number | null
  doubts: string[]
}

export interface Clients {
  recovery: Recovery
  requests: number
  failedRequests: number
  reads: number
  failedReads: number
  failingMs: number
  slowestRequestMs: number | null
  /** The moment, on the trial's clock. */
  firstSuccessMs: number | null
  writes: number
  failedWrites: number
  writeP99Ms: number | null
  blastRadius: Record<string, { requests: number; failed: number }>
  writeGap: Gap | null
  readGap: Gap | null
  gapsByRegion: Record<string, { write: Gap | null; read: Gap | null }>
  stalledMs: number
}

export function secondJudge(journal: RecordedJournal): Opinion {
  const requests = [...journal.requests].sort((a, b) => a.scheduledMs - b.scheduledMs || a.n - b.n)
  const { aheadMs, exact } = clockAheadMs(journal)
  const right = aheadMs === null ? null : requests.map(putRight(aheadMs))
  const comparable = exact ? (right ?? []) : []
  const load = right === null ? null : loadOf(journal, right)
  const storage = storageOf(journal, requests)
  const { acked, rejected, unknown } = counts(requests)
  return {
    t0Ms: load?.t0Ms ?? null,
    lastHealMs: lastHealMs(journal),
    clients: load === null || right === null ? null : clientsOf(load, journal, right),
    ackedWrites: acked,
    rejectedWrites: rejected,
    unknownWrites: unknown,
    storage,
    dualWritableMs: dualWritableMs(journal, comparable),
    reads: load === null || right === null ? null : readsOf(right, populationOf(load)),
    tenure: load === null ? null : tenureOf(journal, load.t0Ms),
    elections: load === null ? null : electionsOf(journal, load.t0Ms),
    byClients: provedByClients(spellsOf(journal), comparable).length,
    wasStopped: stoppedMs(journal) !== Infinity,
    diverged: isDiverged(journal),
    moments: load === null ? null : momentsOf(journal, load.t0Ms),
    phasesFromMs: load === null ? null : phasesFromMs(journal, load.t0Ms),
    doubts: doubtsOf(journal, requests, storage),
  }
}

function lastHealMs(journal: RecordedJournal): number | null {
  const heals = journal.of('heal.requested')
  const isAsked = journal.of('fault.requested').every(({ faultId }) => heals.some((heal) => heal.faultId === faultId))
  return isAsked && heals.length > 0 ? Math.max(...heals.map(({ atMs }) => atMs)) : null
}

/** Null without a fault or without a load: then there is nothing to count. */
function loadOf(journal: RecordedJournal, all: readonly RequestEvent[]): Load | null {
  const requests = all.filter(({ scheduledMs }) => scheduledMs < countedUntilMs(journal))
  const faults = journal.of('fault.requested')
  const [started] = journal.of('load.started')
  if (faults.length === 0 || started === undefined || requests.length === 0) return null
  const slotMs = 1000 / started.ratePerSecond
  return {
    t0Ms: Math.min(...faults.map(({ atMs }) => atMs)),
    slotMs,
    firstArrivalMs: requests[0]?.scheduledMs ?? 0,
    endMs: (requests.at(-1)?.scheduledMs ?? 0) + slotMs,
    requests,
  }
}

function clientsOf(load: Load, journal: RecordedJournal, recorded: readonly RequestEvent[]): Clients {
  // Each acknowledgement ends a gap, also those that do not count for the outage.
  const whole = { ...load, requests: recorded, endMs: (recorded.at(-1)?.scheduledMs ?? 0) + load.slotMs }
  const population = populationOf(load)
  const writes = population.filter(({ op }) => op === 'write')
  const { window } = journal.opened.scenario.objectives
  return {
    recovery: recoveryOf(load, population, window),
    requests: population.length,
    failedRequests: population.filter(failed).length,
    reads: population.filter(({ op }) => op === 'read').length,
    failedReads: population.filter(({ op }) => op === 'read').filter(failed).length,
    failingMs: failingMs(population, load),
    slowestRequestMs: slowestMs(population),
    firstSuccessMs: firstSuccessMs(load),
    writes: writes.length,
    failedWrites: writes.filter(failed).length,
    writeP99Ms: writeP99Ms(population),
    blastRadius: blastRadius(population),
    writeGap: gapOf(whole, 'write'),
    readGap: gapOf(whole, 'read'),
    gapsByRegion: Object.fromEntries(
      answeringRegions(whole).map((region) => [
        region,
        { write: gapOf(whole, 'write', region), read: gapOf(whole, 'read', region) },
      ]),
    ),
    stalledMs: stalledMs(population, load, stalledOverMs(window)),
  }
}

function stalledOverMs(window: object): number {
  return 'stalledOverMs' in window ? Number(window.stalledOverMs) : 1000
}

/**
 * How far the clock of the load generator was ahead of ours. Each comparison is exact to half of its round trip, and to
 * the millisecond in which either clock is read; 0 if none of them rules that out. Null if they contradict each other by
 * more than times may be wrong by: then there is no one answer. `exact`: they do not contradict each other at all, so it
 * is known which of two clocks' moments came first.
 */
function clockAheadMs(journal: RecordedJournal): { aheadMs: number | null; exact: boolean } {
  const compared = journal.of('load.clock').flatMap(({ offsetMs, roundTripMs }) => {
    // Older versions wrote 0 and 0 when nobody could be asked.
    return offsetMs === null || roundTripMs === null || roundTripMs <= 0 ? [] : [{ offsetMs, roundTripMs }]
  })
  if (compared.length === 0) return { aheadMs: 0, exact: true }
  const leastMs = Math.max(...compared.map(({ offsetMs, roundTripMs }) => offsetMs - roundTripMs / 2)) - 1
  const mostMs = Math.min(...compared.map(({ offsetMs, roundTripMs }) => offsetMs + roundTripMs / 2)) + 1
  const exact = leastMs <= mostMs
  const movedMs = leastMs - mostMs + 2
  if (movedMs > clockLimitMs) return { aheadMs: null, exact }
  return { aheadMs: leastMs <= 0 && mostMs >= 0 ? 0 : (leastMs + mostMs) / 2, exact }
}

function putRight(aheadMs: number): (request: RequestEvent) => RequestEvent {
  return (request) => ({
    ...request,
    scheduledMs: request.scheduledMs - aheadMs,
    startedMs: request.startedMs - aheadMs,
    endedMs: request.endedMs - aheadMs,
  })
}
