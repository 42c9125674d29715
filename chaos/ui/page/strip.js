/** The trials of one scenario, each as a dot where it recovered, with the median and its interval. */

import { Component } from '/page/preact.js'
import { askInto } from './link.js'
import { html } from './view.js'
import { duration, signs } from './words.js'

/** Dots of trials that took equally long stand below each other. */
const rows = 4
const [topPx, rowPx, axisPx, textPx] = [10, 9, 50, 64]

export class Strips extends Component {
  constructor() {
    super()
    this.state = { strips: null, problem: null }
  }

  componentDidMount() {
    return askInto(this, `/api/trials?scenario=${encodeURIComponent(this.props.scenario)}`)
  }

  render({ scenario }, { strips, problem }) {
    if (problem !== null) return html`<p class="quiet">No strip of its trials: ${problem}.</p>`
    if (strips === null) return html`<p class="quiet">Reading its trials…</p>`
    return html`<div>${strips.map((strip) => html`<${Strip} key=${strip.world} scenario=${scenario} strip=${strip} />`)}
      <p class="quiet"><span class="met" aria-hidden="true">●</span> met <span class="missed" aria-hidden="true">◆</span> missed <span class="inconclusive" aria-hidden="true">○</span> not valid, and not counted; the line is the median, the band its interval at 95 %</p></div>`
  }
}

function Strip({ scenario, strip }) {
  const { world, dots, lines } = strip
  const [open, placed] = [dots.filter(({ ms }) => ms === null), dots.filter(({ ms }) => ms !== null)]
  return html`<figure class="strip">
    <figcaption>Recovery of each trial of ${scenario} in the world ${world}</figcaption>
    ${placed.length > 0 && html`<${Dots} ...${strip} dots=${placed} />`}
    ${dots.length === 0 && html`<p class="quiet">It was measured in none.</p>`}
    ${open.length > 0 && html`<p>Not recovered in the observed time: ${open.map(({ run }, index) => html`${index > 0 && ', '}<a key=${run} href=${`#/run/${encodeURIComponent(run)}`}>${run}</a>`)}</p>`}
    <details><summary>${lines[0]}</summary><pre>${lines.slice(1).join('\n')}</pre></details>
  </figure>`
}

function Dots({ dots, medianMs, interval, endMs, ticks }) {
  const at = (ms) => `${((ms / endMs) * 100).toFixed(3)}%`
  const said = dots.map(({ run, verdict, outcome }) => `${run}: ${verdict}, ${outcome}`).join('; ')
  return html`<div class="room"><svg role="img" aria-label=${said} height=${textPx + 4} width="100%">
    ${interval !== null && html`<rect class="band" x=${at(interval.low)} width=${at(interval.high - interval.low)} y="0" height=${axisPx} />`}
    <line class="axis" x1="0" x2="100%" y1=${axisPx} y2=${axisPx} />
    ${ticks.map((ms) => html`<g key=${ms}><line class="axis" x1=${at(ms)} x2=${at(ms)} y1=${axisPx} y2=${axisPx + 4} /><text x=${at(ms)} y=${textPx} text-anchor="middle">${ms === 0 ? '0' : duration(ms)}</text></g>`)}
    ${medianMs !== null && html`<line class="median" x1=${at(medianMs)} x2=${at(medianMs)} y1="0" y2=${axisPx} />`}
    ${dots.map((dot, index) => html`<${Mark} key=${dot.run} dot=${dot} x=${at(dot.ms)} y=${topPx + (index % rows) * rowPx} />`)}
  </svg></div>`
}

function Mark({ dot: { run, verdict, isValid, outcome }, x, y }) {
  const kind = `${verdict}${isValid ? '' : ' invalid'}`
  const tip = html`<title>${`${signs[verdict]} ${verdict}, ${outcome}: ${run}`}</title>`
  // A place in percent cannot be part of a path, so a diamond is a text.
  return verdict === 'missed' && isValid
    ? html`<text class=${`mark ${kind}`} data-run=${run} x=${x} y=${y} dy="4" text-anchor="middle">◆${tip}</text>`
    : html`<circle class=${`mark ${kind}`} data-run=${run} cx=${x} cy=${y} r="4">${tip}</circle>`
}
