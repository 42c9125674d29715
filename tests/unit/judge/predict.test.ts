// Goal: the predicted budget follows from the labelled timeouts, and there is none where a label is missing.
import { expect, test } from 'vitest'
import { predictPhases } from '../../../chaos/judge/predict.ts'

const reference = {
  'lease-ms': 20_000,
  'loop-ms': 1000,
  'retry-ms': 3000,
  'race-ms': 2000,
  'check-interval-ms': 500,
  'check-fall': 2,
  'check-rise': 1,
  'write-deadline-ms': 1100,
}

test('the reference world with stock timers waits for the lease', () => {
  expect(predictPhases(reference)).toEqual({
    detect: { lowMs: 18_500, highMs: 21_000, dominatedBy: 'lease-ms' },
    elect: { lowMs: 0, highMs: 3000, dominatedBy: 'race-ms' },
    promote: { lowMs: 0, highMs: 6000, dominatedBy: 'retry-ms' },
    route: { lowMs: 0, highMs: 1500, dominatedBy: 'check-interval-ms' },
    settle: { lowMs: 0, highMs: 1100, dominatedBy: 'write-deadline-ms' },
  })
})

test('an arbiter may be quicker than the lease, and need not be', () => {
  expect(predictPhases({ ...reference, 'arbiter-ms': 500 }).detect).toEqual({
    lowMs: 500,
    highMs: 21_000,
    dominatedBy: 'lease-ms',
  })
})

test('no label, no prediction', () => {
  expect(predictPhases({ 'lease-ms': 20_000 })).toEqual({
    detect: null,
    elect: null,
    promote: null,
    route: null,
    settle: null,
  })
})
