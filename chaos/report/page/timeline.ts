/** The time figures: moments, faults, requests, latency and role lanes on one axis. */

import type { Verdict } from '../../judge/verdict.ts'
import { type Axis, closeUp } from '../axis.ts'
import { binRequests } from '../bins.ts'
import { clipped, counted, duration, offset, offsetOrNot } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import type { ReportModel } from '../model.ts'
import { momentNames } from '../wording.ts'
import { faultRows, faultWindows } from './fault-windows.ts'
import { timeTicks } from './figure.ts'
import { laneGroup } from './lanes.ts'
import { marksOf, marksRow, overlays } from './marks.ts'
import { latencyRow, ratesRow } from './requests.ts'

const changesShown = 300

export function timelineSection(model: ReportModel, verdict: Verdict): Markup {
  const drawable =
    model.requests.length > 0 ||
    model.groups.some((group) => group.lanes.some((lane) => lane.tracks.some((track) => track.spells.length > 0)))
  if (!drawable)
    return html`<section><h2>Timeline</h2><p>Neither requests nor observations were recorded.</p></section>`
  const close = closeUp(model.axis, lastMoment(verdict))
  return html`<section><h2>Timeline</h2>
    ${momentList(verdict)}
    ${close === null ? '' : html`<h3>Around the outage</h3>${timeFigure(model, verdict, close, false)}<h3>The whole trial</h3>`}
    ${timeFigure(model, verdict, model.axis, true)}
    ${changesTable(model, verdict)}
  </section>`
}

/** Recovery, or whatever of the promotion came last: both ends of what a close-up must show. */
function lastMoment(verdict: Verdict): number | null {
  if (verdict.outcome === 'censored') return null
  const { firstFailureMs, detectedMs, electedMs, promotedMs, routedMs, recoveredMs } = verdict.moments
  const seen = [firstFailureMs, detectedMs, electedMs, promotedMs, routedMs, recoveredMs].filter((ms) => ms !== null)
  return seen.length === 0 ? null : Math.max(...seen)
}

function momentList(verdict: Verdict): Markup {
  const zeroMs = verdict.moments.requestedMs ?? 0
  return html`<ol class="moments">${momentNames.map(([field, code, meaning]) => {
    const ms = verdict.moments[field]
    return html`<li${ms === null ? html` class="absent"` : ''}><b>${code}</b> <span>${meaning}</span> <span class="number">${offsetOrNot(ms, zeroMs)}</span></li>`
  })}</ol>`
}

function timeFigure(model: ReportModel, verdict: Verdict, axis: Axis, whole: boolean): Markup {
  const bins = binRequests(model.requests, axis)
  const marks = marksOf(verdict)
  const windows = faultWindows(verdict, axis)
  const { behind, front } = overlays(marks, windows, axis)
  const limitMs = model.opened.scenario.objectives.window.p99Ms
  const open = model.groups.filter((group) => !group.collapsed)
  const collapsed = whole ? model.groups.filter((group) => group.collapsed) : []
  const hover = { zeroMs: axis.zeroMs, axisFromMs: axis.fromMs, axisToMs: axis.toMs, ...bins }
  return html`<figure class="time" data-hover="${JSON.stringify(hover, rounded)}">
    <p class="readout" aria-hidden="true">${model.requests.length === 0 ? 'No request was recorded.' : `Each bin is ${duration(bins.widthMs)} wide.`}</p>
    <div class="stack">${behind}
      ${marksRow(marks, axis)}${faultRows(windows, axis)}${model.requests.length === 0 ? '' : [ratesRow(bins, axis), latencyRow(bins, axis, limitMs)]}
      ${open.map((group, index) => laneGroup(group, axis, open[index - 1]))}
      ${front}</div>
    ${timeTicks(axis)}
    ${collapsed.map(
      (group) => html`<details><summary>${group.title} (${counted(group.lanes.length, 'lane')})</summary>
      <div class="stack">${behind}${laneGroup({ ...group, title: '' }, axis)}${front}</div>${timeTicks(axis)}</details>`,
    )}
  </figure>`
}

/** The hover read-out needs no more than tenths of a millisecond. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value
}

/** The lanes as a table: the same facts for those who cannot see the figure, with the uncertainty of each. */
function changesTable(model: ReportModel, verdict: Verdict): Markup {
  if (model.changes.length === 0) return html``
  const zeroMs = verdict.moments.requestedMs ?? 0
  const changes = model.changes.toSorted((a, b) => a.atMs - b.atMs)
  const left = changes.length - changesShown
  return html`<details><summary>Every change that was observed (${changes.length})</summary>
    <div class="scroll"><table class="changes"><thead><tr><th scope="col">when</th><th scope="col">what</th><th scope="col">observer</th><th scope="col">at most this much earlier</th></tr></thead>
    <tbody>${changes.slice(0, changesShown).map((change) => html`<tr><td class="number">${offset(change.atMs - zeroMs)}</td><td>${clipped(change.text)}</td><td>${change.observer}</td><td class="number">${change.uncertaintyMs === null ? '' : duration(change.uncertaintyMs)}</td></tr>`)}</tbody></table></div>
    ${left > 0 ? html`<p class="quiet">${counted(left, 'later change')} left out here; the journal has them.</p>` : ''}</details>`
}
