/** summary.md of a suite: for a pull request or a job's summary page. */

import type { Suite, Told } from '../judge/suite.ts'
import { escaped, renderSummary, table } from './markdown.ts'
import {
  brokeWords,
  countWords,
  inapplicableWords,
  recoveredWords,
  resultSigns,
  totalsWords,
  trialName,
  trialsOf,
  warnings,
  worldWords,
  writeGapWords,
} from './suite-wording.ts'

const headlines: Record<number, string> = { 0: '✓ Met', 1: '✕ Missed', 2: '? Inconclusive', 130: '? Interrupted' }

export interface SuiteSummaryOptions {
  /** Whether to fold in all about the trials that were not met. */
  details?: boolean
}

export function renderSuiteSummary(
  suite: Suite,
  told: readonly Told[],
  { details = true }: SuiteSummaryOptions = {},
): string {
  const shard = suite.shard ? `, part ${suite.shard.index} of ${suite.shard.of}` : ''
  const sections = [
    `# ${headlines[suite.exitStatus] ?? '?'}: suite ${escaped(suite.name)}${shard}`,
    escaped(`${totalsWords(suite)}.`),
    warnings(suite)
      .map((line) => `- ${escaped(line)}`)
      .join('\n'),
    results(suite),
    suite.results
      .filter(({ doesNotApply }) => doesNotApply)
      .map((result) => `- ${escaped(inapplicableWords(result))}`)
      .join('\n'),
    ...(details ? told.map((each) => detailsOf(suite, each)) : []),
    escaped(`World ${suite.world}, started ${suite.startedAt}; ${worldWords(suite)}.`),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function results(suite: Suite): string {
  return table(
    ['', 'scenario', 'verdict', 'recovered in', 'write gap', 'failed requests', 'lost writes', 'what broke'],
    trialsOf(suite).map((result) => [
      resultSigns[result.verdict],
      trialName(result, suite),
      result.verdict,
      recoveredWords(result),
      writeGapWords(result),
      countWords(result.failedRequests),
      countWords(result.lostWrites),
      brokeWords(result),
    ]),
  )
}

function detailsOf(suite: Suite, { result, verdict }: Told): string {
  if (result.verdict === 'met' || result.verdict === 'skipped') return ''
  const title = `<summary>${resultSigns[result.verdict]} ${result.verdict}: ${folded(trialName(result, suite))}</summary>`
  const body = verdict
    ? `${deeper(renderSummary(verdict)).trim()} Run folder: ${escaped(result.run ?? 'none')}.`
    : escaped(result.reason)
  // Markdown inside HTML is read as such only after an empty line.
  return `<details>\n${title}\n\n${body}\n\n</details>`
}

/** Inside a tag there is no Markdown to escape from, and a backslash would be shown. */
function folded(text: string): string {
  return escaped(text).replace(/\\/g, '')
}

/** A document's headings, two levels down. No other line begins with "#": texts are escaped. */
function deeper(markdown: string): string {
  return markdown.replace(/^(?=#+ )/gm, '##')
}
