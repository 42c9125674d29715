// Goal: a stop that every client waits out is measured, although no window of recovery is bad.
// Method: single stops, each at an edge of the definition; then random journals against an oracle that compares every
// acknowledgement with every other.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import { RequestTable } from '../../../chaos/journal/requests.ts'
import { arrivalsOf } from '../../../chaos/judge/arrivals.ts'
import { type Gap, measureGaps } from '../../../chaos/judge/gaps.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { journal, type Story } from '../../journals/build.ts'

/** 4 s before and 14 s after T0 (+5 s), 40 requests a second, every second one a write: +5.000, +5.050, … */
const endMs = 19_000
const calm = (): Story => journal().fault('kill')
/** Every request that is due in between succeeds at its end, as if routers held it. */
const stop = (fromMs: number, toMs: number): Story => calm().outage({ fromMs, toMs, as: 'slow' })

describe('the write gap', () => {
  test('of a calm trial is the time between two writes, give or take their lengths', () => {
    expect(judge(calm().build())).toMatchObject({ outcome: 'uninterrupted', writeGapOpen: false, stalledMs: 0 })
    expect(judge(calm().build()).writeGapMs).toBeLessThan(60)
  })

  test('shows a stop of 1.8 s that is no interruption', () => {
    const limits = { window: { successShare: 0.99, p99Ms: 2000, stalledOverMs: 1000 } }
    const verdict = judge(journal({ objectives: limits }).fault('kill').outage({ toMs: 1800, as: 'slow' }).build())
    // The last write before it was due at +4.950 s and answered 14 ms later; all others are answered at +6.805 s.
    expect(verdict).toMatchObject({
      outcome: 'uninterrupted',
      writeGapMs: 1841,
      writeGapFromMs: 4964,
      writeGapOpen: false,
      // From one second after the first waiting request was due.
      stalledMs: 805,
      stalledOverMs: 1000,
    })
    expect(verdict.objectives[0]?.message).toBe(
      'met "clients are served again within 5 s": clients were not interrupted; for up to 1.841 s no write was acknowledged',
    )
  })

  test('says nothing of reads, nor the read gap of writes', () => {
    const verdict = judge(
      calm()
        .outage({ toMs: 3000, hits: ({ op }) => op === 'write', as: 'slow' })
        .build(),
    )
    expect(verdict.writeGapMs).toBeGreaterThan(3000)
    expect(verdict.readGapMs).toBeLessThan(60)
  })

  test('counts what began before T0 in full, and nothing that ended before it', () => {
    expect(judge(stop(-2000, 500).build()).writeGapMs).toBeGreaterThan(2500)
    expect(judge(stop(-3000, -1000).build()).writeGapMs).toBeLessThan(60)
  })

  test('is open where it reaches the end of the stream', () => {
    const verdict = judge(calm().outage({ fromMs: 10_000, toMs: 14_000 }).build())
    expect(verdict).toMatchObject({ writeGapOpen: true, writeGapFromMs: 14_965, writeGapMs: endMs - 14_965 })
  })

  test('begins with the schedule where nothing was acknowledged before', () => {
    const verdict = judge(calm().outage({ fromMs: -4000, toMs: 1000 }).build())
    expect(verdict).toMatchObject({ writeGapFromMs: 1000, writeGapMs: 5014 })
  })

  test('is not measured where no write was acknowledged', () => {
    const verdict = judge(
      calm()
        .outage({ fromMs: -4000, toMs: 14_000, hits: ({ op }) => op === 'write' })
        .build(),
    )
    expect(verdict).toMatchObject({ writeGapMs: null, writeGapFromMs: null, writeGapOpen: false })
    expect(verdict.readGapMs).toBeLessThan(60)
  })

  test('of a region counts what that region answered', () => {
    const verdict = judge(
      calm()
        .outage({ toMs: 4000, hits: ({ region }) => region === 'east', as: 'slow' })
        .build(),
    )
    expect(verdict.writeGapMs).toBeLessThan(200)
    expect(verdict.gapsByRegion['east']?.writeGapMs).toBeGreaterThan(4000)
    expect(verdict.gapsByRegion['west']?.writeGapMs).toBeLessThan(200)
  })

  test('is not measured without a fault', () => {
    const verdict = judge(journal().build())
    expect(verdict).toMatchObject({ writeGapMs: null, readGapMs: null, gapsByRegion: {}, stalledMs: null })
  })
})

test('stalled time is that of the limit that the scenario names, of failed requests too, and once for all of them', () => {
  const stalledOver = (stalledOverMs: number) =>
    judge(
      journal({ objectives: { window: { successShare: 0.99, p99Ms: 1000, stalledOverMs } } })
        .fault('kill')
        .outage({ toMs: 1000 })
        .build(),
    ).stalledMs
  // Each fails 801 ms after it was due, and the last one was due at +5.975 s.
  expect(stalledOver(500)).toBe(975 + 801 - 500)
  expect(stalledOver(800)).toBe(40)
  expect(stalledOver(802)).toBe(0)
})

describe('random streams', () => {
  const request = fc.record({
    op: fc.constantFrom<RequestEvent['op']>('write', 'read'),
    tookMs: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 9000 })),
    acked: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 1),
    region: fc.constantFrom('east', 'west', undefined),
  })
  const stream = fc.array(request, { minLength: 1, maxLength: 60 })
  const stepMs = 100
  const table = (requests: readonly (typeof request extends fc.Arbitrary<infer T> ? T : never)[]): RequestTable => {
    const filled = new RequestTable()
    requests.forEach(({ op, tookMs, acked, region }, n) => {
      const scheduledMs = 1000 + n * stepMs
      filled.push({
        seq: n,
        atMs: scheduledMs + tookMs,
        kind: 'request',
        n,
        op,
        scheduledMs,
        startedMs: scheduledMs,
        endedMs: scheduledMs + tookMs,
        outcome: acked ? 'acked' : 'unknown',
        status: acked ? 200 : 0,
        ...(region === undefined ? {} : { region }),
      })
    })
    return filled
  }

  /** Every moment and every other one, with no acknowledgement in between. */
  const naiveGap = (ackMs: number[], requestedMs: number, lastMs: number): number | null => {
    if (ackMs.length === 0) return null
    const edges = [1000, ...ackMs, Math.max(lastMs, ...ackMs)]
    const gaps = edges.flatMap((from) =>
      edges.flatMap((to) =>
        to > requestedMs && to >= from && !ackMs.some((ack) => ack > from && ack < to) ? [to - from] : [],
      ),
    )
    return gaps.length === 0 ? null : Math.max(...gaps)
  }

  test('have the gaps and the stalled time that the slowest way of counting finds', () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 1, max: 3000 }), (given, t0, overMs) => {
        const requests = table(given)
        const arrivals = arrivalsOf(requests, 1000 / stepMs)
        const gaps = measureGaps({ recorded: arrivals, arrivals, requests, requestedMs: t0, stalledOverMs: overMs })
        const all = [...requests]
        const naive = (op: RequestEvent['op'], region?: string): number | null =>
          naiveGap(
            all
              .filter((each) => each.op === op && each.outcome === 'acked' && (!region || each.region === region))
              .map(({ endedMs }) => endedMs),
            t0,
            arrivals.endMs,
          )
        const length = (gap: Gap | null | undefined): number | null => gap?.lengthMs ?? null
        expect(length(gaps.write)).toBe(naive('write'))
        expect(length(gaps.read)).toBe(naive('read'))
        for (const region of ['east', 'west']) {
          expect(length(gaps.byRegion[region]?.write)).toBe(naive('write', region))
          expect(length(gaps.byRegion[region]?.read)).toBe(naive('read', region))
        }
        // All times are whole milliseconds here, so each is asked whether somebody waits in it.
        let stalledMs = 0
        for (let ms = t0; ms < 30_000; ms++)
          if (all.some(({ scheduledMs, endedMs }) => scheduledMs + overMs <= ms && ms < endedMs)) stalledMs++
        expect(gaps.stalledMs).toBe(stalledMs)
      }),
      { numRuns: 150 },
    )
  })
})
