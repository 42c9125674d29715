/** The moments T0…T8 as flags above a figure, and the lines and fault windows that run through it. */
import { html, type Markup } from '../markup.ts'
import { percentOf, shareOf, type Axis } from '../axis.ts'
import { momentNames } from '../wording.ts'
import type { Verdict } from '../../judge/verdict.ts'
import { fitClass, fittingClass, plotWidthsPx, row, type Fit } from './figure.ts'

const flagWidthPx = 20
const flagHeightPx = 13
const faultHeightPx = 20

export type Mark = { code: string; meaning: string; ms: number }

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

type FaultWindow = { label: string; fromMs: number; toMs: number; healed: boolean }

export function faultWindows(verdict: Verdict, axis: Axis): FaultWindow[] {
  return verdict.faults.filter((fault) => fault.kind !== 'none').map((fault) => ({
    label: `${fault.kind} ${fault.target}`, fromMs: fault.requestedMs, toMs: fault.healedMs ?? fault.healRequestedMs ?? axis.toMs, healed: fault.healedMs !== null,
  }))
}

export function faultRows(windows: readonly FaultWindow[], axis: Axis): Markup {
  return html`${windows.filter((window) => window.toMs > axis.fromMs && window.fromMs < axis.toMs).map((window) => {
    const share = shareOf(axis, window.toMs) - shareOf(axis, window.fromMs)
    const text = `${window.label}${window.healed ? '' : ', not healed'}`
    const className = fittingClass(share, text, 7)
    return row({
      className: 'fault', name: 'Fault',
      plot: html`<svg class="chart" role="img" width="100%" height="${faultHeightPx}"><title>${text}</title>
        <rect class="fault" x="${percentOf(axis, window.fromMs)}" width="${(share * 100).toFixed(3)}%" y="1" height="${faultHeightPx - 2}"/>
        ${className === null ? '' : html`<text class="${className} on-fault" x="${percentOf(axis, Math.max(window.fromMs, axis.fromMs))}" dx="6" y="${faultHeightPx / 2 + 4}">${text}</text>`}</svg>`,
    })
  })}`
}

/** Drawn once behind and once in front of all rows of a figure: the shade of the faults, and the lines of the moments. */
export function overlays(marks: readonly Mark[], windows: readonly FaultWindow[], axis: Axis): { behind: Markup; front: Markup } {
  const shades = windows.map((window) => html`<rect class="shade" x="${percentOf(axis, window.fromMs)}" width="${((shareOf(axis, window.toMs) - shareOf(axis, window.fromMs)) * 100).toFixed(3)}%" y="0" height="100%"/>`)
  const lines = marks.filter((mark) => mark.ms >= axis.fromMs && mark.ms <= axis.toMs)
    .map((mark) => html`<line class="moment" x1="${percentOf(axis, mark.ms)}" x2="${percentOf(axis, mark.ms)}" y1="0" y2="100%"/>`)
  return {
    behind: html`<svg class="overlay behind" width="100%" height="100%" aria-hidden="true">${shades}</svg>`,
    front: html`<svg class="overlay front" width="100%" height="100%" aria-hidden="true">${lines}<line class="cursor" x1="0" x2="0" y1="0" y2="100%"/></svg>`,
  }
}
