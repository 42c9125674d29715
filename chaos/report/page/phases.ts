/**
 * Where the time went: the phases to scale, each with its observer, its uncertainty and what the settings predicted.
 */

import type { Phase, Verdict } from '../../judge/verdict.ts'
import { type Axis, percentOf, ticks } from '../axis.ts'
import { duration, notMeasured } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import { wasServed } from '../outcome-words.ts'
import {
  againstPrediction,
  lengthWords,
  phaseMeanings,
  phasesFromWords,
  phasesZeroMs,
  plusMinus,
  predictedWords,
} from '../wording.ts'
import { fitClass, fittingClass, plot } from './figure.ts'

const barHeightPx = 34
const rowHeightPx = 26

export function phasesSection(verdict: Verdict): Markup {
  return html`<section><h2>Where the time went</h2>${
    verdict.phases.some((phase) => phase.lengthMs !== null || phase.predicted !== null)
      ? html`${phaseBar(verdict)}${phaseTable(verdict)}`
      : html`<p>${wasServed(verdict) ? 'Clients were not interrupted, so there is nothing to divide into phases.' : 'No phase was measured.'}</p>`
  }</section>`
}

function scaleOf(verdict: Verdict): Axis {
  const zeroMs = phasesZeroMs(verdict) ?? verdict.phases.find((phase) => phase.fromMs !== null)?.fromMs ?? 0
  const ends = verdict.phases.flatMap((phase) => [
    phase.toMs ?? zeroMs,
    phase.predicted === null || phase.fromMs === null ? zeroMs : phase.fromMs + phase.predicted.highMs,
  ])
  return { fromMs: zeroMs, toMs: Math.max(zeroMs + 1, ...ends), zeroMs }
}

function phaseBar(verdict: Verdict): Markup {
  const measured = verdict.phases.filter((phase) => phase.lengthMs !== null)
  const totalMs = measured.reduce((all, phase) => all + (phase.lengthMs ?? 0), 0)
  if (totalMs <= 0) return html``
  let doneMs = 0
  const segments = measured.map((phase) => {
    const lengthMs = phase.lengthMs ?? 0
    const fromShare = doneMs / totalMs
    doneMs += lengthMs
    const share = lengthMs / totalMs
    const text = `${phase.name} ${duration(lengthMs)}`
    const className = fittingClass(share * 1.15, text, 7.4)
    return html`<rect class="phase ${phase.name}" x="${(fromShare * 100).toFixed(3)}%" width="${(share * 100).toFixed(3)}%" y="0" height="${barHeightPx}"><title>${text}</title></rect>
      ${className === null ? '' : html`<text class="${className} in-${phase.name}" x="${(fromShare * 100).toFixed(3)}%" dx="8" y="${barHeightPx / 2 + 4.5}">${text}</text>`}`
  })
  const unmeasured = verdict.phases.filter((phase) => lengthWords(phase) === notMeasured).map((phase) => phase.name)
  return html`<div class="phase-bar">${plot({
    heightPx: barHeightPx,
    title: 'Phases of the recovery to scale',
    content: segments,
    description: verdict.phases.map((phase) => `${phase.name} ${lengthWords(phase)}`).join(', '),
  })}<p class="quiet">${duration(totalMs)} in all${phasesFromWords(verdict) === '' ? '' : `, ${phasesFromWords(verdict)}`}${unmeasured.length === 0 ? '' : `, without ${unmeasured.join(', ')}: not measured`}.
    <span class="keys"><span class="key"><i class="swatch measured"></i>measured</span> <span class="key"><i class="swatch predicted"></i>predicted from the settings</span> <span class="key"><i class="swatch uncertain"></i>uncertainty</span></span></p></div>`
}

function phaseTable(verdict: Verdict): Markup {
  const axis = scaleOf(verdict)
  return html`<table class="phases"><thead><tr><th scope="col">phase</th><th scope="col" class="figure">from the fault on, to scale</th><th scope="col" class="number">measured</th><th scope="col" class="number">predicted</th><th scope="col">seen by, bound by</th></tr></thead>
    <tbody>${verdict.phases.map((phase) => phaseRow(phase, axis))}</tbody>
    <tfoot aria-hidden="true"><tr><td></td><td class="figure">${scaleTicks(axis)}</td><td></td><td></td><td></td></tr></tfoot></table>`
}

function phaseRow(phase: Phase, axis: Axis): Markup {
  const against = againstPrediction(phase)
  return html`<tr><th scope="row"><span class="phase-name">${phase.name}</span><small>${phaseMeanings[phase.name]}</small></th>
    <td class="figure">${phasePlot(phase, axis)}</td>
    <td class="number${phase.lengthMs === null ? ' absent' : ''}">${lengthWords(phase)}${phase.lengthMs === null || phase.uncertaintyMs === null ? '' : html`<small>${plusMinus(phase.uncertaintyMs)}</small>`}</td>
    <td class="number">${predictedWords(phase)}${against === '' || against === 'within' ? '' : html`<small class="flag">${against}</small>`}</td>
    <td>${phase.observer === 'none' ? '' : phase.observer}${phase.predicted === null ? '' : html`<small>bound by ${phase.predicted.dominatedBy}</small>`}${phase.flag === undefined ? '' : html`<small class="${phase.flag.startsWith('not needed') ? '' : 'flag'}">${phase.flag}</small>`}</td></tr>`
}

/** The measured bar at its place after T0; under it, from the same start, the bracket of what the settings allow. */
function phasePlot(phase: Phase, axis: Axis): Markup {
  const { fromMs, toMs, predicted, uncertaintyMs } = phase
  const width = (a: number, b: number): string =>
    `${Math.max(0.25, Number.parseFloat(percentOf(axis, b)) - Number.parseFloat(percentOf(axis, a))).toFixed(3)}%`
  return plot({
    heightPx: rowHeightPx,
    title: phase.name,
    description: `measured ${lengthWords(phase)}, predicted ${predictedWords(phase)}`,
    content: [
      fromMs === null || toMs === null
        ? ''
        : html`<rect class="phase ${phase.name}" x="${percentOf(axis, Math.min(fromMs, toMs))}" width="${width(fromMs, toMs)}" y="4" height="11"/>`,
      toMs === null || uncertaintyMs === null || uncertaintyMs <= 0
        ? ''
        : html`<line class="uncertain" x1="${percentOf(axis, toMs - uncertaintyMs)}" x2="${percentOf(axis, toMs)}" y1="9.5" y2="9.5"/>`,
      fromMs === null || predicted === null
        ? ''
        : html`<rect class="predicted" x="${percentOf(axis, fromMs + predicted.lowMs)}" width="${width(fromMs + predicted.lowMs, fromMs + predicted.highMs)}" y="18" height="4"/>`,
    ],
  })
}

function scaleTicks(axis: Axis): Markup {
  return html`<svg class="chart" width="100%" height="20">${(['wide', 'narrow'] as const).map(
    (fit) =>
      html`<g class="${fitClass(fit)}">${ticks(axis, fit === 'wide' ? 6 : 4).map(
        (tick) =>
          html`<text class="axis-label" x="${percentOf(axis, tick.ms)}" y="13" text-anchor="middle">${tick.label}</text>`,
      )}</g>`,
  )}</svg>`
}
