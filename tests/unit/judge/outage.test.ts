// Goal: an outage of known length is measured to 10 ms, whoever it hits, and nothing else is called an outage.
// Method: synthetic arrivals at 200/s; 10 ms is two arrivals, the finest that such a stream can resolve being one.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { journal, type Story } from '../../journals/build.ts'

const rate = { ratePerSecond: 200, steadyMs: 3000, observeMs: 12_000 }
// Builds some hundred thousand requests; a busy machine may take its time.
const patient = { timeout: 60_000 }
const takeOver = { detectedMs: 200, electedMs: 300, promotedMs: 400, routedMs: 450 }
const stream = (): Story => journal(rate).fault('kill').takeOver(takeOver)
const isWrite = (request: RequestEvent): boolean => request.op === 'write'

describe('recovery time', () => {
  test('of an outage of known length is off by 10 ms at most', patient, () => {
    fc.assert(
      fc.property(
        fc.double({ min: 100, max: 6000, noNaN: true }),
        fc.constantFrom('unknown' as const, 'rejected' as const),
        (lengthMs, as) => {
          const verdict = judge(stream().outage({ toMs: lengthMs, as }).build())
          expect(verdict.outcome).toBe('recovered')
          expect(Math.abs((verdict.recoveredInMs ?? NaN) - lengthMs)).toBeLessThanOrEqual(10)
          expect(Math.abs((verdict.failingMs ?? NaN) - lengthMs)).toBeLessThanOrEqual(10)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('is as exact when only writes fail, up to the gap between writes', patient, () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 6000 }), fc.constantFrom(2, 3, 5), (lengthMs, writeEvery) => {
        const verdict = judge(
          journal({ ...rate, writeEvery })
            .fault('kill')
            .takeOver(takeOver)
            .outage({ toMs: lengthMs, hits: isWrite })
            .build(),
        )
        expect(Math.abs((verdict.recoveredInMs ?? NaN) - lengthMs)).toBeLessThanOrEqual(10 + 5 * writeEvery)
      }),
      { numRuns: 25 },
    )
  })

  test('does not end early when every other request meets the dead region', () => {
    const verdict = judge(
      stream()
        .outage({ toMs: 4000, hits: (request) => request.n % 2 === 0 })
        .build(),
    )
    expect(verdict.recoveredInMs).toBeGreaterThan(3985)
    expect(verdict.recoveredInMs).toBeLessThanOrEqual(4000)
  })

  test('counts requests that answer too late as not served, and from their schedule', () => {
    // Held until 3 s after T0: those scheduled in the last second of it waited less than the limit of 1 s.
    expect(judge(stream().outage({ toMs: 3000, as: 'slow' }).build()).recoveredInMs).toBeCloseTo(2005, -1)
  })

  test('is not delayed by a few failures long after the outage', () => {
    const verdict = judge(
      stream()
        .outage({ toMs: 2000 })
        .outage({ fromMs: 4000, toMs: 10_000, hits: (request) => request.n % 400 === 0 })
        .build(),
    )
    expect(verdict.recoveredInMs).toBe(2000)
  })

  test('counts to the end of a relapse', () => {
    expect(judge(stream().outage({ toMs: 1000 }).outage({ fromMs: 6000, toMs: 6500 }).build()).recoveredInMs).toBe(6500)
  })

  test('is censored when no whole good window is left', () => {
    const verdict = judge(stream().outage({ toMs: 7500 }).build())
    expect(verdict).toMatchObject({ outcome: 'censored', recoveredInMs: null, censoredAtMs: 12_000 })
    expect(judge(stream().outage({ toMs: 6900 }).build()).outcome).toBe('recovered')
  })

  test('of a window that looks good only since it tolerates the tail is not believed', () => {
    // The last window starts 5 s before the end and holds just the last ten failures of a thousand requests.
    const verdict = judge(
      stream()
        .outage({ toMs: 7000 + 40 })
        .build(),
    )
    expect(verdict.outcome).toBe('censored')
  })

  test('does not exist when clients were not interrupted', () => {
    expect(judge(stream().build())).toMatchObject({
      outcome: 'uninterrupted',
      recoveredInMs: null,
      censoredAtMs: null,
      failedRequests: 0,
      failingMs: 0,
    })
  })

  test('does not care for what failed before the fault', () => {
    expect(judge(stream().outage({ fromMs: -1900, toMs: -1700 }).build()).outcome).toBe('uninterrupted')
  })

  test('is no interruption where requests failed that were under way at T0, and says so', () => {
    // Due 0.9 to 0.7 s before T0; each fails 0.8 s later, twenty of them after T0.
    const verdict = judge(stream().outage({ fromMs: -900, toMs: -700 }).build())
    expect(verdict).toMatchObject({
      outcome: 'some-failed',
      recoveredInMs: null,
      failedRequests: 20,
      strayFailures: null,
    })
    expect(verdict.objectives[0]?.message).toMatch(/: clients were not interrupted, but 20 of \d+ requests failed/)
  })

  test('lets the window grow to 200 requests where arrivals are rare', () => {
    // At 10/s a window is 20 s long, so that one failure of 200 is 0.5 % and tolerated; three are not.
    const rare = journal({ ratePerSecond: 10, steadyMs: 4000, observeMs: 40_000 }).fault('kill').takeOver(takeOver)
    expect(judge(rare.outage({ fromMs: 10_000, toMs: 10_100 }).build()).outcome).toBe('some-failed')
    expect(judge(rare.outage({ fromMs: 12_000, toMs: 12_300 }).build()).recoveredInMs).toBe(12_300)
  })
})

describe('a stray failure', () => {
  // At a share of 0.999 and 40 requests/s a window of 200 could hold no failure at all.
  const strict = {
    objectives: { window: { successShare: 0.999, p99Ms: 2000, stalledOverMs: 1000 }, recoverWithinMs: 5000 },
    observeMs: 60_000,
  }
  const told = (...fails: number[]): Story =>
    journal(strict)
      .fault('kill')
      .takeOver(takeOver)
      .outage({ toMs: 1000 })
      .outage({ fromMs: 20_000, toMs: 50_000, hits: ({ n }) => fails.includes(n) })

  test('is no relapse, and is said', () => {
    const verdict = judge(told(1500).build())
    expect(verdict).toMatchObject({ recoveredInMs: 1000, failedRequests: 41, strayFailures: 1 })
    expect(verdict.objectives[0]?.message).toMatch(/: recovered in 1 s; 1 request failed after that/)
  })

  test('nor are two that no window holds together', () => {
    expect(judge(told(1500, 1700).build())).toMatchObject({ recoveredInMs: 1000, strayFailures: 2 })
  })

  test('two in one window are a relapse', () => {
    expect(judge(told(1500, 1699).build())).toMatchObject({ recoveredInMs: 38_500, strayFailures: 0 })
  })

  test('alone is no outage', () => {
    const alone = journal(strict).fault('kill').outage({ fromMs: 25_000, toMs: 25_020 })
    expect(judge(alone.build())).toMatchObject({ outcome: 'some-failed', recoveredInMs: null, failedRequests: 1 })
  })
})

describe('what clients saw', () => {
  const verdict = judge(stream().outage({ fromMs: 100, toMs: 2100 }).build())

  test('first failure, first success and slowest request', () => {
    expect(verdict.moments.firstFailureMs).toBe(4000 + 100 + 1 + 800)
    expect(verdict.timeToFirstSuccessMs).toBeGreaterThanOrEqual(2100)
    expect(verdict.timeToFirstSuccessMs).toBeLessThan(2125)
    expect(verdict.slowestRequestMs).toBe(16)
  })

  test('a request that was under way at T0 and failed is the first failure', () => {
    const early = judge(stream().outage({ fromMs: -300, toMs: 1000 }).build())
    expect(early.moments.firstFailureMs).toBe(4000 - 300 + 801)
    expect(early.failingMs).toBe(1000)
    expect(early.failedRequests).toBe(60 + 200)
  })

  test('a failed request whose slot T0 cuts counts from T0', () => {
    const cut = stream()
      .outage({ fromMs: -300, toMs: 1000 })
      .change('fault.requested', (event) => ({ ...event, atMs: 4002 }))
    expect(judge(cut.build()).failingMs).toBe(998)
  })

  test('requests, failures, writes and the blast radius count the same requests', () => {
    const early = judge(stream().outage({ fromMs: -300, toMs: 1000 }).outage({ fromMs: 9000, toMs: 9020 }).build())
    const regions = Object.values(early.blastRadius)
    expect(regions.reduce((sum, { requests }) => sum + requests, 0)).toBe(early.requests)
    expect(regions.reduce((sum, { failed }) => sum + failed, 0)).toBe(early.failedRequests)
    expect(early).toMatchObject({ failedRequests: 264, failedWrites: 132, strayFailures: 4 })
  })

  test('the blast radius names the region that answered, or none', () => {
    const half = judge(
      stream()
        .outage({ toMs: 2000, hits: (request) => request.region === 'east' })
        .build(),
    )
    expect(half.blastRadius['none']?.failed).toBe(200)
    expect(half.blastRadius['west']?.failed).toBe(0)
  })
})

describe('the judge', () => {
  test('gives the same verdict for any order of the requests in the journal', patient, () => {
    const story = stream().outage({ toMs: 1234, hits: isWrite })
    const events = story.events()
    const expected = JSON.stringify(judge(recordedJournal(events)))
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (randoms) => {
        const requests = events.filter((event) => event.kind === 'request')
        for (let i = requests.length - 1; i > 0; i--) {
          const j = (randoms.next().value ?? 0) % (i + 1)
          const [a, b] = [requests[i], requests[j]]
          if (a !== undefined && b !== undefined) [requests[i], requests[j]] = [b, a]
        }
        const shuffled = events
          .map((event) => (event.kind === 'request' ? (requests.pop() ?? event) : event))
          .map((event, seq) => ({ ...event, seq }))
        expect(JSON.stringify(judge(recordedJournal(shuffled)))).toBe(expected)
      }),
      { numRuns: 8 },
    )
  })

  test('goes by the schedule, not by the numbers, where the two disagree', () => {
    const reversed = stream()
      .outage({ toMs: 1234 })
      .requests((request) => ({ ...request, n: 2999 - request.n }))
    expect(judge(reversed.build()).recoveredInMs).toBe(judge(stream().outage({ toMs: 1234 }).build()).recoveredInMs)
  })

  test('is deterministic and leaves the journal as it is', () => {
    const read = stream().outage({ toMs: 1234 }).build()
    expect(judge(read)).toEqual(judge(read))
  })
})
