/**
 * What clients saw, counted in the plainest way. The population is every request that had not ended when the first
 * fault was requested; its latency counts from the moment at which it was due.
 */
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import { type Interval, lengthOf, unionOf } from './intervals.ts'

export interface Load {
  t0Ms: number
  /** Between two arrivals. */
  slotMs: number
  firstArrivalMs: number
  /** When the stream of arrivals is over. */
  endMs: number
  /** By the moment at which they were due. */
  requests: readonly RequestEvent[]
}

export interface Gap {
  ms: number
  fromMs: number
  /** Nothing was acknowledged any more when the stream ended: at least so long. */
  open: boolean
  /** A request of its kind failed in it. */
  unanswered: boolean
}

export const failed = (request: RequestEvent): boolean => request.outcome !== 'acked'
export const latencyMs = (request: RequestEvent): number => request.endedMs - request.scheduledMs
const isWrite = (request: RequestEvent): boolean => request.op === 'write'

export function populationOf({ requests, t0Ms }: Load): RequestEvent[] {
  return requests.filter((request) => request.endedMs >= t0Ms)
}

export function slowestMs(population: readonly RequestEvent[]): number | null {
  const served = population.filter((request) => !failed(request)).map(latencyMs)
  return served.length === 0 ? null : Math.max(...served)
}

/** Within this time 99 of 100 writes succeeded; null if fewer did. */
export function writeP99Ms(population: readonly RequestEvent[]): number | null {
  const writes = population.filter(isWrite)
  const waits = writes.map((write) => (failed(write) ? Infinity : latencyMs(write)))
  // The shortest wait that at least 99 of 100 writes did not exceed.
  const ascending = waits.sort((a, b) => a - b)
  const p99 = ascending.find((_, i) => (i + 1) * 100 >= ascending.length * 99) ?? Infinity
  return Number.isFinite(p99) ? p99 : null
}

/** Each failed request stands for its slot of the schedule, until the next one was due. What lies before T0 is cut off. */
export function failingMs(population: readonly RequestEvent[], { requests, t0Ms, endMs }: Load): number {
  const counts = new Set(population)
  return requests.reduce((sum, request, i) => {
    if (!counts.has(request) || !failed(request)) return sum
    const next = requests[i + 1]
    return sum + Math.max(0, (next?.scheduledMs ?? endMs) - Math.max(t0Ms, request.scheduledMs))
  }, 0)
}

/** When the first request succeeded that was due after the first failed one, and did the same. Both due after T0. */
export function firstSuccessMs({ requests, t0Ms }: Load): number | null {
  const due = requests.filter((request) => request.scheduledMs >= t0Ms)
  const first = due.find(failed)
  if (first === undefined) return null
  const later = due.slice(due.indexOf(first) + 1)
  const served = later.filter((request) => !failed(request) && request.op === first.op)
  return served.length === 0 ? null : Math.min(...served.map((request) => request.endedMs))
}

export function blastRadius(population: readonly RequestEvent[]): Record<string, { requests: number; failed: number }> {
  const regions = [...new Set(population.map((request) => request.region ?? 'none'))]
  return Object.fromEntries(
    regions.map((region) => {
      const of = population.filter((request) => (request.region ?? 'none') === region)
      return [region, { requests: of.length, failed: of.filter(failed).length }]
    }),
  )
}

/**
 * The longest time after T0 without an acknowledgement of such a request. Null if none was ever sent, or if the region
 * never answered one.
 */
export function gapOf(load: Load, op: RequestEvent['op'], region?: string): Gap | null {
  const { requests, t0Ms, firstArrivalMs, endMs } = load
  const ofKind = requests.filter((request) => request.op === op)
  const acks = ofKind
    .filter((request) => !failed(request) && (region === undefined || request.region === region))
    .map((request) => request.endedMs)
    .sort((a, b) => a - b)
  if (ofKind.length === 0 || (region !== undefined && acks.length === 0)) return null
  const marks = [firstArrivalMs, ...acks]
  const last = marks.at(-1) ?? firstArrivalMs
  const gaps = marks.slice(1).map((toMs, i) => ({ fromMs: marks[i] ?? toMs, toMs, open: false }))
  const all = [...gaps, { fromMs: last, toMs: endMs, open: true }].filter(({ toMs }) => toMs > t0Ms)
  const longest = Math.max(...all.map(({ fromMs, toMs }) => toMs - fromMs))
  const gap = all.find(({ fromMs, toMs }) => toMs - fromMs === longest)
  if (gap === undefined) return null
  const unanswered = ofKind.some((request) => failed(request) && request.endedMs > gap.fromMs)
  return { ms: longest, fromMs: gap.fromMs, open: gap.open, unanswered: gap.open && unanswered }
}

/** Regions that acknowledged something. */
export function answeringRegions({ requests }: Load): string[] {
  return [...new Set(requests.filter((request) => !failed(request)).flatMap(({ region }) => region ?? []))].sort()
}

/** Times after T0 in which some client had waited for longer than the limit. */
export function stalledMs(population: readonly RequestEvent[], { t0Ms }: Load, overMs: number): number {
  const waits = population
    .filter((request) => latencyMs(request) > overMs)
    .map(({ scheduledMs, endedMs }): Interval => ({ fromMs: Math.max(t0Ms, scheduledMs + overMs), toMs: endedMs }))
  return lengthOf(unionOf(waits))
}
