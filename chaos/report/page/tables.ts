/** The tables below the figures: promises, assumptions, losses, faults, observers, environment. */

import type { Verdict } from '../../judge/verdict.ts'
import { faultName } from '../../judge/words.ts'
import {
  clipped,
  count,
  counted,
  countOrNot,
  duration,
  durationOrNot,
  offset,
  offsetOrNot,
  percentage,
} from '../format.ts'
import { html, type Markup, type Slot } from '../markup.ts'
import type { ReportModel } from '../model.ts'
import { actualWords, evidenceWords, limitWords, verdictSigns, verdictWords } from '../wording.ts'

const gapsShown = 40
const failuresShown = 40

export function table(columns: readonly Slot[], rows: readonly (readonly Slot[])[], className = ''): Markup {
  return html`<div class="scroll"><table class="${className}"><thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
    <tbody>${rows.map(([head, ...cells]) => html`<tr><th scope="row">${head}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`
}

export function objectivesSection(verdict: Verdict): Markup {
  const word = (name: Verdict['verdict']): Markup =>
    html`<span class="verdict ${name}"><span aria-hidden="true">${verdictSigns[name]}</span> ${verdictWords[name].toLowerCase()}</span>`
  return html`<section><h2>Objectives</h2>${
    verdict.objectives.length === 0
      ? html`<p>The scenario sets no objective.</p>`
      : table(
          ['promise', 'limit', 'actual', 'verdict'],
          verdict.objectives.map((objective) => [
            html`${objective.promise}<small>${evidenceWords(objective, verdict)}</small>`,
            limitWords(objective),
            actualWords(objective, verdict),
            word(objective.verdict),
          ]),
          'objectives',
        )
  }${(verdict.notLookedFor ?? []).map(
    ({ what, why }) => html`<p>Not looked for: ${what}, because ${why}.</p>`,
  )}</section>`
}

export function validitySection(verdict: Verdict): Markup {
  const failing = verdict.validity.filter((check) => !check.holds)
  const ordered = [...failing, ...verdict.validity.filter((check) => check.holds)]
  return html`<section><h2>Can this trial be trusted?</h2><p>${
    failing.length === 0
      ? `Yes: all ${verdict.validity.length} checks of the instruments and the load hold.`
      : `Not as a verdict: ${failing.length} of ${verdict.validity.length} checks ${failing.length === 1 ? 'does' : 'do'} not hold.`
  }</p>
    ${table(
      ['check', 'holds', 'evidence'],
      ordered.map((check) => [
        check.name.replaceAll('-', ' '),
        check.holds ? 'yes' : html`<b class="verdict missed">no</b>`,
        check.detail,
      ]),
      'validity',
    )}</section>`
}

export function lossesSection(verdict: Verdict): Markup {
  const zeroMs = verdict.moments.requestedMs ?? 0
  const rows: [string, string][] = [
    ['acked', countOrNot(verdict.ackedWrites)],
    ['rejected', countOrNot(verdict.rejectedWrites)],
    ['unknown (no answer)', countOrNot(verdict.unknownWrites)],
    ['lost: acked and absent', countOrNot(verdict.lostWrites)],
    ['unknown, but stored', countOrNot(verdict.unknownStoredWrites)],
    ['resurrected: rejected, but stored', countOrNot(verdict.resurrectedWrites)],
    ['duplicated', countOrNot(verdict.duplicatedWrites)],
    ['divergent: on some databases only', countOrNot(verdict.divergentWrites)],
    [
      'invariants of the data',
      verdict.invariantsHold === null ? 'not measured' : verdict.invariantsHold ? 'hold' : 'broken',
    ],
  ]
  if (verdict.unauditedStores.length > 0)
    rows.push(['losses that nobody looked for', verdict.unauditedStores.join(', ')])
  if (verdict.writes !== null && verdict.writes > 0)
    rows.push([
      'from the fault on, 99 of 100 succeeded within',
      verdict.writeP99Ms === null ? 'more than 1 % failed' : duration(verdict.writeP99Ms),
    ])
  if (verdict.staleReads === null) rows.push(['stale reads', 'not looked for'])
  else {
    for (const [region, { reads, stale, worstMs }] of Object.entries(verdict.staleByRegion ?? {}))
      rows.push([
        `stale reads answered by ${region}`,
        `${count(stale)} of ${count(reads)}${stale === 0 ? '' : `, by ${duration(worstMs)} at most`}`,
      ])
    rows.push(['reads that went back', `${countOrNot(verdict.readsBack)} of ${countOrNot(verdict.readsAgain)}`])
  }
  if (verdict.lostSpanMs !== null && (verdict.lostWrites ?? 0) > 0)
    rows.push(['first to last lost ack', duration(verdict.lostSpanMs)])
  return html`<section><h2>Writes and losses</h2>${table(['writes', 'number'], rows, 'narrow-table')}
    ${
      verdict.lostWriteSamples.length === 0
        ? ''
        : html`<h3>Lost writes${(verdict.lostWrites ?? 0) > verdict.lostWriteSamples.length ? `, the first ${verdict.lostWriteSamples.length} of ${count(verdict.lostWrites ?? 0)}` : ''}</h3>
      ${table(
        ['key', 'acked at', 'absent from'],
        verdict.lostWriteSamples.map((write) => [
          write.key,
          offset(write.ackedAtMs - zeroMs),
          write.absentFrom.join(', '),
        ]),
      )}`
    }
    ${
      verdict.dualWritable.length === 0
        ? ''
        : html`<h3>Two databases accepted writes</h3>${table(
            ['databases', 'from', 'to', 'for'],
            verdict.dualWritable.map((spell) => [
              spell.nodes.join(' and '),
              offset(spell.fromMs - zeroMs),
              offset(spell.toMs - zeroMs),
              duration(spell.toMs - spell.fromMs),
            ]),
          )}`
    }
    ${blastRadius(verdict)}</section>`
}

function blastRadius(verdict: Verdict): Markup {
  const regions = Object.entries(verdict.blastRadius)
  if (regions.length === 0) return html``
  return html`<h3>From the fault to recovery, by the region that answered</h3>${table(
    ['region', 'requests', 'failed'],
    regions.map(([region, { requests, failed }]) => [
      region === 'none' ? 'none answered' : region,
      count(requests),
      requests > 0 && failed > 0 ? `${count(failed)} (${percentage(failed / requests)})` : count(failed),
    ]),
    'narrow-table',
  )}`
}

export function faultsSection(verdict: Verdict): Markup {
  const zeroMs = verdict.moments.requestedMs ?? 0
  if (verdict.faults.length === 0) return html`<section><h2>Faults</h2><p>No fault was requested.</p></section>`
  return html`<section><h2>Faults</h2>${table(
    ['fault', 'requested', 'proved', 'spread', 'healed', 'does not model'],
    verdict.faults.map((fault) => [
      faultName(fault),
      offset(fault.requestedMs - zeroMs),
      offsetOrNot(fault.effectiveMs, zeroMs),
      durationOrNot(fault.spreadMs),
      offsetOrNot(fault.healedMs, zeroMs),
      fault.doesNotModel.length === 0
        ? 'nothing stated'
        : html`<ul>${fault.doesNotModel.map((text) => html`<li>${text}</li>`)}</ul>`,
    ]),
    'faults',
  )}</section>`
}

export function observersSection(model: ReportModel, verdict: Verdict): Markup {
  const zeroMs = verdict.moments.requestedMs ?? 0
  const { unexplained, explained } = model.gaps
  const gaps = unexplained.length + explained.length
  const asked = (observer: string, subject: string): string => {
    const found = model.intervals.find((started) => started.observer === observer && started.subject === subject)
    return found === undefined ? '' : duration(found.intervalMs)
  }
  return html`<section><h2>Observers</h2><p>How often each one really looked. A change can hide for as long as the longest pause between two samples.</p>
    ${
      verdict.observers.length === 0
        ? html`<p>None reported its samples.</p>`
        : table(
            ['observer', 'asked every', 'samples', 'median pause', 'p95', 'longest', 'unexplained gaps'],
            verdict.observers.map((seen) => [
              `${seen.observer}: ${seen.subject}`,
              asked(seen.observer, seen.subject),
              count(seen.samples),
              duration(seen.p50Ms),
              duration(seen.p95Ms),
              duration(seen.maxMs),
              seen.unexplainedGaps === 0 ? '0' : html`<b>${count(seen.unexplainedGaps)}</b>`,
            ]),
            'figures',
          )
    }
    ${
      gaps === 0
        ? ''
        : html`<details><summary>Gaps: ${unexplained.length} unexplained, ${explained.length} short or explained by their subject</summary>
      ${table(
        ['observer', 'from', 'for', 'reason'],
        [...unexplained, ...explained]
          .slice(0, gapsShown)
          .map((gap) => [
            `${gap.observer}: ${gap.subject}`,
            offset(gap.fromMs - zeroMs),
            duration(gap.toMs - gap.fromMs),
            clipped(gap.reason),
          ]),
      )}
      ${gaps > gapsShown ? html`<p class="quiet">${counted(gaps - gapsShown, 'more gap')} in the journal.</p>` : ''}</details>`
    }
    ${model.instrumentFailures.slice(0, failuresShown).map((failure) => html`<p class="flag">${failure.instrument} failed: ${clipped(failure.reason)}</p>`)}
    ${model.instrumentFailures.length > failuresShown ? html`<p class="quiet">${counted(model.instrumentFailures.length - failuresShown, 'more failure')} in the journal.</p>` : ''}</section>`
}
