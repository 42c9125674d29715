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
  const enough = waits.filter((ms) => waits.filter((other) => other <= ms).length * 100 >= waits.length * 99)
  const p99 = Math.min(...enough)
  return Number.isFinite(p99) ? p99 : null
}

/** Each failed request stands for its slot of the schedule: until the next one was due. */
export function failingMs(population: readonly RequestEvent[], { requests, endMs }: Load): number {
  return population.filter(failed).reduce((sum, request) => {
    const next = requests[requests.indexOf(request) + 1]
    return sum + (next?.scheduledMs ?? endMs) - request.scheduledMs
  }, 0)
}

/** When the first request succeeded that was due after the first failed one, and did the same. */
export function firstSuccessMs(population: readonly RequestEvent[]): number | null {
  const first = population.find(failed)
  if (first === undefined) return null
  const later = population.slice(population.indexOf(first) + 1)
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

/** The longest time after T0 without an acknowledgement of such a request; null if none was ever sent. */
export function gapOf(load: Load, op: RequestEvent['op'], region?: string): Gap | null {
  const { requests, t0Ms, firstArrivalMs, endMs } = load
  if (!requests.some((request) => request.op === op)) return null
  const acks = requests
    .filter((request) => request.op === op && !failed(request) && (region === undefined || request.region === region))
    .map((request) => request.endedMs)
    .sort((a, b) => a - b)
  const marks = [firstArrivalMs, ...acks]
  const between = marks.slice(1).flatMap((toMs, i) => {
    const fromMs = marks[i] ?? toMs
    return toMs > t0Ms ? [{ ms: toMs - fromMs, fromMs, open: false }] : []
  })
  const last = Math.max(...marks)
  const all: Gap[] = endMs > last ? [...between, { ms: endMs - last, fromMs: last, open: true }] : between
  return all.find((gap) => all.every((other) => other.ms <= gap.ms)) ?? null
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
