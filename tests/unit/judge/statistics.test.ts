// Goal: a handful of trials claims what it can, and no more. Values from the tables of Hahn & Meeker and from R's
// binom.test.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  binomialAtMost,
  median,
  medianInterval,
  ruleOfThree,
  shareAtMost,
  trialsNeeded,
  trialsNeededForShare,
  upperToleranceBound,
  worst,
} from '../../../chaos/judge/statistics.ts'

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)

describe('median', () => {
  test('of none, one, odd and even', () => {
    expect([median([]), median([7]), median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([null, 7, 2, 2.5])
  })

  test.each([
    [5, null],
    [6, [1, 6]],
    [8, [1, 8]],
    [9, [2, 8]],
    [10, [2, 9]],
    [20, [6, 15]],
    [25, [8, 18]],
  ])('95 %% interval of n = %i', (n, expected) => {
    const interval = medianInterval(upTo(n))
    expect(interval === null ? null : [interval.low, interval.high]).toEqual(expected)
  })

  test('says which confidence it reached', () => {
    expect(medianInterval(upTo(10))?.confidence).toBeCloseTo(0.9785, 4)
  })
})

describe('tolerance bound', () => {
  test('95/95 needs 59 trials, and is then the worst', () => {
    expect(trialsNeeded()).toBe(59)
    expect(upperToleranceBound(upTo(58))).toBeNull()
    expect(upperToleranceBound(upTo(59))).toBe(59)
    expect(upperToleranceBound(upTo(93))).toBe(92)
  })

  test('other claims need other numbers', () => {
    expect(trialsNeeded({ coverage: 0.9, confidence: 0.95 })).toBe(29)
    expect(trialsNeeded({ coverage: 0.99, confidence: 0.95 })).toBe(299)
    expect(trialsNeededForShare(0.01)).toBe(299)
  })
})

describe('something never seen', () => {
  test('is at most 3/n, by the rule and exactly', () => {
    expect(ruleOfThree(59)).toBeCloseTo(0.0508, 4)
    expect(shareAtMost(0, 59)).toBeCloseTo(0.0495, 4)
    expect(shareAtMost(0, 10)).toBeCloseTo(0.2589, 4)
    expect(ruleOfThree(2)).toBe(1)
  })

  test('seen once or more: the exact limit of Clopper and Pearson', () => {
    expect(shareAtMost(1, 20)).toBeCloseTo(0.2161, 4)
    expect(shareAtMost(5, 50)).toBeCloseTo(0.1991, 3)
    expect(shareAtMost(7, 7)).toBe(1)
    expect(shareAtMost(0, 0)).toBe(1)
  })
})

describe('binomial', () => {
  test('known values', () => {
    expect(binomialAtMost(2, 10, 0.5)).toBeCloseTo(0.0546875, 10)
    expect(binomialAtMost(-1, 10, 0.5)).toBe(0)
    expect(binomialAtMost(10, 10, 0.5)).toBe(1)
    expect(binomialAtMost(5000, 10_000, 0.5)).toBeCloseTo(0.504, 3)
  })

  test('never falls with k, never leaves 0 to 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, p) => {
        const values = upTo(n).map((k) => binomialAtMost(k, n, p))
        expect(values.every((value, i) => value >= 0 && value <= 1 && value >= (values[i - 1] ?? 0) - 1e-12)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})

test('worst of none is nothing', () => {
  expect([worst([]), worst([3, 9, 1])]).toEqual([null, 9])
})
