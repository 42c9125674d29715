// Goal: many trials are summed up without hiding the censored, the inconclusive and the lucky ones.
import { expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
import { summarizeTrials } from '../../../chaos/judge/trials.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { renderTrials } from '../../../chaos/report/trials.ts'
import { journal } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

let trials = 0
/** Each is a trial of its own. */
const one = (verdict: Verdict, figures: Partial<Verdict> = {}): Verdict => ({
  ...verdict,
  trialId: `trial-${++trials}`,
  slowestRequestMs: 2_000 + trials,
  ...figures,
})
const recovered = (recoveredInMs: number): Verdict => one(base, { recoveredInMs })
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
  const summary = summarizeTrials([one(calm), one(calm), recovered(1200)])
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
  expect(() => summarizeTrials([base, one(base, { scenario: 'region-hang' })])).toThrow(
    'never pooled: region-kill, region-hang',
  )
  expect(() => summarizeTrials([])).toThrow('no trials')
})

test('write gaps are summed up like times of recovery, and one that was still open is no number', () => {
  const gaps = (...lengthsMs: number[]) => lengthsMs.map((writeGapMs) => one(base, { writeGapMs }))
  expect(summarizeTrials(gaps(1500, 1300, 1400, 1600, 1200, 1700)).writeGap).toMatchObject({
    trials: 6,
    open: 0,
    eachMs: [1200, 1300, 1400, 1500, 1600, 1700],
    medianMs: 1450,
    medianIntervalMs: { low: 1200, high: 1700 },
    worstMs: 1700,
  })
  const open = one(base, { writeGapMs: 900, writeGapOpen: true })
  expect(summarizeTrials([...gaps(1500, 1300), open]).writeGap).toMatchObject({
    trials: 3,
    open: 1,
    eachMs: [1300, 1500],
    medianMs: 1500,
    worstMs: null,
  })
  expect(summarizeTrials([{ ...base, writeGapMs: null }]).writeGap).toBeNull()
  expect(renderTrials(gaps(1500, 1300))).toContain(
    'write gap: median 1.4 s, n = 2 is too few for an interval, worst 1.5 s\n  each: 1.3 s, 1.5 s',
  )
})

test('a trial in which only some requests failed is neither recovered nor uninterrupted', () => {
  const someFailed = one(base, { outcome: 'some-failed', recoveredInMs: null })
  expect(summarizeTrials([someFailed, recovered(1200)])).toMatchObject({
    uninterrupted: 0,
    someFailed: 1,
    recoveredInMs: [1200],
  })
  expect(renderTrials([someFailed])).toContain('not interrupted, but requests failed: 1')
})

test('a trial that is given twice counts once, and is named', () => {
  const [first, second] = [recovered(1100), recovered(1200)]
  const copied: Verdict = { ...first, trialId: 'copied', startedAt: '2026-01-01T00:00:00.000Z' }
  const given = [first, second, first, copied]
  const why = [
    `trial ${first.trialId} is given twice, and counts once`,
    `trial copied is a copy of ${first.trialId}, with the same content under another id: it does not count`,
  ]
  expect(summarizeTrials(given)).toEqual({ ...summarizeTrials([first, second]), duplicates: why })
  expect(summarizeTrials([first, second])).toMatchObject({ trials: 2, duplicates: [], trialsMissing: 57 })
  expect(renderTrials(given)).toBe(renderTrials([first, second]).replace('\n', `\n${why.join('\n')}\n`))
})

test('two results under one id are refused', () => {
  const first = recovered(1100)
  expect(() => summarizeTrials([first, { ...first, recoveredInMs: 900 }])).toThrow(
    `two trials that differ have one id, ${first.trialId}`,
  )
})

test('trials in which nothing was measured may look alike', () => {
  const nothing = { ...invalid, outcome: null, recoveredInMs: null }
  const given: Verdict[] = [nothing, { ...nothing, trialId: 'another' }]
  expect(summarizeTrials(given)).toMatchObject({ trials: 2, duplicates: [] })
  expect(summarizeTrials([...given, nothing])).toMatchObject({
    trials: 2,
    duplicates: [expect.stringContaining('twice')],
  })
})
