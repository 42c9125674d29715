/** Workflow commands that GitHub Actions turns into annotations of the job. */

import { isForbiddenSkip, type Suite, type SuiteResult } from '../judge/suite.ts'
import { plain } from './format.ts'
import { stoppedWords, trialName } from './suite-wording.ts'

/**
 * A line for everything that was not met: an error for what was missed, a warning for what was inconclusive. Empty when
 * all was met.
 */
export function renderAnnotations(suite: Suite): string[] {
  const { results, notRun } = suite
  return [
    ...results.flatMap((result) => annotationOf(result, suite)),
    ...(notRun.length === 0
      ? []
      : [
          command(
            'warning',
            `${notRun.length} not run`,
            `${stoppedWords(suite)}: ${[...new Set(notRun.map(({ scenario }) => scenario))].join(', ')}`,
          ),
        ]),
  ]
}

function annotationOf(result: SuiteResult, suite: Suite): string[] {
  if (result.doesNotApply) return []
  const name = trialName(result, suite)
  switch (result.verdict) {
    case 'met':
      return []
    case 'missed':
      return [command('error', `missed: ${name}`, result.reason)]
    case 'inconclusive':
      return [command('warning', `inconclusive: ${name}`, result.reason)]
    case 'skipped':
      return [
        command(
          'warning',
          `skipped${isForbiddenSkip(result, suite.allowedSkips) ? ' without --allow-skip' : ''}: ${name}`,
          result.reason,
        ),
      ]
  }
}

/**
 * The escapes are those of https://github.com/actions/toolkit, packages/core/src/command.ts: without them a text could
 * end the command, or begin another.
 */
function command(name: 'error' | 'warning', title: string, message: string): string {
  return `::${name} title=${escapedData(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${escapedData(message)}`
}

function escapedData(text: string): string {
  return text
    .split(/\r?\n/)
    .map(plain)
    .join('\n')
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
}
