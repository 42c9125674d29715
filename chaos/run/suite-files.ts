/** The files of a suite: its own folder beside those of its trials, and the job's summary page if there is one. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../files.ts'
import type { Suite, Told } from '../judge/suite.ts'
import { renderSuiteJunit } from '../report/suite-junit.ts'
import { renderSuiteSummary } from '../report/suite-markdown.ts'

/** GitHub takes 1 MiB from one step, and drops all of what is longer. */
const stepSummaryLimitBytes = 1_000_000

/** Writes suite.json, junit.xml and summary.md; after every trial, so that a job that is killed leaves what it had. */
export function writeSuite(folder: string, suite: Suite, told: readonly Told[]): void {
  const files: [string, string][] = [
    ['suite.json', `${JSON.stringify(suite, null, 2)}\n`],
    ['junit.xml', renderSuiteJunit(suite, told)],
    ['summary.md', renderSuiteSummary(suite, told)],
  ]
  // Each file is replaced in one step: a job may be killed at any moment.
  for (const [name, text] of files) replaceFile(join(folder, name), text)
}

/** Appends the summary to the page that GITHUB_STEP_SUMMARY names, without the details where it would be too long. */
export function appendStepSummary(path: string, suite: Suite, told: readonly Told[]): void {
  const full = renderSuiteSummary(suite, told)
  appendFileSync(
    path,
    Buffer.byteLength(full) <= stepSummaryLimitBytes ? full : renderSuiteSummary(suite, told, { details: false }),
  )
}
