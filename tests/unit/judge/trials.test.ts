// Goal: many trials are summed up without hiding the censored, the inconclusive and the lucky ones.
import { expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
import { summarizeTrials } from '../../../chaos/judge/trials.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { journal } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

const recovered = (recoveredInMs: number): Verdict => ({ ...base, recoveredInMs })
const base = judge(met().build())
const censored = judge(journal().fault('kill').outage({ toMs: 14_000 }).build())
const calm = judge(journal().fault('none').build())
const invalid = judge(met().without('fault.proved').build())
const times = (n: number): Verdict[] => Array.from({ length: n }, (_, i) => recovered(1000 + i))

test('every value, the median with its interval, the worst, and how many trials are missing', () => {
  expect(summarizeTrials(times(10))).toMatchObject({
    trials: 10,
    met: 10,
    valid: 10,
    censored: 0,
    medianMs: 1004.5,
    worstMs: 1009,
    toleranceBoundMs: null,
    trialsMissing: 49,
    medianIntervalMs: { low: 1001, high: 1008 },
    lossRuleOfThree: 0.3,
    lossTrials: 10,
    trialsWithLoss: 0,
  })
  expect(summarizeTrials(times(59))).toMatchObject({ toleranceBoundMs: 1058, trialsMissing: 0 })
})

test('a censored trial is worse than any number, so there is no worst', () => {
  expect(summarizeTrials([...times(6), censored])).toMatchObject({
    verdict: 'missed',
    censored: 1,
    worstMs: null,
    medianMs: 1003,
    medianIntervalMs: null,
  })
})

test('a trial without interruption is not a zero', () => {
  const summary = summarizeTrials([calm, calm, recovered(1200)])
  expect(summary).toMatchObject({ uninterrupted: 2, recoveredInMs: [1200], medianMs: null, worstMs: 1200 })
})

test('an invalid trial counts for nothing but itself', () => {
  expect(summarizeTrials([...times(2), invalid])).toMatchObject({
    verdict: 'inconclusive',
    trials: 3,
    inconclusive: 1,
    valid: 2,
    recoveredInMs: [1000, 1001],
  })
})

test('scenarios are never pooled', () => {
  expect(() => summarizeTrials([base, { ...base, scenario: 'region-hang' }])).toThrow(
    'never pooled: region-kill, region-hang',
  )
  expect(() => summarizeTrials([])).toThrow('no trials')
})
