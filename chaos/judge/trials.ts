/**
 * A run's trials together: what they show about recovery and loss, and how many more trials stronger claims would need.
 */

import { distinctTrials } from './duplicates.ts'
import { worstOf } from './objectives.ts'
import {
  type Interval,
  median,
  medianInterval,
  ruleOfThree,
  shareAtMost,
  trialsNeeded,
  upperToleranceBound,
  worst,
} from './statistics.ts'
import type { Verdict, VerdictName } from './verdict.ts'

export interface TrialsSummary {
  scenario: string
  /** The worst of all. */
  verdict: VerdictName
  trials: number
  /** Why some of those that were given are not among them: they are others given again. A sentence each. */
  duplicates: string[]
  met: number
  missed: number
  inconclusive: number
  /** Among the valid trials. A trial that broke a validity check counts for nothing below. */
  valid: number
  censored: number
  uninterrupted: number
  /** Not interrupted either, but requests failed. */
  someFailed: number
  /** Recovery times of valid trials, ascending; a censored one is left out and counted above. */
  recoveredInMs: number[]
  medianMs: number | null
  medianIntervalMs: Interval | null
  worstMs: number | null
  /** 95 % of trials recover within this, with 95 % confidence; null until there are enough trials. */
  toleranceBoundMs: number | null
  /** Trials still missing for the tolerance bound. */
  trialsMissing: number
  /** How long no write was acknowledged in valid trials; null where it was measured in none. */
  writeGap: GapSummary | null
  lossTrials: number
  trialsWithLoss: number
  /**
   * Of all trials at most this share loses a write, with 95 % confidence: exact, and by the rule of three when none
   * did.
   */
  lossShareAtMost: number | null
  lossRuleOfThree: number | null
}

export interface GapSummary {
  /** Trials in which it was measured, and in how many of these it was still open when the stream ended. */
  trials: number
  open: number
  /** Those that ended, ascending. */
  eachMs: number[]
  medianMs: number | null
  medianIntervalMs: Interval | null
  worstMs: number | null
}

/** Nothing is wrong with the trial itself, so what it measured counts. */
export function isValid({ validity }: Pick<Verdict, 'validity'>): boolean {
  return validity.every((check) => check.holds)
}

/**
 * Throws when the verdicts are of different scenarios (fault kinds are never pooled), or when two that differ have one
 * id. A trial that is given twice counts once. For the order statistics a trial
 * without an interruption sorts before all numbers and a censored one after them, and a result that depends on one of
 * these is null. So does a write gap that was still open when the stream ended: it sorts after all numbers.
 */
export function summarizeTrials(given: readonly Verdict[]): TrialsSummary {
  const { trials: verdicts, duplicates } = distinctTrials(given)
  const scenarios = new Set(verdicts.map((verdict) => verdict.scenario))
  const [scenario] = scenarios
  if (scenario === undefined) throw new Error('there are no trials to summarize')
  if (scenarios.size > 1)
    throw new Error(`trials of different scenarios are never pooled: ${[...scenarios].join(', ')}`)
  const valid = verdicts.filter(isValid)
  const timed = valid.filter((verdict) => verdict.outcome !== null)
  const waitsMs = timed.map(
    (verdict) => verdict.recoveredInMs ?? (verdict.outcome === 'censored' ? Infinity : -Infinity),
  )
  // A loss that was seen counts even where not every database could be read.
  const counted = verdicts.filter((verdict) => verdict.lostWrites !== null || verdict.lostWriteSamples.length > 0)
  const trialsWithLoss = counted.filter((verdict) => verdict.lostWriteSamples.length > 0).length
  const howMany = (name: VerdictName): number => verdicts.filter((verdict) => verdict.verdict === name).length
  return {
    scenario,
    verdict: worstOf(verdicts.map((verdict) => verdict.verdict)),
    trials: verdicts.length,
    duplicates,
    met: howMany('met'),
    missed: howMany('missed'),
    inconclusive: howMany('inconclusive'),
    valid: valid.length,
    censored: timed.filter((verdict) => verdict.outcome === 'censored').length,
    uninterrupted: timed.filter((verdict) => verdict.outcome === 'uninterrupted').length,
    someFailed: timed.filter((verdict) => verdict.outcome === 'some-failed').length,
    recoveredInMs: timed.flatMap((verdict) => verdict.recoveredInMs ?? []).toSorted((a, b) => a - b),
    medianMs: finite(median(waitsMs)),
    medianIntervalMs: finiteInterval(waitsMs),
    worstMs: finite(worst(waitsMs)),
    toleranceBoundMs: finite(upperToleranceBound(waitsMs)),
    trialsMissing: Math.max(0, trialsNeeded() - waitsMs.length),
    writeGap: summarizeGaps(valid),
    lossTrials: counted.length,
    trialsWithLoss,
    lossShareAtMost: counted.length === 0 ? null : shareAtMost(trialsWithLoss, counted.length),
    lossRuleOfThree: counted.length === 0 || trialsWithLoss > 0 ? null : ruleOfThree(counted.length),
  }
}

function summarizeGaps(valid: readonly Verdict[]): GapSummary | null {
  const measured = valid.filter((verdict) => verdict.writeGapMs !== null)
  if (measured.length === 0) return null
  const gapsMs = measured.map(({ writeGapMs, writeGapOpen }) => (writeGapOpen ? Infinity : (writeGapMs ?? Infinity)))
  const eachMs = gapsMs.filter(Number.isFinite).toSorted((a, b) => a - b)
  return {
    trials: measured.length,
    open: measured.length - eachMs.length,
    eachMs,
    medianMs: finite(median(gapsMs)),
    medianIntervalMs: finiteInterval(gapsMs),
    worstMs: finite(worst(gapsMs)),
  }
}

function finiteInterval(values: readonly number[]): Interval | null {
  const interval = medianInterval(values)
  return interval !== null && Number.isFinite(interval.high - interval.low) ? interval : null
}

function finite(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : value
}
