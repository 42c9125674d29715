/** A suite's results at its end, and a line for each trial that was met, for people at a terminal. Pure. */

import type { ResultName, Suite, SuiteResult } from '../judge/suite.ts'
import { elapsed, plainly } from './format.ts'
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
import { cut, type Palette, wrapped } from './text.ts'

export interface SuiteTerminalOptions {
  colours: Palette
  /** Columns; lines are kept to it. */
  width: number
}

const header = ['', 'scenario', 'verdict', 'recovered in', 'write gap', 'failed', 'lost', 'took']
const nameColumn = 1
/** What is right-aligned: numbers. */
const numeric = [3, 4, 5, 6, 7]

export function renderSuiteTable(given: Suite, { colours, width }: SuiteTerminalOptions): string {
  const suite = plainly(given)
  const trials = trialsOf(suite)
  const { lines, heading } = rowsWithin(suite, width)
  return [
    colours.dim(heading.trimEnd()),
    ...lines.map((line, index) => coloured(line, trials[index]?.verdict ?? 'inconclusive', colours)),
    ...suite.results
      .filter(({ doesNotApply }) => doesNotApply)
      .flatMap((result) => wrapped(inapplicableWords(result), width - 2))
      .map((line) => colours.dim(`  ${line}`)),
    ...trials.flatMap((result) => whyLines(result, suite, width, colours)),
    ...warnings(suite).flatMap((text) =>
      wrapped(text, width - 2).map((part, index) => `${index === 0 ? colours.yellow('!') : ' '} ${part}`),
    ),
    '',
    ...wrapped(totalsWords(suite), width).map(colours.bold),
    ...wrapped(worldWords(suite), width).map(colours.dim),
  ].join('\n')
}

/** Where names would have to be cut, how long each trial took is left out: it was told when the trial ended. */
function rowsWithin(suite: Suite, width: number): { heading: string; lines: string[] } {
  const rows = trialsOf(suite).map((result) => [
    resultSigns[result.verdict],
    trialName(result, suite),
    result.verdict,
    recoveredWords(result),
    writeGapWords(result),
    countWords(result.failedRequests),
    countWords(result.lostWrites),
    elapsed(result.tookMs),
  ])
  const all = header.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map((cell) => [...cell].length)),
  )
  const needed = (widths: readonly number[]): number =>
    widths.reduce((sum, cells) => sum + cells, 0) + 2 * (widths.length - 1)
  const widths = needed(all) <= width ? all : all.slice(0, -1)
  const named = widths[nameColumn] ?? 0
  // Only the name is cut: everything else is short.
  widths[nameColumn] = Math.max(8, Math.min(named, width - (needed(widths) - named)))
  const line = (cells: readonly string[]): string =>
    widths.map((room, column) => aligned(cells[column] ?? '', room, column)).join('  ')
  return { heading: line(header), lines: rows.map(line) }
}

function aligned(cell: string, width: number, column: number): string {
  const text = cut(cell, width)
  return numeric.includes(column) ? text.padStart(width) : text.padEnd(width)
}

function coloured(line: string, verdict: ResultName, colours: Palette): string {
  return { met: (text: string) => text, missed: colours.red, inconclusive: colours.magenta, skipped: colours.dim }[
    verdict
  ](line)
}

function whyLines(result: SuiteResult, suite: Suite, width: number, colours: Palette): string[] {
  // A skip that is not allowed is among the warnings.
  if (result.verdict === 'met' || (result.verdict === 'skipped' && !suite.allowedSkips.includes(result.scenario)))
    return []
  const text = `${trialName(result, suite)} ${result.verdict}: ${brokeWords(result)}`
  return wrapped(text, width - 2).map(
    (part, index) => `${index === 0 ? coloured(resultSigns[result.verdict], result.verdict, colours) : ' '} ${part}`,
  )
}

/** One line of a trial that ended well: "✓ met: recovered in 20.81 s, write gap 20.9 s, 418 failed, 0 lost (81.3 s)". */
export function resultLine(result: SuiteResult, { colours }: Pick<SuiteTerminalOptions, 'colours'>): string {
  const recovered = result.outcome === 'recovered' ? `recovered in ${recoveredWords(result)}` : recoveredWords(result)
  const word = colours.green(`${resultSigns[result.verdict]} ${result.verdict}`)
  return `${word}: ${recovered}, write gap ${writeGapWords(result)}, ${countWords(result.failedRequests)} failed, ${countWords(result.lostWrites)} lost (${elapsed(result.tookMs)})`
}
