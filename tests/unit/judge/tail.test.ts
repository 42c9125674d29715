// Goal: the end of an outage that hits only some requests is as exact as the verdict says, and no more is claimed.
// Method: streams in which each request of an outage fails with a given chance, and none after it. The true end must lie
// between one slot before T6 and `resolutionMs` after it in 95 of 100. bench/partial.ts prints the whole table.
import { describe, expect, test } from 'vitest'
import { partialOutage } from '../../../bench/partial.ts'

// A busy machine may take its time.
describe.each([40, 200])('at %d requests/s', { timeout: 120_000 }, (ratePerSecond) => {
  test.each([0.02, 0.05, 0.2])('an outage of %d of its requests', (share) => {
    const { n, covered } = partialOutage({ ratePerSecond, share, trials: 200 })
    expect(n).toBeGreaterThan(180)
    expect(covered).toBeGreaterThanOrEqual(0.95)
  })

  test('a whole one is exact to one slot', () => {
    const whole = partialOutage({ ratePerSecond, share: 1, trials: 100 })
    expect(whole).toMatchObject({ n: 100, covered: 1, earlyP95Ms: 0, resolutionP50Ms: 1000 / ratePerSecond })
  })
})
