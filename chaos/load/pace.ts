/** The pace of the load as k6 takes it: a rate, and another one while a surge lasts. */
import { type Surge, surgesBetween, virtualUsersAt } from '../scenarios/due.ts'
import type { LoadSpec } from '../scenarios/schema.ts'

export interface PacedLoad {
  load: LoadSpec
  /** In milliseconds. */
  durationMs: number
  /** Milliseconds from k6's start; in order. */
  surges?: readonly Surge[] | undefined
}

/**
 * The surges of a scenario, in milliseconds from k6's start, cut off where the load ends.
 * @param faultMs when the first fault is due, from the first arrival
 */
export function surgesOf({ load, durationMs }: PacedLoad, faultMs: number): Surge[] {
  const surges = surgesBetween(load, { faultMs: slotMs(load) + faultMs, endMs: endOf({ load, durationMs }) })
  return surges.map((surge) => ({ ...surge, fromMs: Math.round(surge.fromMs), toMs: Math.round(surge.toMs) }))
}

function slotMs({ ratePerSecond }: LoadSpec): number {
  return 1000 / ratePerSecond
}

/** Where a load with surges ends, from k6's start: it lasts as long from its first arrival on as one without. */
function endOf({ load, durationMs }: PacedLoad): number {
  return Math.ceil(slotMs(load) + durationMs)
}

/**
 * From k6's start to arrival 0, in milliseconds: a rate that changes is made of full arrivals, so that the first one is
 * due when the time for one has passed (lib/executor/ramping_arrival_rate.go; constant_arrival_rate.go begins at once).
 */
export function firstArrivalAfterMs({ load, surges = [] }: PacedLoad): number {
  return surges.length === 0 ? 0 : slotMs(load)
}

/** k6's scenario: https://grafana.com/docs/k6/latest/using-k6/scenarios/executors/ */
export function arrivalsFor({ load, durationMs, surges = [] }: PacedLoad): object {
  const most = Math.max(load.ratePerSecond, ...surges.map(({ ratePerSecond }) => ratePerSecond))
  const virtualUsers = virtualUsersAt(most, load)
  const common = {
    timeUnit: '1s',
    preAllocatedVUs: virtualUsers,
    maxVUs: virtualUsers,
    // Attempts under way at the end are waited for, not cut; one that started late may end late, too.
    gracefulStop: `${load.timeoutMs + 1000}ms`,
  }
  if (surges.length === 0)
    return { executor: 'constant-arrival-rate', rate: load.ratePerSecond, duration: `${durationMs}ms`, ...common }
  return {
    executor: 'ramping-arrival-rate',
    startRate: load.ratePerSecond,
    stages: stagesOf({ load, durationMs, surges }),
    ...common,
  }
}

/** A stage without length is a step. */
function stagesOf({ load, durationMs, surges = [] }: PacedLoad): { target: number; duration: string }[] {
  const usual = load.ratePerSecond
  const stage = (target: number, ms: number) => ({ target, duration: `${ms}ms` })
  let atMs = 0
  const stages = surges.flatMap(({ fromMs, toMs, ratePerSecond }) => {
    const beforeMs = fromMs - atMs
    atMs = toMs
    return [stage(usual, beforeMs), stage(ratePerSecond, 0), stage(ratePerSecond, toMs - fromMs), stage(usual, 0)]
  })
  return [...stages, stage(usual, endOf({ load, durationMs }) - atMs)]
}
