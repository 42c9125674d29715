/** A suite's results in words, the same in every rendering. */
import { median } from '../judge/statistics.ts'
import { isForbiddenSkip, type ResultName, type Suite, type SuiteResult } from '../judge/suite.ts'
import { count, counted, duration, elapsed, notMeasured } from './format.ts'
import { outcomeWords } from './outcome-words.ts'
import { verdictSigns } from './wording.ts'

export const resultSigns: Record<ResultName, string> = { ...verdictSigns, skipped: '-' }

/** "region-kill", or "region-kill, trial 2" where there are several. */
export function trialName(
  { scenario, trial }: { scenario: string; trial: number },
  { trials }: Pick<Suite, 'trials'>,
): string {
  return trials === 1 ? scenario : `${scenario}, trial ${trial}`
}

export function recoveredWords({ outcome, recoveredInMs }: SuiteResult): string {
  return outcomeWords({ outcome, recoveredInMs, censoredAtMs: null }) ?? notMeasured
}

/** The longest time without an acknowledged write. The table says "at least" with a sign. */
export function writeGapWords({ writeGapMs, writeGapOpen }: SuiteResult): string {
  return writeGapMs === null ? '–' : `${writeGapOpen ? '≥ ' : ''}${duration(writeGapMs)}`
}

/** A count, or a dash where there is none: "not measured" in every cell would hide what matters. */
export function countWords(value: number | null): string {
  return value === null ? '–' : count(value)
}

/** What broke, in few words. */
export function brokeWords(result: SuiteResult): string {
  if (result.verdict === 'met') return ''
  return result.broke.length > 0 ? result.broke.join('; ') : result.reason
}

/** What was to be run. */
export function trialsOf({ results }: Pick<Suite, 'results'>): SuiteResult[] {
  return results.filter(({ doesNotApply }) => !doesNotApply)
}

/** "switchover does not apply here: db-1 publishes no REST API of Patroni". */
export function inapplicableWords({ scenario, reason }: Pick<SuiteResult, 'scenario' | 'reason'>): string {
  return `${scenario} does not apply here: ${reason}`
}

/** "18 trials in 21.3 min: 15 met, 1 missed, 1 inconclusive, 1 skipped; 17 scenarios do not apply". */
export function totalsWords(suite: Suite): string {
  const results = trialsOf(suite)
  const others = suite.results.length - results.length
  const parts = (['met', 'missed', 'inconclusive', 'skipped'] as const).flatMap((name) => {
    const number = results.filter((result) => result.verdict === name).length
    return number > 0 || name === 'met' ? [`${number} ${name}`] : []
  })
  const apply = others === 0 ? '' : `; ${counted(others, 'scenario')} ${others === 1 ? 'does' : 'do'} not apply here`
  return `${counted(results.length, 'trial')} in ${elapsed(suite.tookMs)}: ${parts.join(', ')}${apply}`
}

/** The resets and rebuilds of the world, and how long they took. */
export function worldWords({ resetsMs, rebuilds }: Suite): string {
  const times = `median ${elapsed(median(resetsMs) ?? 0)}, slowest ${elapsed(Math.max(...resetsMs))}`
  const resets = resetsMs.length === 0 ? 'no reset' : `${counted(resetsMs.length, 'verified reset')}, ${times}`
  return rebuilds.length === 0
    ? resets
    : `${resets}; the world was rebuilt ${rebuilds.length === 1 ? 'once' : `${rebuilds.length} times`}`
}

/** Remarks about the suite as a whole. */
export function warnings(suite: Suite): string[] {
  const { rebuilds, results, allowedSkips, notRun } = suite
  return [
    ...results
      .filter((result) => isForbiddenSkip(result, allowedSkips))
      .map(
        ({ scenario, reason }) => `${scenario} was skipped, and "--allow-skip ${scenario}" was not given: ${reason}`,
      ),
    ...rebuilds.map(
      ({ before, reason, tookMs }) => `the world was rebuilt before ${before} (${elapsed(tookMs)}): ${reason}`,
    ),
    ...(notRun.length === 0
      ? []
      : [`not run, ${stoppedWords(suite)}: ${[...new Set(notRun.map(({ scenario }) => scenario))].join(', ')}`]),
  ]
}

/** Why the rest was not run. */
export function stoppedWords({ stopped, trials, results }: Suite): string {
  const last = results.at(-1)
  switch (stopped) {
    case 'bail':
      return `since ${last ? trialName(last, { trials }) : 'one'} was missed and --bail was given`
    case 'interrupted':
      return 'since the suite was interrupted'
    case 'no world':
      return 'since there was no world to run in'
    default:
      return 'since the suite has not ended'
  }
}
