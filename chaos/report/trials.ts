/** The results of several trials of one scenario in words: median with interval, worst, and what they cannot show. */
import { distinctTrials } from '../judge/duplicates.ts'
import { type Interval, median, worst } from '../judge/statistics.ts'
import { type GapSummary, isValid, summarizeTrials } from '../judge/trials.ts'
import { phaseNames, type Verdict } from '../judge/verdict.ts'
import { duration, percentage, plain } from './format.ts'

export function renderTrials(given: readonly Verdict[]): string {
  const { trials: verdicts } = distinctTrials(given)
  const all = summarizeTrials(given)
  // Only a valid trial measured anything; how many were not is said first.
  const lines = [
    `${all.trials} trials: ${all.met} met, ${all.missed} missed, ${all.inconclusive} inconclusive`,
    ...all.duplicates.map(plain),
  ]
  if (all.censored > 0) lines.push(`not recovered in the observed time: ${all.censored}`)
  if (all.uninterrupted > 0) lines.push(`not interrupted: ${all.uninterrupted}`)
  if (all.someFailed > 0) lines.push(`not interrupted, but requests failed: ${all.someFailed}`)
  if (all.recoveredInMs.length > 0) {
    lines.push(
      `recovered in: median ${length(all.medianMs)}, ${intervalWords(all.medianIntervalMs, all.valid)}, worst ${length(all.worstMs)}`,
      `  each: ${all.recoveredInMs.map(length).join(', ')}`,
      all.toleranceBoundMs === null
        ? `  a bound for 95 % of trials needs ${all.trialsMissing} more`
        : `  95 % of trials recover within ${length(all.toleranceBoundMs)} (95 % confidence)`,
    )
  }
  if (all.writeGap !== null) lines.push(...gapLines(all.writeGap))
  const valid = verdicts.filter(isValid)
  for (const phase of phaseNames) {
    const lengths = valid.flatMap((verdict) => verdict.phasesMs[phase] ?? [])
    if (lengths.length > 0)
      lines.push(`  ${phase.padEnd(8)} median ${length(median(lengths))}, worst ${length(worst(lengths))}`)
  }
  if (all.lossShareAtMost !== null) {
    lines.push(
      `trials that lost an acknowledged write: ${all.trialsWithLoss} of ${all.lossTrials}, so at most ${percentage(all.lossShareAtMost)} of all (95 % confidence)`,
    )
  }
  return lines.join('\n')
}

function gapLines({ trials, open, eachMs, medianMs, medianIntervalMs, worstMs }: GapSummary): string[] {
  return [
    `write gap: median ${length(medianMs)}, ${intervalWords(medianIntervalMs, trials)}, worst ${length(worstMs)}`,
    ...(eachMs.length === 0 ? [] : [`  each: ${eachMs.map(length).join(', ')}`]),
    ...(open === 0 ? [] : [`  still open when the load ended: ${open}`]),
  ]
}

function intervalWords(interval: Interval | null, n: number): string {
  if (interval !== null) return `[${length(interval.low)}, ${length(interval.high)}] at 95 %`
  return n < 6 ? `n = ${n} is too few for an interval` : 'no interval, since an end of it is no number'
}

function length(ms: number | null): string {
  return ms === null ? 'unknown' : duration(ms)
}
