// Goal: a read that misses what was acknowledged before it began is counted, with how much; and so is one that goes
// back. What is not said by the answers is not measured.
//
// Method: hand-made stories; and random journals against an oracle that compares every pair of requests.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Scenario } from '../../../chaos/scenarios/schema.ts'
import { journal, type Story } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'
import { withVersions } from '../../journals/lies/reads.ts'

// 40 requests a second; even numbers write, odd ones read. Arrival 160 is due at T0, 5 s after the trial's start.
const t0Ms = 5000
type Change = (request: RequestEvent) => Partial<RequestEvent>

/** Every write touches account 7 and raises its version; every read, one of its own session, shows the latest one. */
function story(change: Change = () => ({}), objectives: Partial<Scenario['objectives']> = {}): Story {
  return journal({ objectives })
    .fault('none')
    .requests((request) => {
      const versions: [number, number] = [7, 1 + Math.floor(request.n / 2)]
      return { ...request, versions, ...change(request) }
    })
}
const at =
  (n: number, change: Partial<RequestEvent>): Change =>
  (request) =>
    request.n === n ? change : {}
const verdictOf = (told: Story, name: string) =>
  judge(told.build()).objectives.find((objective) => objective.name === name)

describe('a stale read', () => {
  const stale = story(at(301, { versions: [7, 140], region: 'west' }), { staleReadMs: 0 })

  test('is one that began after an acknowledgement that it does not show; by as much', () => {
    // Version 141 was acknowledged by write 280, due at +3 s and answered 10 ms later: n % 7 is 0.
    const { staleReads, worstStaleMs, staleByRegion } = judge(stale.build())
    // Read 301 was due 525 ms after write 280, and started 1 ms later.
    expect({ staleReads, worstStaleMs }).toEqual({ staleReads: 1, worstStaleMs: 516 })
    expect(staleByRegion).toEqual({
      east: { reads: 139, stale: 0, worstMs: 0 },
      west: { reads: 141, stale: 1, worstMs: 516 },
    })
  })

  test('breaks the promise by name, with the account and the region', () => {
    expect(verdictOf(stale, 'stale-reads')).toMatchObject({ verdict: 'missed', limit: 0, actual: 516 })
    expect(verdictOf(stale, 'stale-reads')?.message).toBe(
      'missed "no read is stale": 1 of 280 reads that began after an acknowledged write to their account did not show it; ' +
        'the worst, answered by west, was 516 ms out of date when it began at +8.526 s (account 7, version 140)',
    )
  })

  test('may be allowed', () => {
    const allowed = (staleReadMs: number) => story(at(301, { versions: [7, 140] }), { staleReadMs })
    expect(verdictOf(allowed(516), 'stale-reads')).toMatchObject({ verdict: 'met', actual: 516 })
    expect(verdictOf(allowed(515), 'stale-reads')).toMatchObject({ verdict: 'missed', actual: 516 })
  })

  test('is none where the write was not acknowledged, or the acknowledgement came in the same millisecond', () => {
    const unanswered = story((request) =>
      request.n === 300 ? { outcome: 'unknown', versions: undefined } : request.n === 301 ? { versions: [7, 150] } : {},
    )
    expect(judge(unanswered.build()).staleReads).toBe(0)
    // Read 301 is due at +3.525 s; write 300 is acknowledged just when it starts.
    const ack =
      (endedMs: number): Change =>
      (request) =>
        request.n === 300 ? { endedMs } : request.n === 301 ? { versions: [7, 150] } : {}
    expect(judge(story(ack(t0Ms + 3526)).build()).staleReads).toBe(0)
    expect(judge(story(ack(t0Ms + 3525)).build())).toMatchObject({ staleReads: 1, worstStaleMs: 1 })
  })

  test('counts only if it had not ended at T0, whenever the write was', () => {
    const before = story(at(151, { versions: [7, 3] }))
    expect(judge(before.build()).staleReads).toBe(0)
    const across = story(at(151, { versions: [7, 3], endedMs: t0Ms }))
    expect(judge(across.build()).staleReads).toBe(1)
  })
})

describe('a read that goes back', () => {
  test('is one that shows less than an earlier one had shown, acknowledged or not', () => {
    const back = story(at(301, { versions: [7, 149] }), { monotonicReads: true })
    expect(judge(back.build())).toMatchObject({ readsBack: 1, readsAgain: 280 })
    expect(verdictOf(back, 'monotonic-reads')?.message).toBe(
      'missed "no client sees an account go back": 1 of 280 reads that came after another of the account by any client answered an older version',
    )
  })

  test('is looked for within sessions where they are known', () => {
    const session: Change = ({ n }) => ({ session: n % 20, ...(n === 301 && { versions: [7, 141] as const }) })
    // The session read last at 281, version 141.
    expect(judge(story((request) => ({ ...session(request) }) as Partial<RequestEvent>).build()).readsBack).toBe(0)
    const worse = story((request) => ({
      session: request.n % 20,
      ...(request.n === 301 && { versions: [7, 140] as [number, number] }),
    }))
    expect(judge(worse.build())).toMatchObject({ readsBack: 1, readsAgain: 280 })
  })

  test('is none while the other is still under way', () => {
    const both = story((request) =>
      request.n === 299 ? { endedMs: t0Ms + 3526 } : request.n === 301 ? { versions: [7, 149] } : {},
    )
    expect(judge(both.build()).readsBack).toBe(0)
  })
})

describe('what the answers do not say', () => {
  const silent = { staleReads: null, worstStaleMs: null, staleByRegion: null, readsAgain: null, readsBack: null }
  const objectives = { staleReadMs: 0, monotonicReads: true }

  test.each(['read', 'write'])('no version in any answer to a %s: not measured', (op) => {
    const told = story((request) => (request.op === op ? { versions: undefined } : {}), objectives)
    expect(judge(told.build())).toMatchObject({ verdict: 'inconclusive', ...silent })
    expect(verdictOf(told, 'stale-reads')?.message).toContain('not measured: the answers say no versions')
  })

  test.each([
    ['read', 301],
    ['write', 20],
  ])('one answer to a %s that says none: no promise is met', (_, n) => {
    const told = story(at(n, { versions: undefined }), objectives)
    for (const name of ['stale-reads', 'monotonic-reads'])
      expect(verdictOf(told, name)).toMatchObject({
        verdict: 'inconclusive',
        message: expect.stringContaining('1 answer to successful requests says no version'),
      })
  })

  test('nothing that could have been stale: no promise is met', () => {
    const told = story((request) => (request.op === 'read' ? { versions: [10_000 + request.n, 1] } : {}), objectives)
    for (const name of ['stale-reads', 'monotonic-reads'])
      expect(verdictOf(told, name)).toMatchObject({ verdict: 'inconclusive' })
  })

  test('an old journal asks for nothing', () => {
    expect(judge(journal().fault('kill').build())).toMatchObject(silent)
  })
})

test('where every read shows what was acknowledged, both promises are met', () => {
  const { verdict, objectives, staleReads, readsBack } = judge(recordedJournal(withVersions(met().events())))
  expect({ verdict, staleReads, readsBack }).toEqual({ verdict: 'met', staleReads: 0, readsBack: 0 })
  expect(objectives.filter(({ name }) => /reads/.test(name)).map((each) => each.verdict)).toEqual(['met', 'met'])
})

test('is what comparing every pair gives', () => {
  const small = fc.integer({ min: 0, max: 3 })
  const random = fc.array(
    fc.record({
      account: small,
      other: small,
      version: fc.integer({ min: 0, max: 12 }),
      session: fc.option(small, { nil: undefined }),
      tookMs: fc.integer({ min: 0, max: 400 }),
      acked: fc.integer({ min: 0, max: 9 }),
      named: fc.integer({ min: 0, max: 9 }),
      region: fc.constantFrom('east', 'west'),
    }),
    { minLength: 120, maxLength: 120 },
  )
  fc.assert(
    fc.property(random, (drawn) => {
      const told = journal({ steadyMs: 1000, observeMs: 2000 })
        .fault('none', { healMs: 1000 })
        .requests((request) => {
          const given = drawn[request.n]
          if (given === undefined) return request
          const { account, other, version, session, tookMs, acked, named, region } = given
          const first = [account, version] as [number, number]
          const versions = request.op === 'write' ? ([...first, other + 4, version] as const) : first
          return {
            ...request,
            endedMs: request.startedMs + tookMs,
            region,
            ...(acked === 0 && { outcome: 'unknown' as const }),
            ...(named > 0 && { versions: [...versions] as NonNullable<RequestEvent['versions']> }),
            ...(session !== undefined && { session }),
          }
        })
        .build()
      const { staleReads, worstStaleMs, staleByRegion, readsAgain, readsBack } = judge(told)
      expect({ staleReads, worstStaleMs, staleByRegion, readsAgain, readsBack }).toEqual(
        oracle([...told.requests], 2000),
      )
    }),
    { numRuns: 150 },
  )
})

/** In O(n²), from the words alone. */
function oracle(requests: RequestEvent[], fromMs: number) {
  const pairs = ({ versions }: RequestEvent) => {
    const told: readonly number[] = versions ?? []
    return [0, 2].filter((i) => i < told.length).map((i) => ({ account: told[i], version: told[i + 1] ?? -1 }))
  }
  const answered = requests.filter(({ outcome, versions }) => outcome === 'acked' && versions !== undefined)
  const acks = answered
    .filter(({ op }) => op === 'write')
    .flatMap((write) => pairs(write).map((pair) => ({ ...pair, endedMs: write.endedMs })))
  const reads = answered.filter(({ op }) => op === 'read').map((read) => ({ ...read, ...pairs(read)[0] }))
  const counted = reads.filter(({ endedMs }) => endedMs >= fromMs)
  const byRegion: Record<string, { reads: number; stale: number; worstMs: number }> = {}
  let [again, back] = [0, 0]
  for (const read of counted) {
    const before = acks.filter((ack) => ack.account === read.account && ack.endedMs < read.startedMs)
    if (before.length > 0) {
      const its = byRegion[read.region ?? 'none'] ?? { reads: 0, stale: 0, worstMs: 0 }
      byRegion[read.region ?? 'none'] = its
      const unseen = before.filter((ack) => ack.version > (read.version ?? -1))
      its.reads++
      if (unseen.length > 0) its.stale++
      its.worstMs = Math.max(its.worstMs, ...unseen.map((ack) => Math.ceil(read.startedMs - ack.endedMs)))
    }
    const earlier = reads.filter(
      (other) => other.account === read.account && other.session === read.session && other.endedMs < read.startedMs,
    )
    if (earlier.length > 0) again++
    if (earlier.some((other) => (other.version ?? -1) > (read.version ?? -1))) back++
  }
  if (acks.length === 0 || counted.length === 0)
    return { staleReads: null, worstStaleMs: null, staleByRegion: null, readsAgain: null, readsBack: null }
  const regions = Object.values(byRegion)
  return {
    staleReads: regions.reduce((sum, { stale }) => sum + stale, 0),
    worstStaleMs: Math.max(0, ...regions.map(({ worstMs }) => worstMs)),
    staleByRegion: byRegion,
    readsAgain: again,
    readsBack: back,
  }
}
