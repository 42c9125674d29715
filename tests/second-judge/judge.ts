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
import { dualWritableMs, isDiverged, overlapsOf, spellsOf } from './databases.ts'
import { doubtsOf } from './doubts.ts'
import type { Interval } from './intervals.ts'
import { type Moments, momentsOf } from './moments.ts'
import { type Recovery, recoveryOf } from './recovery.ts'
import { counts, type Storage, storageOf } from './storage.ts'

export interface Opinion {
  t0Ms: number | null
  clients: Clients | null
  ackedWrites: number
  rejectedWrites: number
  unknownWrites: number
  storage: Storage | null
  dualWritableMs: number | null
  diverged: boolean
  overlaps: Interval[]
  moments: Moments | null
  doubts: string[]
}

export interface Clients {
  recovery: Recovery
  requests: number
  failedRequests: number
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
  const aheadMs = clockAheadMs(journal)
  const load = aheadMs === null ? null : loadOf(journal, requests.map(putRight(aheadMs)))
  const storage = storageOf(journal, requests)
  const { acked, rejected, unknown } = counts(requests)
  return {
    t0Ms: load?.t0Ms ?? null,
    clients: load === null ? null : clientsOf(load, journal),
    ackedWrites: acked,
    rejectedWrites: rejected,
    unknownWrites: unknown,
    storage,
    dualWritableMs: dualWritableMs(journal),
    diverged: isDiverged(journal),
    overlaps: overlapsOf(spellsOf(journal)),
    moments: load === null ? null : momentsOf(journal, load.t0Ms),
    doubts: doubtsOf(journal, requests, storage),
  }
}

/** Null without a fault or without a load: then there is nothing to count. */
function loadOf(journal: RecordedJournal, requests: readonly RequestEvent[]): Load | null {
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

function clientsOf(load: Load, journal: RecordedJournal): Clients {
  const population = populationOf(load)
  const writes = population.filter(({ op }) => op === 'write')
  const { window } = journal.opened.scenario.objectives
  return {
    recovery: recoveryOf(load, population, window),
    requests: population.length,
    failedRequests: population.filter(failed).length,
    failingMs: failingMs(population, load),
    slowestRequestMs: slowestMs(population),
    firstSuccessMs: firstSuccessMs(load),
    writes: writes.length,
    failedWrites: writes.filter(failed).length,
    writeP99Ms: writeP99Ms(population),
    blastRadius: blastRadius(population),
    writeGap: gapOf(load, 'write'),
    readGap: gapOf(load, 'read'),
    gapsByRegion: Object.fromEntries(
      answeringRegions(load).map((region) => [
        region,
        { write: gapOf(load, 'write', region), read: gapOf(load, 'read', region) },
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
 * the millisecond in which either clock is read; 0 if none of them rules that out. Null if they contradict each other:
 * then there is no one answer.
 */
function clockAheadMs(journal: RecordedJournal): number | null {
  const compared = journal.of('load.clock').flatMap(({ offsetMs, roundTripMs }) => {
    // Older versions wrote 0 and 0 when nobody could be asked.
    return offsetMs === null || roundTripMs === null || roundTripMs <= 0 ? [] : [{ offsetMs, roundTripMs }]
  })
  if (compared.length === 0) return 0
  const leastMs = Math.max(...compared.map(({ offsetMs, roundTripMs }) => offsetMs - roundTripMs / 2)) - 1
  const mostMs = Math.min(...compared.map(({ offsetMs, roundTripMs }) => offsetMs + roundTripMs / 2)) + 1
  if (leastMs > mostMs) return null
  return leastMs <= 0 && mostMs >= 0 ? 0 : (leastMs + mostMs) / 2
}

function putRight(aheadMs: number): (request: RequestEvent) => RequestEvent {
  return (request) => ({
    ...request,
    scheduledMs: request.scheduledMs - aheadMs,
    startedMs: request.startedMs - aheadMs,
    endedMs: request.endedMs - aheadMs,
  })
}
