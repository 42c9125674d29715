/**
 * Building blocks of the time figures. Horizontal places are percentages and vertical ones pixels, so that a figure
 * stretches from a telephone to a print-out while its text keeps its size.
 */

import { type Axis, percentOf, shareOf, ticks } from '../axis.ts'
import type { Tone } from '../lanes.ts'
import { html, type Markup, type Slot } from '../markup.ts'

/** Plot widths, in pixels, that labels are fitted to: the page at 1280 and at 400 px. */
export const plotWidthsPx = { wide: 880, narrow: 310 } as const
export type Fit = keyof typeof plotWidthsPx

/** Width of the inner coordinate system of stretched paths; heights stay in pixels. */
export const stretchedWidth = 1000

export function stretched(axis: Axis, ms: number): string {
  return (shareOf(axis, ms) * stretchedWidth).toFixed(1).replace(/\.0$/, '')
}

/** Paths that stretch with the figure, in coordinates of 1000 by the height in pixels. */
export function stretchedPaths(heightPx: number, paths: Slot): Markup {
  return html`<svg viewBox="0 0 ${stretchedWidth} ${heightPx}" preserveAspectRatio="none" width="100%" height="${heightPx}">${paths}</svg>`
}

/** One row: a name in the left column, a plot in the right one. `name` may hold several lines. */
export function row(options: { className: string; name: Slot; plot: Slot }): Markup {
  return html`<div class="row ${options.className}"><div class="name">${options.name}</div><div class="plot">${options.plot}</div></div>`
}

export function plot(options: { heightPx: number; title: string; description: string; content: Slot }): Markup {
  return html`<svg class="chart" role="img" width="100%" height="${options.heightPx}"><title>${options.title}</title><desc>${options.description}</desc>${options.content}</svg>`
}

/** Which of the two layouts a label belongs to; one that fits both needs no class. */
export function fitClass(fit: Fit): string {
  return fit === 'wide' ? 'only-wide' : 'only-narrow'
}

/** A label that shows only where its space, a share of the plot, is wide enough for it. */
export function fittingClass(share: number, text: string, pxPerCharacter = 6.6): string | null {
  const neededPx = text.length * pxPerCharacter + 8
  if (share * plotWidthsPx.narrow >= neededPx) return 'label'
  return share * plotWidthsPx.wide >= neededPx ? 'label only-wide' : null
}

export function timeTicks(axis: Axis): Markup {
  const group = (fit: Fit, atMost: number): Markup =>
    html`<g class="${fitClass(fit)}">${ticks(axis, atMost).map(
      (tick) => html`
    <line class="tick" x1="${percentOf(axis, tick.ms)}" x2="${percentOf(axis, tick.ms)}" y1="0" y2="5"/>
    <text class="axis-label" x="${percentOf(axis, tick.ms)}" y="19" text-anchor="middle">${tick.label}</text>`,
    )}</g>`
  return row({
    className: 'axis',
    name: '',
    plot: html`<svg class="chart" width="100%" height="40" aria-hidden="true">${group('wide', 12)}${group('narrow', 5)}
      <text class="axis-label" x="100%" y="36" text-anchor="end">seconds from ${axis.zeroMs === 0 ? 'the start' : 'T0, the fault'}</text></svg>`,
  })
}

export function swatch(
  kind: Tone | 'acked' | 'rejected' | 'unknown' | 'p50' | 'band' | 'limit' | 'fault' | 'gap',
  meaning: string,
): Markup {
  return html`<span class="key"><i class="swatch ${kind}"></i>${meaning}</span>`
}
