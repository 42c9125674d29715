/** The output of a suite: progress and results for people, for GitHub's summary page and for programs. */

import { join, relative } from 'node:path'
import { BlackstartError, messageOf } from '../errors.ts'
import type { Suite, Told } from '../judge/suite.ts'
import { elapsed, plain } from '../report/format.ts'
import { renderAnnotations } from '../report/suite-annotations.ts'
import { renderSuiteTable, resultLine } from '../report/suite-terminal.ts'
import { trialName } from '../report/suite-wording.ts'
import { renderVerdict } from '../report/terminal.ts'
import { runsFolder } from '../run/folder.ts'
import type { SuitePlan, SuiteWatcher } from '../run/suite.ts'
import { appendStepSummary, writeSuite } from '../run/suite-files.ts'
import { colours, jsonData, orderGitHub, say, sayRendered, width } from './output.ts'

/** Says what happens as it happens, and keeps the suite's files up to date. */
export function suiteWatcher({
  plan,
  folder,
  json,
}: {
  plan: Pick<SuitePlan, 'trials' | 'inapplicable'>
  folder: string
  json: boolean
}): SuiteWatcher {
  const told: Told[] = (plan.inapplicable ?? []).map((result) => ({ result }))
  return {
    started({ scenario, trial, index, of }) {
      say(`\n[${index}/${of}] ${trialName({ scenario: scenario.name, trial }, plan)}: ${plain(scenario.title)}`)
    },
    reset(tookMs) {
      say(`reset in ${elapsed(tookMs)}`)
    },
    ended(each, soFar, error) {
      told.push(each)
      sayRendered(endWords(each, error))
      if (json && each.verdict) jsonData(each.verdict)
      writeSuite(folder, soFar, told)
    },
  }
}

function endWords({ result, verdict }: Told, error: unknown): string {
  if (verdict?.verdict === 'met') return resultLine(result, { colours })
  if (verdict)
    return `\n${renderVerdict(verdict, { colours, width: width(), reportPath: join(relative(process.cwd(), runsFolder()), result.run ?? '', 'report.html') })}`
  // For a bug the message is not enough: its stack is shown too.
  const detail = error instanceof Error && !(error instanceof BlackstartError) && error.stack ? `\n${error.stack}` : ''
  return `${result.verdict}: ${result.reason}${detail}`.split('\n').map(plain).join('\n')
}

/** The results at the end: a table for people, lines for GitHub's pages, the whole for programs. */
export function tellSuite(
  suite: Suite,
  told: readonly Told[],
  { folder, json }: { folder: string; json: boolean },
): void {
  const near = relative(process.cwd(), folder)
  sayRendered(`\n${renderSuiteTable(suite, { colours, width: width() })}\n`)
  say(`summary  ${join(near, 'summary.md')}\njunit    ${join(near, 'junit.xml')}`)
  if (json) jsonData(suite)
  else if (process.env['GITHUB_ACTIONS'] === 'true') for (const line of renderAnnotations(suite)) orderGitHub(line)
  const page = process.env['GITHUB_STEP_SUMMARY']
  if (!page) return
  try {
    appendStepSummary(page, suite, told)
  } catch (error) {
    // The verdict stands without the page.
    say(`the summary could not be appended to GITHUB_STEP_SUMMARY (${page}): ${messageOf(error)}`)
  }
}
