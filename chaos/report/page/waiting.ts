/** How long clients waited, in all and by region: what the time of recovery does not tell. */

import type { Verdict } from '../../judge/verdict.ts'
import { duration, notMeasured, offset } from '../format.ts'
import { html, type Markup, type Slot } from '../markup.ts'
import { gapWords } from '../outcome-words.ts'
import { table } from './tables.ts'

export function waitingSection(verdict: Verdict): Markup {
  const { writeGapMs, readGapMs, stalledMs, stalledOverMs, gapsByRegion } = verdict
  if (writeGapMs === null && readGapMs === null) return html``
  const zeroMs = verdict.moments.requestedMs ?? 0
  const from = (ms: number | null): Slot => (ms === null ? '' : html`<small>from ${offset(ms - zeroMs)} on</small>`)
  return html`<section><h2>How long clients waited</h2>
    <p>The longest time from the fault on without an acknowledged write, and without an answered read. A region that serves nobody has a gap; clients have one only if no other region served them.</p>
    ${table(
      ['answered by', 'no write for', 'no read for'],
      [
        [
          'any region',
          html`${gapWords(writeGapMs, verdict.writeGapOpen) ?? notMeasured}${from(verdict.writeGapFromMs)}`,
          html`${gapWords(readGapMs, verdict.readGapOpen) ?? notMeasured}${from(verdict.readGapFromMs)}`,
        ],
        ...Object.entries(gapsByRegion).map(([region, gaps]) => [
          region,
          gapWords(gaps.writeGapMs) ?? 'answered none',
          gapWords(gaps.readGapMs) ?? 'answered none',
        ]),
      ],
      'narrow-table',
    )}
    ${
      stalledMs === null || stalledOverMs === null
        ? ''
        : html`<p class="quiet">${
            stalledMs === 0
              ? `No client waited for longer than ${duration(stalledOverMs)}.`
              : `During ${duration(stalledMs)} some client had waited for longer than ${duration(stalledOverMs)}.`
          }</p>`
    }</section>`
}
