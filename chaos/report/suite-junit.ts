/** junit.xml of a suite: its trials, each as in its own junit.xml, and those without a verdict. */

import type { Suite, Told } from '../judge/suite.ts'
import { type JunitTrial, renderJunitTrials } from './junit.ts'
import { inapplicableWords, stoppedWords } from './suite-wording.ts'

export function renderSuiteJunit(suite: Suite, told: readonly Told[]): string {
  const trials = told.map(({ result, verdict }): JunitTrial => {
    if (verdict) return { verdict, tookMs: result.tookMs }
    const { scenario, startedAt, tookMs } = result
    const message = result.doesNotApply ? inapplicableWords(result) : result.reason
    return {
      unjudged: { scenario, startedAt, state: result.verdict === 'skipped' ? 'skipped' : 'error', message },
      tookMs,
    }
  })
  // With --bail the user asked to stop at the first miss, and that one is red already. After any other stop something
  // is unknown.
  const state = suite.stopped === 'bail' ? 'skipped' : 'error'
  const notRun = suite.notRun.map(
    ({ scenario }): JunitTrial => ({
      unjudged: { scenario, startedAt: suite.startedAt, state, message: `not run, ${stoppedWords(suite)}` },
    }),
  )
  return renderJunitTrials([...trials, ...notRun])
}
