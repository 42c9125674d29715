// Goal: k6 is asked for the surges of a scenario, and each arrival is dated by them.
// Method: random surges; the stages that k6 gets, played by the rule of its source (an arrival for each whole number of
// the area below the rate), against the date of each arrival.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrivalsFor, firstArrivalAfterMs, surgesOf } from '../../../chaos/load/pace.ts'
import { dueMs, dueUpTo } from '../../../chaos/scenarios/due.ts'
import { loadSchema } from '../../../chaos/scenarios/schema.ts'

interface Stage {
  target: number
  duration: string
}

/** When k6 makes arrivals, in milliseconds from its start. Only steps: a stage without length changes the rate. */
function madeBy({ startRate, stages }: { startRate: number; stages: Stage[] }): number[] {
  const made: number[] = []
  let [rate, startMs, area] = [startRate, 0, 0]
  for (const { target, duration } of stages) {
    const lengthMs = Number(duration.replace('ms', ''))
    if (lengthMs > 0) expect(target, 'a ramp').toBe(rate)
    rate = target
    const end = area + (rate * lengthMs) / 1000
    for (let next = made.length + 1; next <= end; next++) made.push(startMs + ((next - area) * 1000) / rate)
    area = end
    startMs += lengthMs
  }
  return made
}

const surges = fc
  .array(
    fc.record({
      gapMs: fc.integer({ min: 1, max: 3_000 }),
      forMs: fc.integer({ min: 100, max: 6_000 }),
      times: fc.double({ min: 1.1, max: 9, noNaN: true }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((all) => {
    let atMs = 0
    return all.map(({ gapMs, forMs, times }) => {
      const surge = { atMs: atMs + gapMs, forMs, times }
      atMs = surge.atMs + forMs
      return surge
    })
  })

test('each arrival is dated when k6 makes it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 200 }), surges, (ratePerSecond, planned) => {
      const observeMs = 12_000
      const load = loadSchema.parse({ ratePerSecond, surges: planned.filter(({ atMs }) => atMs < observeMs) })
      const durationMs = observeMs + 3_000
      const paced = { load, durationMs, surges: surgesOf({ load, durationMs }, 2_000.4) }
      const made = madeBy(arrivalsFor(paced) as never)
      const pace = { firstArrivalMs: firstArrivalAfterMs(paced), ratePerSecond, surges: paced.surges }
      const off = made.map((ms, n) => Math.max(Math.abs(dueMs(pace, n) - ms), Math.abs(dueUpTo(pace, ms) - n)))
      expect(Math.max(...off)).toBeLessThan(1e-6)
      // The last one may be due at the very end, where sums of binary fractions differ.
      const all = dueUpTo(pace, Math.ceil(durationMs + pace.firstArrivalMs)) + 1
      expect([Math.floor(all - 1e-6), Math.floor(all + 1e-6)]).toContain(made.length)
    }),
    { numRuns: 300 },
  )
})

test('a load without surges is at a constant rate, and begins at once', () => {
  const paced = { load: loadSchema.parse({}), durationMs: 60_000 }
  expect(arrivalsFor(paced)).toEqual({
    executor: 'constant-arrival-rate',
    rate: 40,
    timeUnit: '1s',
    duration: '60000ms',
    preAllocatedVUs: 300,
    maxVUs: 300,
    gracefulStop: '6000ms',
  })
  expect(firstArrivalAfterMs(paced)).toBe(0)
})

test('three times the arrivals have three times the virtual users', () => {
  const load = loadSchema.parse({ surges: [{ atMs: 0, forMs: 1_000, times: 3 }] })
  expect(arrivalsFor({ load, durationMs: 9_000, surges: surgesOf({ load, durationMs: 9_000 }, 2_000) })).toMatchObject({
    preAllocatedVUs: 900,
    maxVUs: 900,
  })
})
