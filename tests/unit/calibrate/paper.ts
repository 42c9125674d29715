/** A lane as a perfect instrument would record it: each client of the schedule meets the stub as it is at that moment. */

import type { Lane } from '../../../chaos/calibrate/lane.ts'
import { type LanePlan, streamMs } from '../../../chaos/calibrate/plan.ts'
import type { TrueOutage } from '../../../chaos/calibrate/truth.ts'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import { type JournalEvent, schemaVersion } from '../../../chaos/journal/schema.ts'
import { scenarioSchema } from '../../../chaos/scenarios/schema.ts'

const wallStartMs = 1_764_000_000_000
const timeoutMs = 600

export interface PaperOptions {
  /** What the instrument makes of a request; null where it loses it. */
  instrument?: (request: RequestEvent) => RequestEvent | null
  host?: Lane['host']
  idleShare?: number
  dropped?: number
  /** How long a stop takes to close its connections. */
  closingMs?: number
}

export function paperLane(plan: LanePlan, options: PaperOptions = {}): Lane {
  const { instrument = (request) => request, host = 'idle', idleShare = 0.6, dropped = 0, closingMs = 0 } = options
  const { ratePerSecond } = plan
  const outages = plan.outages.map(({ kind, atMs, forMs }) => ({
    kind,
    fromMs: atMs,
    actedMs: atMs + (kind === 'stop' ? closingMs : 0),
    toMs: atMs + forMs,
  }))
  const failures = new Map(outages.map((outage) => [outage, 0]))
  const given = { served: 0, refused: 0 }
  const requests = Array.from({ length: Math.floor((streamMs(plan) * ratePerSecond) / 1000) }, (_, n) => {
    const scheduledMs = (n * 1000) / ratePerSecond
    const outage = outages.find(({ fromMs, toMs }) => scheduledMs >= fromMs && scheduledMs < toMs)
    const met = outage === undefined ? served(scheduledMs) : meet(outage, scheduledMs, failures)
    if (met.status > 0) given[met.status < 400 ? 'served' : 'refused']++
    return request(n, scheduledMs, met)
  })
  const events: object[] = [
    opened(ratePerSecond),
    ...requests.map(instrument).filter((each) => each !== null),
    { kind: 'load.ended', exitCode: 0, iterations: requests.length, dropped },
  ]
  const journal = recordedJournal(events.map((event, seq) => ({ atMs: 0, ...event, seq }) as JournalEvent))
  const truth = outages.map(
    ({ kind, fromMs, actedMs, toMs }): TrueOutage => ({
      kind,
      fromMs: wallStartMs + fromMs,
      actedMs: wallStartMs + actedMs,
      toMs: wallStartMs + toMs,
      answeredMs: wallStartMs + toMs,
      lateMs: 0,
    }),
  )
  return { ratePerSecond, host, idleShare, journal, truth: { outages: truth, given } }
}

type Met = Pick<RequestEvent, 'endedMs' | 'outcome' | 'status'>
type PaperOutage = Pick<TrueOutage, 'kind' | 'fromMs' | 'actedMs' | 'toMs'>

function served(atMs: number): Met {
  return { endedMs: atMs + 1, outcome: 'acked', status: 200 }
}

function meet(outage: PaperOutage, atMs: number, failures: Map<PaperOutage, number>): Met {
  if (outage.kind === 'stop') return { endedMs: Math.max(atMs, outage.actedMs) + 1, outcome: 'rejected', status: 0 }
  if (outage.kind === 'stall')
    return outage.toMs - atMs >= timeoutMs
      ? { endedMs: atMs + timeoutMs, outcome: 'unknown', status: 0 }
      : served(outage.toMs)
  const before = failures.get(outage) ?? 0
  failures.set(outage, before + 1)
  return before % 3 < 2 ? { endedMs: atMs + 1, outcome: 'unknown', status: 503 } : served(atMs)
}

function request(n: number, scheduledMs: number, met: Met): RequestEvent {
  const op = n % 2 === 1 ? 'write' : 'read'
  return { seq: n + 1, atMs: met.endedMs, kind: 'request', n, op, scheduledMs, startedMs: scheduledMs, ...met }
}

function opened(ratePerSecond: number): object {
  return {
    kind: 'trial.opened',
    schemaVersion,
    trialId: 'paper',
    seed: 0,
    scenario: scenarioSchema.parse({
      name: 'calibration',
      title: 'on paper',
      load: { ratePerSecond, timeoutMs },
      faults: [{ kind: 'none', target: { scope: 'nothing' }, forMs: 1 }],
      observeMs: 1,
      objectives: { window: { p99Ms: 300 } },
    }),
    topology: { world: 'paper', sites: [], nodes: [], links: [], timeouts: {} },
    versions: {},
    host: { cores: 2, memoryBytes: 1, kernel: '6', platform: 'linux x64', engine: '20' },
    harness: { version: '0', commit: '0', node: '24' },
    wallStartMs,
  }
}
