/**
 * From errors to what can be said of the instrument: bias, spread and worst of each figure, by rate and host by rate and host. Pure.
 */
import { median, worst } from '../judge/statistics.ts'
import { type Figure, type FigureError, figures, type MeasuredOutage } from './measure.ts'
import type { Host } from './plan.ts'

export interface Cell {
  host: Host
  ratePerSecond: number
  figure: Figure
  /** Outages of which the figure was measured. */
  n: number
  /** Median of measured minus true; 95th percentile (nearest rank) and largest of its absolute value. Milliseconds. */
  biasMs: number
  p95Ms: number
  worstMs: number
  /** 95th percentile of what exceeds one slot, which sampling explains. */
  beyondSlotP95Ms: number
  limitMs: number
  within: boolean
}

/** At this rate and above an error may be this large, at p95; below, a slot larger. */
const fastRate = 500
const allowedMs = 10

export function cellsOf(outages: readonly MeasuredOutage[]): Cell[] {
  const places = Map.groupBy(outages, ({ host, ratePerSecond }) => `${host} ${ratePerSecond}`)
  return [...places.values()]
    .toSorted(([a], [b]) => byPlace(a, b))
    .flatMap((there) =>
      figures.flatMap((figure) => {
        const errors = there.flatMap((outage) => outage.errors.filter((error) => error.figure === figure))
        const [outage] = there
        const [first] = errors
        return first && outage ? [cellOf(outage, figure, errors, first.slotMs)] : []
      }),
    )
}

function byPlace(a: MeasuredOutage | undefined, b: MeasuredOutage | undefined): number {
  if (!a || !b) return 0
  return a.host === b.host ? a.ratePerSecond - b.ratePerSecond : a.host === 'idle' ? -1 : 1
}

function cellOf(
  { host, ratePerSecond }: MeasuredOutage,
  figure: Figure,
  errors: readonly FigureError[],
  slotMs: number,
): Cell {
  const sizes = errors.map(({ ms }) => Math.abs(ms))
  const p95Ms = p95(sizes)
  const limitMs = allowedMs + (ratePerSecond >= fastRate ? 0 : slotMs)
  return {
    host,
    ratePerSecond,
    figure,
    n: errors.length,
    biasMs: median(errors.map(({ ms }) => ms)) ?? 0,
    p95Ms,
    worstMs: worst(sizes) ?? 0,
    beyondSlotP95Ms: p95(sizes.map((ms) => Math.max(0, ms - slotMs))),
    limitMs,
    within: p95Ms <= limitMs,
  }
}

/** The smallest value that 95 of 100 do not exceed (nearest rank). */
function p95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
}
