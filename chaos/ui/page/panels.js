/** What stands beside the map: the clock, faults, phases, promises, and the verdict. */
import { clockOf, html } from './view.js'
import { duration, moment, running, signs } from './words.js'

const stateWords = {
  running: 'running',
  closed: 'the trial is over; its journal is being judged',
  judged: 'over',
  abandoned: 'nobody writes this journal any more, and the trial never ended: its process is gone',
}

export function Clock({ view, nowMs }) {
  const { trial, state } = view
  const atMs = clockOf(view, nowMs)
  const big = trial.zeroMs === null ? running(atMs) : `${running(atMs - trial.zeroMs)}`
  const stage = trial.stage === '' ? 'starting' : trial.stage
  return html`<section class="clock" aria-labelledby="clock-title">
    <h2 id="clock-title" class="unseen">Clock</h2>
    <p class="big number">${big}</p>
    <p>${trial.zeroMs === null ? 'since the start; nothing is broken yet' : 'since the fault'}</p>
    <p class=${state === 'abandoned' ? 'flag' : 'quiet'} data-state=${state}>${state === 'running' ? `${stage}, for ${running(atMs - trial.stageSinceMs)}` : stateWords[state]}${trial.closed !== null && trial.closed !== 'completed' ? `; ${trial.closed}` : ''}</p>
  </section>`
}

/** The last second of which all requests were due, and how long writes have waited. */
export function Pace({ view, nowMs }) {
  const { trial, state, seconds } = view
  if (view.reading?.isFinal) return null
  const { longestMs, lastAckedMs } = trial.writeGap
  const sinceMs = lastAckedMs === null ? null : clockOf(view, nowMs) - lastAckedMs
  const last = seconds.get(Math.max(...seconds.keys()) - 1)
  return html`<section class="pace" aria-labelledby="pace-title"><h2 id="pace-title">Clients</h2>
    <p class="number">${last === undefined ? 'no whole second of requests yet' : `${last.acked}/s acked, ${last.rejected}/s rejected, ${last.unknown}/s without answer${last.p50Ms === null ? '' : `; median ${duration(last.p50Ms)}, p99 ${duration(last.p99Ms)}`}`}</p>
    ${longestMs !== null && html`<p>longest write gap since the fault: <b class="number" data-gap=${longestMs}>${duration(longestMs)}</b></p>`}
    ${state === 'running' && sinceMs !== null && sinceMs > 1_000 && html`<p class="flag">no write acknowledged for ${running(sinceMs)}</p>`}
  </section>`
}

export function Faults({ view, nowMs, heal }) {
  const { faults, zeroMs } = view.trial
  const atMs = clockOf(view, nowMs)
  return html`<section class="faults" aria-labelledby="faults-title"><h2 id="faults-title">Faults</h2>
    ${faults.length === 0 && html`<p class="quiet">Nothing was broken yet.</p>`}
    <ul class="cards">${faults.map(
      (fault) => html`<li key=${fault.faultId} class=${fault.healedMs === null ? 'active' : 'healed'}>
      <p><b>${fault.name}</b> <span class="quiet">${fault.faultId}</span></p>
      <p>${faultWords(fault, { atMs, zeroMs })}</p>
      ${fault.trouble !== null && html`<p class="flag">${fault.trouble}</p>`}
      ${fault.healFailed !== null && html`<p class="flag">could not be healed: ${fault.healFailed}</p>`}
      ${fault.healedMs === null && heal !== null && html`<button type="button" onClick=${() => heal(fault.faultId)}>Heal ${fault.name}</button>`}
      <details><summary>What it does not model</summary><ul>${fault.doesNotModel.map((text) => html`<li key=${text}>${text}</li>`)}</ul></details>
    </li>`,
    )}</ul>
  </section>`
}

function faultWords({ requestedMs, provedMs, healedMs, healRequestedMs, forMs }, { atMs, zeroMs }) {
  const proof = provedMs === null ? 'not proved' : `proved after ${duration(provedMs - requestedMs)}`
  if (healedMs !== null)
    return `requested at ${moment(requestedMs, zeroMs)}, ${proof}, healed at ${moment(healedMs, zeroMs)}`
  if (healRequestedMs !== null) return `is being healed; ${proof}`
  const left =
    forMs === null ? 'until somebody heals it' : `heals in ${running(Math.max(0, requestedMs + forMs - atMs))}`
  return `active for ${running(atMs - requestedMs)}, ${provedMs === null ? 'not proved yet' : proof}; ${left}`
}

export function Phases({ view }) {
  const { reading } = view
  const phases = reading?.phases ?? []
  const total = phases.reduce((sum, { lengthMs }) => sum + lengthMs, 0)
  return html`<section class="phase-list" aria-labelledby="phases-title"><h2 id="phases-title">Phases${reading && !reading.isFinal ? ' so far' : ''}</h2>
    ${
      phases.length === 0
        ? html`<p class="quiet">${view.trial.zeroMs === null ? 'They begin with the fault.' : 'None has closed yet.'}</p>`
        : html`
    <svg class="phase-bar" width="100%" height="14" role="img" aria-label=${`Phases: ${phases.map(({ name, lengthMs }) => `${name} ${duration(lengthMs)}`).join(', ')}`}>
      ${phases.map(({ name, lengthMs }, index) => {
        const beforeMs = phases.slice(0, index).reduce((sum, phase) => sum + phase.lengthMs, 0)
        return (
          total > 0 &&
          html`<rect key=${name} class=${`phase ${name}`} x=${`${(100 * beforeMs) / total}%`} width=${`${(100 * lengthMs) / total}%`} height="14" />`
        )
      })}
    </svg>
    <table class="phases"><thead class="unseen"><tr><th scope="col">phase</th><th scope="col">length</th><th scope="col">who saw its end</th></tr></thead><tbody>
      ${phases.map(
        (
          phase,
        ) => html`<tr key=${phase.name} data-phase=${phase.name}><th scope="row"><i class=${`swatch phase-${phase.name}`}></i>${phase.name}<small>${phase.meaning}</small></th>
        <td class="number">${duration(phase.lengthMs)}</td><td class="quiet">${phase.observer}${phase.flag === null ? '' : `; ${phase.flag}`}</td></tr>`,
      )}
    </tbody></table>`
    }
  </section>`
}

export function Objectives({ view }) {
  const objectives = view.reading?.objectives ?? []
  return html`<section class="objectives" aria-labelledby="objectives-title"><h2 id="objectives-title">Promises</h2>
    ${objectives.length === 0 && html`<p class="quiet">They are told once something is broken.</p>`}
    <ul class="promises">${objectives.map(
      ({ promise, state, message }) => html`<li key=${promise} data-objective=${state}>
      <span class=${`state ${state}`}><span aria-hidden="true">${signs[state]}</span> ${state}</span> ${promise}
      ${message !== null && (state === 'missed' ? html`<small>${message}</small>` : html`<details><summary>what was measured</summary><small>${message}</small></details>`)}</li>`,
    )}</ul>
  </section>`
}

export function VerdictPanel({ view }) {
  const { reading, run } = view
  if (!reading?.isFinal) return null
  return html`<section class="verdict-panel" aria-labelledby="verdict-title">
    <h2 id="verdict-title" class=${reading.verdict} data-verdict=${reading.verdict}><span aria-hidden="true">${signs[reading.verdict]}</span> ${reading.verdictWord}</h2>
    <p class="summary">${reading.summary}</p>
    ${reading.broken.length > 0 && html`<ul>${reading.broken.map((text) => html`<li key=${text}>${text}</li>`)}</ul>`}
    <dl class="numbers">${reading.numbers.map(({ label, value, note, measured }) => html`<div key=${label}><dt>${label}</dt><dd class=${measured ? 'value number' : 'value absent'}>${value}</dd><dd class="note">${note}</dd></div>`)}</dl>
    <p><a href=${`#/report/${encodeURIComponent(run)}`}>Open the report</a></p>
  </section>`
}
