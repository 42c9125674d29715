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
import { dualWritableMs, overlapsOf, spellsOf } from './databases.ts'
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

/** The limit of stalled time where the scenario names none. */
const stalledOverMs = 1000

export function secondJudge(journal: RecordedJournal): Opinion {
  const requests = [...journal.requests].sort((a, b) => a.scheduledMs - b.scheduledMs || a.n - b.n)
  const load = loadOf(journal, requests)
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
    firstSuccessMs: firstSuccessMs(population),
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
    stalledMs: stalledMs(population, load, (window as { stalledOverMs?: number }).stalledOverMs ?? stalledOverMs),
  }
}
