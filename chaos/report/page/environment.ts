/** What the trial ran on, and the commands that repeat or re-judge it. */

import { surgeRate } from '../../scenarios/due.ts'
import { duration, percentage } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import type { ReportModel } from '../model.ts'
import { table } from './tables.ts'

export function environmentSection(model: ReportModel, runFolder: string): Markup {
  const { opened } = model
  return html`<section><h2>Environment</h2>
    ${facts(opened)}
    <h3>Do it again</h3>
    <pre><code>npx blackstart replay ${runFolder}   <span class="quiet"># the same faults at the same offsets, seed ${String(opened.seed)}</span>
npx blackstart judge ${runFolder}    <span class="quiet"># the same journal, read again; needs no Docker</span></code></pre></section>`
}

function surgesInWords({ ratePerSecond, surges = [] }: ReportModel['opened']['scenario']['load']): string {
  return surges
    .map(
      ({ atMs, forMs, times }) => `; ${surgeRate(ratePerSecond, times)}/s at +${duration(atMs)} for ${duration(forMs)}`,
    )
    .join('')
}

function facts(opened: ReportModel['opened']): Markup {
  const { host, harness, scenario, topology } = opened
  const gibibytes = (host.memoryBytes / 2 ** 30).toFixed(1)
  return html`${table(
    ['fact', 'value'],
    [
      ['trial', opened.trialId],
      ['seed', String(opened.seed)],
      ['harness', `Blackstart ${harness.version}, commit ${harness.commit}, Node ${harness.node}`],
      [
        'host',
        `${host.platform}, ${host.cores} cores${host.model === undefined ? '' : ` (${host.model})`}, ${gibibytes} GiB, kernel ${host.kernel}, engine ${host.engine}`,
      ],
      [
        'load',
        `${scenario.load.ratePerSecond} requests/s, ${percentage(scenario.load.writeShare)} writes, client timeout ${duration(scenario.load.timeoutMs)}${surgesInWords(scenario.load)}`,
      ],
      ['links', topology.links.map((link) => `${link.sites.join('–')} ${duration(link.latencyMs)} one way`).join(', ')],
      ...Object.entries(opened.versions).map(([component, version]) => [component, version]),
    ],
    'narrow-table',
  )}
  ${
    Object.keys(topology.timeouts).length === 0
      ? ''
      : html`<details><summary>Settings that bound the reaction (${Object.keys(topology.timeouts).length})</summary>
    ${table(
      ['setting', 'value'],
      Object.entries(topology.timeouts).map(([name, ms]) => [name, duration(ms)]),
      'narrow-table',
    )}</details>`
  }`
}
