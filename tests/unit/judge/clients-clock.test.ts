// Goal: what clients' times prove of databases and reads is held against the harness's clock as everything else is.
// Method: the smallest journals in which two judges disagreed (tests/second-judge).
import { describe, expect, test } from 'vitest'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { wholeStale } from '../../../chaos/judge/reads.ts'
import { journal, type Story } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

/** pg-west-a is primary from +6.6 s on; these writes say that pg-east-b committed them. */
const elsewhere = (change: Record<number, Partial<RequestEvent>>): Story =>
  met().requests((request) => {
    if (request.op !== 'write' || request.outcome !== 'acked') return request
    const primary = request.startedMs < 6500 ? 'pg-east-a' : 'pg-west-a'
    return {
      ...request,
      database: primary,
      ...(request.n in change && { database: 'pg-east-b', ...change[request.n] }),
    }
  })
const offsets = (story: Story, offsetOf: (atMs: number) => number): Story =>
  story.change('load.clock', (event) => ({ ...event, offsetMs: offsetOf(event.atMs) }))

describe('writes that another database acknowledged', () => {
  test('count from the start of the first that began, also if its answer came later', () => {
    // Write 400 is due at +11.000 s, 402 50 ms later, and answered first.
    const { dualWritable } = judge(elsewhere({ 400: { endedMs: 11_300 }, 402: {} }).build())
    expect(dualWritable).toEqual([{ nodes: ['pg-east-b', 'pg-west-a'], fromMs: 11_001, toMs: 11_300 }])
  })

  test('are dated by the clock that is put right', () => {
    const { dualWritable } = judge(offsets(elsewhere({ 400: { endedMs: 11_300 } }), () => 5).build())
    expect(dualWritable).toEqual([{ nodes: ['pg-east-b', 'pg-west-a'], fromMs: 10_996, toMs: 11_295 }])
  })

  test('prove nothing if their clock contradicts itself', () => {
    const torn = offsets(elsewhere({ 400: {} }), (atMs) => (atMs < 9000 ? 0 : 900))
    const { verdict, dualWritable } = judge(torn.build())
    expect({ verdict, dualWritable }).toEqual({ verdict: 'inconclusive', dualWritable: [] })
  })
})

describe('reads', () => {
  /** One account; read `n` shows nothing of all its versions. */
  const blind = (n: number, endedMs: number): Story =>
    met().requests((request) => ({
      ...request,
      ...(request.n === n && { endedMs, outcome: 'acked' as const, status: 200, node: 'app-west-a', region: 'west' }),
      ...((request.n === n || request.outcome === 'acked') && { versions: [7, request.n === n ? 0 : request.n + 1] }),
    }))

  test('count from T0 on by the clock that is put right', () => {
    // T0 is +5.000 s; read 159 is due 25 ms before, and ended 3 ms after by a clock that is 5 ms ahead.
    const late = judge(offsets(blind(159, 5003), () => 0).build()).staleReads ?? 0
    const early = judge(offsets(blind(159, 5003), () => 5).build()).staleReads ?? 0
    expect(late - early).toBe(1)
  })

  test('are as stale as their times say, without the error of binary fractions, and by 1 ms at least', () => {
    expect([0, 1e-9, 0.2, 30.000000001, 30.2].map(wholeStale)).toEqual([0, 1, 1, 30, 31])
  })
})

test('the failed request that a verdict names is dated by the clock that is put right', () => {
  const failed = journal({ objectives: { failedRequests: 0 } })
    .fault('kill')
    .change('request', (event) =>
      event.scheduledMs === 10_000
        ? { ...event, outcome: 'unknown', status: 504, endedMs: 11_000, atMs: 11_000 }
        : event,
    )
  expect(judge(offsets(failed, () => 5).build()).summary).toContain('due 4.995 s after the fault: status 504')
})
