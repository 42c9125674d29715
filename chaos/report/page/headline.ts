/** The top of the page: the verdict, why, and the numbers that people came for. */

import type { Verdict } from '../../judge/verdict.ts'
import { html, type Markup } from '../markup.ts'
import { differenceWords, keyNumbers, summaryWords, verdictSigns, verdictWords } from '../wording.ts'

export function headline(verdict: Verdict): Markup {
  const difference = differenceWords(verdict)
  const broken = verdict.validity.filter((check) => !check.holds)
  return html`<header>
    <p class="quiet">Blackstart · ${verdict.scenario} · ${wallTime(verdict.startedAt)}</p>
    <h1 class="${verdict.verdict}"><span class="sign" aria-hidden="true">${verdictSigns[verdict.verdict]}</span> ${verdictWords[verdict.verdict]}</h1>
    <p class="summary">${summaryWords(verdict)}</p>
    <p class="story">${verdict.title}</p>
    ${difference === undefined ? '' : html`<p class="quiet">${difference}</p>`}
    ${
      broken.length === 0
        ? ''
        : html`<div class="warning" role="note"><b>Validity: ${broken.length === 1 ? 'one check does' : `${broken.length} checks do`} not hold.</b> ${verdict.verdict === 'missed' ? 'What was missed stands by its own evidence; the other numbers are doubtful.' : 'The numbers below are evidence, not a verdict.'}
      <ul>${broken.map((check) => html`<li><b>${check.name}</b>: ${check.detail}</li>`)}</ul></div>`
    }
  </header>`
}

export function numbersSection(verdict: Verdict): Markup {
  return html`<section aria-label="Key numbers"><dl class="numbers">${keyNumbers(verdict).map(
    (number) => html`<div>
    <dt>${number.label}</dt><dd class="value${isWide(number.value) ? ' words' : ''}${number.measured ? '' : ' absent'}">${number.value}</dd><dd class="note">${number.note}</dd></div>`,
  )}</dl></section>`
}

/** A value that needs more than its column at full size: it is set smaller, and broken only between words. */
function isWide(value: string): boolean {
  return value.length > 14
}

/** `2026-11-03 10:02:00 UTC`; whatever else the verdict holds is shown as it is. */
function wallTime(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(iso) ? `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC` : iso
}
