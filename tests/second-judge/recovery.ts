/**
 * Was there an outage, and when was it over? Every window of 5 s and 200 arrivals that begins after T0 is looked at
 * anew.
 */
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import type { Objectives } from '../../chaos/scenarios/schema.ts'
import { failed, type Load, latencyMs } from './clients.ts'

const windowMs = 5000
const windowRequests = 200
const slowShare = 0.01

export type Recovery =
  | { outcome: 'uninterrupted' | 'some-failed' }
  /**
   * The outage was over at a moment in [earliestMs, latestMs]. Both are the same if all requests of its last moments
   * failed. Where only a share failed, the last failures may belong to the outage or be strays, and nobody can tell.
   * `censored`: too late for another whole window, at `earliestMs` already ('surely') or only at `latestMs`.
   */
  | { outcome: 'outage'; earliestMs: number; latestMs: number; censored: 'no' | 'perhaps' | 'surely' }

/** Requests by their place among those that were due after T0, the last one excluded. */
interface Window {
  from: number
  to: number
}

export function recoveryOf(load: Load, population: readonly RequestEvent[], objective: Objectives['window']): Recovery {
  const { requests, t0Ms, endMs } = load
  const due = requests.filter((request) => request.scheduledMs >= t0Ms)
  const windows = due.map((_, i) => windowFrom(due, i, endMs)).filter((window) => window !== null)
  const hurt = (request: RequestEvent | undefined): boolean => request !== undefined && isHurt(request, objective)
  const bad = { failed: countedUpTo(due, failed), hurt: countedUpTo(due, hurt) }
  if (windows.length === 0) return { outcome: 'outage', earliestMs: t0Ms, latestMs: endMs, censored: 'surely' }
  const lastBad = windows.findLastIndex((window) => isBad(window, bad, objective))
  if (lastBad === -1) return { outcome: population.some(failed) ? 'some-failed' : 'uninterrupted' }

  let earliest = lastBad
  while (hurt(due[earliest])) earliest++
  const latest = due.slice(0, windows[lastBad]?.to).findLastIndex(hurt) + 1
  return {
    outcome: 'outage',
    earliestMs: due[earliest]?.scheduledMs ?? endMs,
    latestMs: due[latest]?.scheduledMs ?? endMs,
    censored: earliest >= windows.length ? 'surely' : latest >= windows.length ? 'perhaps' : 'no',
  }
}

/** Those due within 5 s from this one on, and as many more as make 200; null if the stream ends before. */
function windowFrom(due: readonly RequestEvent[], from: number, endMs: number): Window | null {
  const toMs = (due[from]?.scheduledMs ?? 0) + windowMs
  let later = from
  while ((due[later]?.scheduledMs ?? Infinity) < toMs) later++
  const to = Math.min(due.length, Math.max(later, from + windowRequests))
  // The schedule's moments are fractions, and may miss the end by a hair.
  const isWhole = to - from >= windowRequests && (to < due.length || toMs <= endMs + 1e-6)
  return isWhole ? { from, to } : null
}

function isHurt(request: RequestEvent, { p99Ms }: Objectives['window']): boolean {
  return failed(request) || latencyMs(request) > p99Ms
}

/** How many of the first i are such. */
function countedUpTo(due: readonly RequestEvent[], isSuch: (request: RequestEvent) => boolean): number[] {
  let sum = 0
  return [0, ...due.map((request) => (isSuch(request) ? ++sum : sum))]
}

/** One request alone is no evidence. */
function isBad(
  { from, to }: Window,
  bad: { failed: number[]; hurt: number[] },
  objective: Objectives['window'],
): boolean {
  const within = (upTo: number[]): number => (upTo[to] ?? 0) - (upTo[from] ?? 0)
  const [failures, hurt, all] = [within(bad.failed), within(bad.hurt), to - from]
  const tooManyFail = failures > 1 && (all - failures) / all < objective.successShare
  const tooManyHurt = hurt > 1 && hurt / all > slowShare
  return tooManyFail || tooManyHurt
}
