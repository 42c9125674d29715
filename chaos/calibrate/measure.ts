/**
 * What the judge's own functions make of each outage, held against what the stub did. Pure.
 *
 * Clients come by at intervals ("slots"), so no figure is truer than a slot: an error of up to one slot is the
 * sampling's. Writes come by half as often.
 */

import { arrivalsBefore, arrivalsOf } from '../judge/arrivals.ts'
import { measureGaps } from '../judge/gaps.ts'
import { measureOutage, type Outage } from '../judge/outage.ts'
import type { Scenario } from '../scenarios/schema.ts'
import type { Lane } from './lane.ts'
import type { Host } from './plan.ts'
import { failingShare, type OutageKind, type TrueOutage } from './truth.ts'

export const figures = ['recovered in', 'failing for', 'write gap', 'slowest request', 'first failure'] as const
export type Figure = (typeof figures)[number]

export interface FigureError {
  figure: Figure
  /** Measured minus true, in milliseconds. */
  ms: number
  /** Time between two clients of the kind that the figure is about. */
  slotMs: number
}

export interface MeasuredOutage {
  ratePerSecond: number
  host: Host
  kind: OutageKind
  /** As the stub says, in milliseconds. */
  lengthMs: number
  /**
   * `too short`: so few clients met it that clients count as served. `unseen`, `unending`: the judge is wrong about an
   * outage that many of them met. `inexact`: the stub itself was late, so it is not compared.
   */
  seen: 'recovered' | 'too short' | 'unseen' | 'unending' | 'inexact'
  errors: FigureError[]
}

/** A stub that missed its plan by more was starved of processor time; what it says of itself may be as late. */
const lateLimitMs = 20

/** So long after an outage, and at least so many arrivals, waits and gaps are its doing. */
const nearMs = 100
const nearSlots = 4

/** An outage that fewer clients met may be invisible; one that more of them met may not. */
const enoughClients = 10

/** Every outage of a lane. The judge reads each from its start to the next one's. */
export function measureLane({ ratePerSecond, host, journal, truth }: Lane): MeasuredOutage[] {
  const { scenario, wallStartMs } = journal.opened
  const arrivals = arrivalsOf(journal.requests, ratePerSecond)
  const outages = truth.outages.map((outage) => inTrialTime(outage, wallStartMs))
  return outages.map((outage, index) => {
    const { kind, lateMs } = outage
    const known = { ratePerSecond, host, kind, lengthMs: outage.toMs - outage.fromMs }
    if (lateMs > lateLimitMs) return { ...known, seen: 'inexact', errors: [] }
    const next = outages[index + 1]
    // What is due a moment before the next outage may end in it.
    const own = next === undefined ? arrivals : arrivalsBefore(arrivals, next.fromMs - 20)
    const asked = { requests: journal.requests, requestedMs: outage.fromMs }
    const seen = measureOutage({ ...asked, arrivals: own, limits: scenario.objectives.window })
    // The longest wait and the longest gap are those of the outage, and not of another hiccup of the machine.
    const near = arrivalsBefore(own, outage.answeredMs + Math.max(nearMs, nearSlots * arrivals.intervalMs))
    const gaps = measureGaps({
      ...asked,
      recorded: near,
      arrivals: near,
      stalledOverMs: scenario.objectives.window.stalledOverMs,
    })
    const { slowestRequestMs } = measureOutage({ ...asked, arrivals: near, limits: scenario.objectives.window })
    const measured = {
      ...figuresOf(seen, outage.fromMs),
      'slowest request': slowestRequestMs,
      'write gap': gaps.write?.lengthMs ?? null,
    }
    return {
      ...known,
      seen: seenAs(seen, outage, scenario),
      errors: errorsOf(measured, trueFigures(outage, scenario), scenario),
    }
  })
}

function inTrialTime(outage: TrueOutage, wallStartMs: number): TrueOutage {
  const { fromMs, actedMs, toMs, answeredMs } = outage
  return {
    ...outage,
    fromMs: fromMs - wallStartMs,
    actedMs: actedMs - wallStartMs,
    toMs: toMs - wallStartMs,
    answeredMs: answeredMs - wallStartMs,
  }
}

function figuresOf(seen: Outage, fromMs: number): Partial<Record<Figure, number | null>> {
  return {
    'recovered in': seen.recovery.outcome === 'recovered' ? seen.recovery.atMs - fromMs : null,
    'failing for': seen.failingMs,
    'first failure': seen.firstFailureMs === null ? null : seen.firstFailureMs - fromMs,
  }
}

/**
 * What each figure ought to be, by its definition; absent where the outage has none. Clients of a stall wait until its
 * end, or give up: it counts as an outage as long as they wait longer than the limit, and answering hundreds that
 * waited takes the stub itself some milliseconds. So does closing their connections, and until then nobody is refused.
 */
export function trueFigures(
  { kind, fromMs, actedMs, toMs, answeredMs }: TrueOutage,
  { load, objectives }: Scenario,
): Partial<Record<Figure, number>> {
  const lengthMs = toMs - fromMs
  const writeSlotMs = 1000 / (load.ratePerSecond * load.writeShare)
  if (kind === 'fail') return { 'recovered in': lengthMs, 'failing for': lengthMs * failingShare, 'first failure': 0 }
  if (kind === 'stop')
    return {
      'recovered in': lengthMs,
      'failing for': lengthMs,
      'first failure': actedMs - fromMs,
      // From the last write before it to the first one after it: one interval of the schedule longer, on average.
      'write gap': lengthMs + writeSlotMs,
    }
  const { p99Ms } = objectives.window
  const givenUpMs = lengthMs - load.timeoutMs
  return {
    ...(lengthMs > p99Ms && { 'recovered in': answeredMs - fromMs - p99Ms }),
    ...(givenUpMs > 0 && { 'failing for': givenUpMs, 'first failure': load.timeoutMs }),
    'slowest request': Math.min(lengthMs, load.timeoutMs),
    // A write waits already when it ends, so only the last one before it is sampled.
    'write gap': lengthMs + writeSlotMs / 2,
  }
}

function errorsOf(
  measured: Partial<Record<Figure, number | null>>,
  truth: Partial<Record<Figure, number>>,
  { load }: Scenario,
): FigureError[] {
  const slotMs = 1000 / load.ratePerSecond
  return figures.flatMap((figure) => {
    const [is, ought] = [measured[figure], truth[figure]]
    if (is === undefined || is === null || ought === undefined) return []
    return [{ figure, ms: is - ought, slotMs: figure === 'write gap' ? slotMs / load.writeShare : slotMs }]
  })
}

function seenAs({ recovery }: Outage, { kind, fromMs, toMs }: TrueOutage, scenario: Scenario): MeasuredOutage['seen'] {
  if (recovery.outcome === 'recovered') return 'recovered'
  if (recovery.outcome === 'censored') return 'unending'
  const { load, objectives } = scenario
  const badMs = kind === 'stall' ? toMs - fromMs - objectives.window.p99Ms : toMs - fromMs
  const hit = ((badMs * load.ratePerSecond) / 1000) * (kind === 'fail' ? failingShare : 1)
  // One in a hundred requests of a window may be slow, so a stall needs more of them.
  return hit > Math.max(enoughClients, load.ratePerSecond / 10) ? 'unseen' : 'too short'
}
