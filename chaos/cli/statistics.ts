/** What several trials of one scenario say together: every value, median with interval, worst, and what they cannot say. */
import { median, medianInterval, shareAtMost, trialsNeeded, upperToleranceBound, worst } from '../judge/statistics.ts'
import type { Verdict } from '../judge/verdict.ts'

export function summariseTrials(verdicts: Verdict[]): string {
  const count = (name: Verdict['verdict']) => verdicts.filter((verdict) => verdict.verdict === name).length
  // Only a valid trial measured anything; how many were not is said first.
  const valid = verdicts.filter((verdict) => verdict.verdict !== 'inconclusive')
  const censored = valid.filter((verdict) => verdict.outcome === 'censored').length
  const recovered = valid.flatMap((verdict) => verdict.recoveredInMs ?? [])
  const lines = [`${verdicts.length} trials: ${count('met')} met, ${count('missed')} missed, ${count('inconclusive')} inconclusive${censored > 0 ? `, ${censored} of them not recovered in the observed time` : ''}`]
  if (recovered.length > 0) lines.push(`recovered in: ${describe(recovered)}`, `  each: ${recovered.map(seconds).join(', ')}`)
  for (const phase of ['detect', 'elect', 'promote', 'route', 'settle'] as const) {
    const lengths = valid.flatMap((verdict) => verdict.phasesMs[phase] ?? [])
    if (lengths.length > 0) lines.push(`  ${phase.padEnd(8)} ${describe(lengths)}`)
  }
  if (valid.length > 0) {
    const losing = valid.filter((verdict) => (verdict.lostWrites ?? 0) > 0).length
    lines.push(`trials that lost an acknowledged write: ${losing} of ${valid.length}, so at most ${(shareAtMost(losing, valid.length) * 100).toFixed(0)} % of all (95 % confidence)`)
  }
  return lines.join('\n')
}

function describe(values: number[]): string {
  const interval = medianInterval(values)
  const bound = upperToleranceBound(values)
  const parts = [
    `median ${seconds(median(values) ?? 0)}`,
    interval ? `[${seconds(interval.low)}, ${seconds(interval.high)}] at 95 %` : `n = ${values.length} is too few for an interval`,
    `worst ${seconds(worst(values) ?? 0)}`,
    bound === null ? `a 95/95 bound needs ${trialsNeeded()} trials` : `95 % of trials are below ${seconds(bound)} (95 % confidence)`,
  ]
  return parts.join(', ')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
