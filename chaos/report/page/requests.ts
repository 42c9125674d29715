/** The two request plots: how many were served or failed, and how long they took. */

import { type Axis, niceStep } from '../axis.ts'
import type { Bins } from '../bins.ts'
import { count, duration } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import { plot, row, stretched, stretchedPaths, stretchedWidth, swatch } from './figure.ts'

const ratesHeightPx = 120
const latencyHeightPx = 120

/** Requests a second by outcome, stacked: acked at the bottom, failures on top of what is missing. */
export function ratesRow(bins: Bins, axis: Axis): Markup {
  const perSecond = 1000 / bins.widthMs
  const totals = bins.acked.map((acked, index) => acked + (bins.rejected[index] ?? 0) + (bins.unknown[index] ?? 0))
  const peak = Math.max(1, ...totals) * perSecond
  const step = niceStep(peak, 4)
  const top = Math.ceil(peak / step) * step
  const y = (requests: number): number => ratesHeightPx - ((requests * perSecond) / top) * ratesHeightPx
  const none = totals.map(() => 0)
  const answered = sum(bins.acked, bins.rejected)
  const layer = (className: string, low: readonly number[], high: readonly number[]): Markup =>
    html`<path class="${className}" d="${stackPath(bins, axis, low.map(y), high.map(y))}"/>`
  const failed = total(bins.rejected) + total(bins.unknown)
  return row({
    className: 'rates',
    name: html`<b>Requests each second</b><span class="keys">${swatch('acked', 'acked')} ${swatch('rejected', 'rejected')} ${swatch('unknown', 'no answer')}</span>`,
    plot: plot({
      heightPx: ratesHeightPx,
      title: 'Requests each second by outcome',
      description: `${count(total(bins.acked))} acked and ${count(failed)} failed requests in bins of ${duration(bins.widthMs)}, by the time they were scheduled.`,
      content: [
        horizontals(
          scale(top, step).map((value) => ({ y: ratesHeightPx - (value / top) * ratesHeightPx, label: count(value) })),
        ),
        stretchedPaths(ratesHeightPx, [
          layer('acked', none, bins.acked),
          layer('rejected', bins.acked, answered),
          layer('unknown', answered, totals),
        ]),
      ],
    }),
  })
}

/**
 * Latency of acked requests, on a logarithmic axis: the line is the median, the band reaches up to the 99th percentile.
 */
export function latencyRow(bins: Bins, axis: Axis, limitMs: number): Markup {
  const seen = [...bins.p50Ms, ...bins.p99Ms].filter((value) => value !== null)
  const lowest = 10 ** Math.floor(Math.log10(Math.max(0.1, Math.min(10, ...seen))))
  const highest = 10 ** Math.ceil(Math.log10(Math.max(lowest * 10, limitMs, ...seen)) - 1e-9)
  const span = Math.log10(highest / lowest)
  const y = (ms: number): number =>
    Math.min(latencyHeightPx, latencyHeightPx - (Math.log10(Math.max(ms, lowest) / lowest) / span) * latencyHeightPx)
  const decades = Array.from({ length: Math.round(span) + 1 }, (_, index) => lowest * 10 ** index)
  const place = (value: number | null): number | null => (value === null ? null : y(value))
  return row({
    className: 'latency',
    name: html`<b>Latency of acked</b><span class="keys">${swatch('p50', 'median')} ${swatch('band', 'up to p99')} ${swatch('limit', 'p99 limit')}</span>`,
    plot: plot({
      heightPx: latencyHeightPx,
      title: 'Latency of acked requests, logarithmic axis',
      description:
        seen.length === 0
          ? 'No request was acked.'
          : `Median and 99th percentile in bins of ${duration(bins.widthMs)}; the slowest bin reaches ${duration(Math.max(...seen))}.`,
      content: [
        horizontals(decades.map((value) => ({ y: y(value), label: duration(value) }))),
        stretchedPaths(latencyHeightPx, [
          html`<path class="band" d="${stackPath(bins, axis, bins.p50Ms.map(place), bins.p99Ms.map(place))}"/>`,
          html`<path class="p99" d="${linePath(bins, axis, bins.p99Ms.map(place))}"/><path class="p50" d="${linePath(bins, axis, bins.p50Ms.map(place))}"/>`,
          html`<path class="limit" d="M0 ${y(limitMs).toFixed(1)}H${stretchedWidth}"/>`,
        ]),
      ],
    }),
  })
}

function horizontals(lines: readonly { y: number; label: string }[]): Markup {
  return html`${lines.map(
    (line) => html`<line class="grid" x1="0" x2="100%" y1="${line.y.toFixed(1)}" y2="${line.y.toFixed(1)}"/>
    <text class="axis-label" x="-6" y="${(line.y + 4).toFixed(1)}" text-anchor="end">${line.label}</text>`,
  )}`
}

function scale(top: number, step: number): number[] {
  return Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step)
}

/** A filled step area between two heights; bins without either, or without extent, are left out. */
function stackPath(bins: Bins, axis: Axis, low: readonly (number | null)[], high: readonly (number | null)[]): string {
  let path = ''
  let index = 0
  while (index < low.length) {
    const [bottom, top] = [low[index] ?? null, high[index] ?? null]
    let end = index + 1
    // Equal neighbours become one rectangle: steady load costs a handful of bytes.
    while (end < low.length && low[end] === bottom && high[end] === top) end += 1
    if (bottom !== null && top !== null && bottom > top) {
      path += `M${stretched(axis, bins.fromMs + index * bins.widthMs)} ${bottom.toFixed(1)}V${top.toFixed(1)}H${stretched(axis, bins.fromMs + end * bins.widthMs)}V${bottom.toFixed(1)}Z`
    }
    index = end
  }
  return path
}

/** A step line that breaks where a bin has no value. */
function linePath(bins: Bins, axis: Axis, heights: readonly (number | null)[]): string {
  let pen = false
  return heights
    .map((height, index) => {
      if (height === null) {
        pen = false
        return ''
      }
      const start = pen
        ? `V${height.toFixed(1)}`
        : `M${stretched(axis, bins.fromMs + index * bins.widthMs)} ${height.toFixed(1)}`
      pen = true
      return `${start}H${stretched(axis, bins.fromMs + (index + 1) * bins.widthMs)}`
    })
    .join('')
}

function sum(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, index) => value + (b[index] ?? 0))
}

function total(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
