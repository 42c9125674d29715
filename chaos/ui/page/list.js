/** The runs that there are, and a report among them. */

import { Component } from '/page/preact.js'
import { askInto, give } from './link.js'
import { Strips } from './strip.js'
import { html } from './view.js'
import { signs } from './words.js'

export class Runs extends Component {
  constructor() {
    super()
    this.state = { runs: null, problem: null, scenario: '', verdict: '', refused: null, chosen: [] }
  }

  componentDidMount() {
    return askInto(this, '/api/runs')
  }

  /** Of three, the first one marked is dropped. */
  mark(run) {
    this.setState(({ chosen }) => ({
      chosen: chosen.includes(run) ? chosen.filter((each) => each !== run) : [...chosen, run].slice(-2),
    }))
  }

  /** Its trial is shown as soon as it begins; the order stands beside it. */
  async replay(run) {
    await give({ do: 'replay', run }, (refused) => {
      this.setState({ refused })
      if (refused === null) location.hash = '#/'
    })
  }

  render({ why }, { runs, problem, scenario, verdict, refused, chosen }) {
    if (problem !== null) return html`<p class="flag">${problem}</p>`
    if (runs === null) return html`<p class="quiet">Reading the runs…</p>`
    const shown = runs.filter(
      (run) =>
        (scenario === '' || run.scenario === scenario) && (verdict === '' || (run.verdict ?? 'none') === verdict),
    )
    const names = [...new Set(runs.map((run) => run.scenario).filter(Boolean))].toSorted()
    const choice = (
      label,
      name,
      value,
      options,
    ) => html`<label>${label} <select value=${value} onChange=${({ target }) => this.setState({ [name]: target.value })}>
      <option value="">all</option>${options.map(([key, text]) => html`<option key=${key} value=${key}>${text}</option>`)}</select></label>`
    return html`<section class="runs" aria-labelledby="runs-title">
      <header><h2 id="runs-title">Runs</h2>
        ${choice(
          'Scenario',
          'scenario',
          scenario,
          names.map((name) => [name, name]),
        )}
        ${choice('Verdict', 'verdict', verdict, [
          ['met', 'met'],
          ['missed', 'missed'],
          ['inconclusive', 'inconclusive'],
          ['none', 'not judged'],
        ])}
        <p class="quiet" aria-live="polite">${shown.length} of ${runs.length}</p>
        <p aria-live="polite">${chosen.length === 2 ? html`<a href=${`#/pair/${chosen.toSorted().map(encodeURIComponent).join('/')}`}>side by side</a>` : html`<span class="quiet">${chosen.length === 0 ? 'Mark two to see them side by side.' : 'Mark one more.'}</span>`}</p>
        ${why !== null && html`<p class="quiet">None can be replayed now: ${why}.</p>`}</header>
      ${refused !== null && html`<p class="flag" role="alert">${refused}</p>`}
      ${scenario !== '' && html`<${Strips} key=${scenario} scenario=${scenario} />`}
      ${
        runs.length === 0
          ? html`<p>No runs yet: <code>npx blackstart run region-kill</code> makes one.</p>`
          : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="runs-title"><table>
        <thead><tr><th scope="col"><span class="unseen">mark</span></th><th scope="col">run</th><th scope="col">verdict</th><th scope="col">outcome</th><th scope="col">write gap</th><th scope="col">lost writes</th><th scope="col">report</th>${why === null && html`<th scope="col">again</th>`}</tr></thead>
        <tbody>${shown.map(
          (run) => html`<tr key=${run.name} title=${run.summary ?? ''}>
          <td><input type="checkbox" aria-label=${`mark ${run.name}`} disabled=${run.verdict === null} checked=${chosen.includes(run.name)} onChange=${() => this.mark(run.name)} /></td>
          <th scope="row"><a href=${`#/run/${encodeURIComponent(run.name)}`}>${run.name}</a></th>
          <td class=${run.verdict ?? 'quiet'}>${run.verdict === null ? 'not judged' : html`<span aria-hidden="true">${signs[run.verdict]}</span> ${run.verdict}`}</td>
          <td class="number">${run.outcome ?? '–'}</td><td class="number">${run.writeGap ?? '–'}</td><td class="number">${run.lostWrites ?? '–'}</td>
          <td>${run.hasReport ? html`<a href=${`#/report/${encodeURIComponent(run.name)}`} aria-label=${`report of ${run.name}`}>report</a>` : html`<span class="quiet">none</span>`}</td>
          ${why === null && html`<td><button type="button" class="plain" aria-label=${`Replay ${run.name}`} onClick=${() => this.replay(run.name)}>Replay</button></td>`}</tr>`,
        )}</tbody></table></div>`
      }
    </section>`
  }
}

export function Report({ run }) {
  const path = `/runs/${encodeURIComponent(run)}/report`
  return html`<section class="report" aria-labelledby="report-title"><header><h2 id="report-title">Report of ${run}</h2>
    <p><a href=${`#/run/${encodeURIComponent(run)}`}>the run on the map</a></p></header>
    <iframe src=${path} title=${`Report of ${run}`}></iframe></section>`
}
