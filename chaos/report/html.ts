/** report.html: one file that opens from disk, needs nothing from outside, and reads without scripts. Pure. */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { Verdict } from '../judge/verdict.ts'
import { html, trusted } from './markup.ts'
import { modelOf } from './model.ts'
import { environmentSection } from './page/environment.ts'
import { headline, numbersSection } from './page/headline.ts'
import { phasesSection } from './page/phases.ts'
import { hoverScript, hoverScriptHash } from './page/script.ts'
import { style } from './page/style.ts'
import { faultsSection, lossesSection, objectivesSection, observersSection, validitySection } from './page/tables.ts'
import { timelineSection } from './page/timeline.ts'
import { waitingSection } from './page/waiting.ts'
import { verdictWords } from './wording.ts'

export interface ReportInput {
  journal: RecordedJournal
  verdict: Verdict
  /** Folder of the run as the commands at the end should name it. */
  runFolder?: string
}

/** Only our own script may run, whatever a journal holds: the second fence behind the escaping. */
export const reportPolicy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hoverScriptHash}'; base-uri 'none'; form-action 'none'`

export function renderReport({ journal, verdict, runFolder = 'last' }: ReportInput): string {
  const model = modelOf(journal, verdict)
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${reportPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${verdictWords[verdict.verdict]}: ${verdict.scenario}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${headline(verdict)}
${numbersSection(verdict)}
${phasesSection(verdict)}
${timelineSection(model, verdict)}
${waitingSection(verdict)}
${objectivesSection(verdict)}
${validitySection(verdict)}
${lossesSection(verdict)}
${faultsSection(verdict)}
${observersSection(model, verdict)}
${environmentSection(model, runFolder)}
</main>
<script>${trusted(hoverScript)}</script>
</body>
</html>
`
  return page.text
}
