/** The moments T0…T8 as flags above a figure, and the lines and shades that run through it. */

import type { Verdict } from '../../judge/verdict.ts'
import { type Axis, percentOf, shareOf } from '../axis.ts'
import { html, type Markup } from '../markup.ts'
import { momentNames } from '../wording.ts'
import type { FaultWindow } from './fault-windows.ts'
import { type Fit, fitClass, plotWidthsPx, row } from './figure.ts'

const flagWidthPx = 20
const flagHeightPx = 13

export interface Mark {
  code: string
  meaning: string
  ms: number
}

export function marksOf(verdict: Verdict): Mark[] {
  return momentNames.flatMap(([field, code, meaning]) => {
    const ms = verdict.moments[field]
    return ms === null ? [] : [{ code, meaning, ms }]
  })
}

export function marksRow(marks: readonly Mark[], axis: Axis): Markup {
  const visible = marks.filter((mark) => mark.ms >= axis.fromMs && mark.ms <= axis.toMs).toSorted((a, b) => a.ms - b.ms)
  const layouts = (['wide', 'narrow'] as const).map((fit) => {
    const rows = flagRows(visible, axis, fit)
    const heightPx = (Math.max(0, ...rows) + 1) * flagHeightPx + 4
    return html`<svg class="chart ${fitClass(fit)}" width="100%" height="${heightPx}" aria-hidden="true">${visible.map((mark, index) => flag(mark, rows[index] ?? 0, heightPx, axis))}</svg>`
  })
  return row({ className: 'marks', name: '', plot: layouts })
}

function flag(mark: Mark, flagRow: number, heightPx: number, axis: Axis): Markup {
  const x = percentOf(axis, mark.ms)
  const bottomPx = heightPx - flagRow * flagHeightPx
  return html`<line class="moment" x1="${x}" x2="${x}" y1="${bottomPx - flagHeightPx}" y2="${heightPx}"/><text class="moment-label" x="${x}" dx="3" y="${bottomPx - 4}">${mark.code}<title>${mark.meaning}</title></text>`
}

/**
 * Row of each flag, 0 at the bottom. A flag's text lies to the right of its line, so among neighbours the earlier one
 * stands higher and no line crosses a text.
 */
export function flagRows(marks: readonly Mark[], axis: Axis, fit: Fit): number[] {
  const rows: number[] = []
  const x = (mark: Mark): number => shareOf(axis, mark.ms) * plotWidthsPx[fit]
  for (const [index, mark] of [...marks.entries()].toReversed()) {
    let highest = -1
    marks.forEach((other, at) => {
      if (at > index && x(other) < x(mark) + flagWidthPx) highest = Math.max(highest, rows[at] ?? 0)
    })
    rows[index] = highest + 1
  }
  return rows
}

/**
 * Drawn once behind and once in front of all rows of a figure: the shade of the faults, and the lines of the moments.
 */
export function overlays(
  marks: readonly Mark[],
  windows: readonly FaultWindow[],
  axis: Axis,
): { behind: Markup; front: Markup } {
  const shades = union(windows)
    .filter(({ fromMs, toMs }) => toMs > axis.fromMs && fromMs < axis.toMs)
    .map(
      (shade) =>
        html`<rect class="shade" x="${percentOf(axis, shade.fromMs)}" width="${((shareOf(axis, shade.toMs) - shareOf(axis, shade.fromMs)) * 100).toFixed(3)}%" y="0" height="100%"/>`,
    )
  const lines = marks
    .filter((mark) => mark.ms >= axis.fromMs && mark.ms <= axis.toMs)
    .map(
      (mark) =>
        html`<line class="moment" x1="${percentOf(axis, mark.ms)}" x2="${percentOf(axis, mark.ms)}" y1="0" y2="100%"/>`,
    )
  return {
    behind: html`<svg class="overlay behind" width="100%" height="100%" aria-hidden="true">${shades}</svg>`,
    front: html`<svg class="overlay front" width="100%" height="100%" aria-hidden="true">${lines}<line class="cursor" x1="0" x2="0" y1="0" y2="100%"/></svg>`,
  }
}

/**
 * Times in which any fault acted. Shades that lie on each other would darken the lanes with every fault; the rows of
 * the faults tell them apart.
 */
function union(windows: readonly FaultWindow[]): { fromMs: number; toMs: number }[] {
  const merged: { fromMs: number; toMs: number }[] = []
  for (const { fromMs, toMs } of windows.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1)
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs)
    else merged.push({ fromMs, toMs })
  }
  return merged
}
