// Goal: a chaos suite fails with the broken promise in words, and never passes on a trial that proves nothing.
import { describe, expect, test } from 'vitest'
import { parseDuration } from '../../chaos/api/matchers.ts'
import { judge } from '../../chaos/judge/judge.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { journal, type Story } from '../journals/build.ts'
import { lastWritesBeforeFault, met } from '../journals/golden.ts'
import { databases } from '../journals/world.ts'

const good = judge(met().build())
const unproved = judge(met().without('fault.proved').build())
const lossy = judge(databases.reduce((story, node) => story.absent(node, lastWritesBeforeFault), met()).build())
const split = judge(
  met()
    .add(5000, {
      kind: 'database.writable',
      node: 'pg-west-b',
      accepting: true,
      timeline: 3,
      commitMs: 10_000,
      uncertaintyMs: 50,
    })
    .add(6000, {
      kind: 'database.writable',
      node: 'pg-west-b',
      accepting: false,
      timeline: 3,
      commitMs: 10_900,
      uncertaintyMs: 50,
    })
    .build(),
)
const censored = judge(journal().fault('kill').outage({ toMs: 14_000 }).build())
const calm = judge(journal().fault('kill').build())
const sluggish = judge(
  journal()
    .fault('kill')
    .requests((request) =>
      [200, 300, 400].includes(request.n) ? { ...request, endedMs: request.scheduledMs + 900 } : request,
    )
    .build(),
)

const failure = (check: () => void): string => {
  try {
    check()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'it passed'
}

test('a trial that keeps its promises passes', () => {
  expect(good).toRecoverWithin('4s')
  expect(good).toRecoverWithin(3600)
  expect(good).toLoseNoAckedWrites()
  expect(good).toHaveExactlyOnePrimary()
  expect(good).toAcknowledgeWritesEvery('4s')
  expect(good).toBeMet()
  expect(calm).toRecoverWithin('1ms')
  expect(calm).toKeepItsPrimary()
  expect(calm).toWriteWithin('16ms')
  expect(sluggish).toWriteWithin(900)
})

describe('a broken promise is named', () => {
  test.each<[string, () => void, string]>([
    [
      'too slow',
      () => expect(good).toRecoverWithin('3s'),
      'missed "clients are served again within 3 s": recovered in 3.6 s (trial paper-1 of region-kill)',
    ],
    [
      'never',
      () => expect(censored).toRecoverWithin('3s'),
      'missed "clients are served again within 3 s": not recovered in the 14 s that were observed after the fault (trial paper-1 of region-kill)',
    ],
    [
      'lost',
      () => expect(lossy).toLoseNoAckedWrites(),
      'missed "no acknowledged write is lost": 3 writes acked by east before the fault are absent from pg-east-a, pg-east-b, pg-west-a, pg-west-b (n 148, 152, 156; acked at +4.711 s) (trial paper-1 of region-kill)',
    ],
    [
      'two primaries',
      () => expect(split).toHaveExactlyOnePrimary(),
      'missed "never two databases accept writes at once": pg-west-a and pg-west-b both committed writes, for 900 ms in all (trial paper-1 of region-kill)',
    ],
    [
      'another primary',
      () => expect(good).toKeepItsPrimary(),
      'missed "no other database takes over": pg-west-a took the leader key at +8.200 s (dcs watch at etcd-witness), pg-west-a committed writes at +8.400 s (database probe of pg-west-a) (trial paper-1 of region-kill)',
    ],
    [
      'slow writes',
      () => expect(sluggish).toWriteWithin('800ms'),
      'missed "99 of 100 writes succeed within 800 ms": of 280 writes from the fault on 99 of 100 succeeded within 900 ms of their scheduled time (trial paper-1 of region-kill)',
    ],
    [
      'failed writes',
      () => expect(good).toWriteWithin('10s'),
      'missed "99 of 100 writes succeed within 10 s": 72 of 280 writes failed from the fault on, which is more than 1 in 100 (trial paper-1 of region-kill)',
    ],
    [
      'not met',
      () => expect(censored).toBeMet(),
      'missed "clients are served again within 5 s": not recovered in the 14 s that were observed after the fault (trial paper-1 of region-kill)',
    ],
    [
      'kept after all',
      () => expect(good).not.toRecoverWithin('4s'),
      'kept "clients are served again within 4 s": recovered in 3.6 s (trial paper-1 of region-kill)',
    ],
  ])('%s', (_, check, message) => {
    expect(failure(check)).toBe(message)
  })

  test('by matchers alone, where the scenario states no objective', () => {
    const silent = (verdict: Verdict): Verdict => ({ ...verdict, verdict: 'inconclusive', objectives: [] })
    expect(silent(good)).toRecoverWithin('4s')
    expect(failure(() => expect(silent(lossy)).toLoseNoAckedWrites())).toMatch(
      /3 of \d+ acked writes are lost: n 148 absent from pg-east-a, pg-east-b/,
    )
  })
})

describe('an inconclusive trial', () => {
  const reason =
    'fault-proved: kill region east was not proved: no observer confirmed it (trial paper-1 of region-kill)'

  test.each<[string, () => void]>([
    ['toRecoverWithin', () => expect(unproved).toRecoverWithin('10s')],
    ['not.toRecoverWithin', () => expect(unproved).not.toRecoverWithin('1s')],
    ['toLoseNoAckedWrites', () => expect(unproved).toLoseNoAckedWrites()],
    ['not.toLoseNoAckedWrites', () => expect(unproved).not.toLoseNoAckedWrites()],
    ['toHaveExactlyOnePrimary', () => expect(unproved).toHaveExactlyOnePrimary()],
    ['toKeepItsPrimary', () => expect(unproved).toKeepItsPrimary()],
    ['not.toKeepItsPrimary', () => expect(unproved).not.toKeepItsPrimary()],
    ['toWriteWithin', () => expect(unproved).toWriteWithin('1min')],
    ['not.toWriteWithin', () => expect(unproved).not.toWriteWithin('1ms')],
    ['toBeMet', () => expect(unproved).toBeMet()],
  ])('fails %s with the reason', (_, check) => {
    expect(failure(check)).toMatch(/^inconclusive/)
    expect(failure(check)).toContain(reason)
  })

  test('is recognized by the check that was broken', () => {
    expect(unproved).toBeInconclusiveBecause('fault-proved')
    expect(good).not.toBeInconclusiveBecause('fault-proved')
    expect(failure(() => expect(unproved).toBeInconclusiveBecause('heal-proved'))).toBe(
      'expected the trial to be inconclusive because of heal-proved; the first broken check is fault-proved',
    )
    expect(failure(() => expect(good).toBeInconclusiveBecause('heal-proved'))).toBe(
      'expected the trial to be inconclusive because of heal-proved; the verdict is met',
    )
  })

  test('still shows an absence that was seen', () => {
    const seen = judge(
      databases.reduce((story, node) => story.absent(node, [100]), met().without('fault.proved')).build(),
    )
    expect(failure(() => expect(seen).toLoseNoAckedWrites())).toMatch(/^missed "no acknowledged write is lost"/)
  })

  test('fails where a thing was not measured', () => {
    const unasked = judge(
      met()
        .change('observer.started', (event) => (event.subject === 'pg-east-b write' ? null : event))
        .build(),
    )
    expect(failure(() => expect(unasked).toHaveExactlyOnePrimary())).toMatch(
      /^inconclusive "never two databases accept writes at once"/,
    )
    const unwatched = judge(
      journal()
        .fault('kill')
        .change('observer.started', (event) => (event.observer === 'database' ? null : event))
        .without('dcs.leader')
        .build(),
    )
    expect(failure(() => expect(unwatched).toKeepItsPrimary())).toMatch(/^inconclusive "no other database takes over"/)
    const reads = judge(
      journal()
        .fault('kill')
        .requests((request) => ({ ...request, op: 'read' }))
        .build(),
    )
    expect(failure(() => expect(reads).toWriteWithin('1s'))).toMatch(
      /^inconclusive "99 of 100 writes succeed within 1 s"/,
    )
  })
})

describe('an objective of the scenario by its name', () => {
  const asked = (takeOvers: number, edit = (story: Story): Story => story) =>
    judge(
      edit(
        journal({ objectives: { takeOvers, lostWrites: 0 } })
          .fault('kill')
          .takeOver({ detectedMs: 2900, electedMs: 3200, promotedMs: 3400, routedMs: 3550 }),
      ).build(),
    )

  test('is met, or missed with its evidence', () => {
    expect(asked(1)).toMeet('take-overs')
    expect(asked(0)).not.toMeet('take-overs')
    expect(failure(() => expect(asked(0)).toMeet('take-overs'))).toMatch(
      /^missed "no database takes over": once: pg-east-a, then pg-west-a at .* \(trial paper-1 of region-kill\)$/,
    )
    expect(failure(() => expect(asked(1)).not.toMeet('take-overs'))).toMatch(
      /^kept "a database takes over at most once"/,
    )
  })

  test('that nobody asked for is neither met nor missed', () => {
    const message =
      /^inconclusive "write-gap": not measured: the scenario does not ask for it, only for recover-within, /
    expect(failure(() => expect(asked(1)).toMeet('write-gap'))).toMatch(message)
    expect(failure(() => expect(asked(1)).not.toMeet('write-gap'))).toMatch(message)
  })

  test('is not believed where an instrument was broken, unless it stands by itself', () => {
    const broken = asked(0, (story) => story.without('fault.proved'))
    expect(failure(() => expect(broken).toMeet('take-overs'))).toMatch(/^inconclusive .*fault-proved/)
    expect(failure(() => expect(broken).not.toMeet('take-overs'))).toMatch(/^inconclusive .*fault-proved/)
    const lossy = asked(1, (story) =>
      databases.reduce((told, node) => told.absent(node, lastWritesBeforeFault), story).without('fault.proved'),
    )
    expect(lossy).not.toMeet('lost-writes')
  })
})

describe('durations', () => {
  test.each([
    ['30s', 30_000],
    ['1.5 s', 1500],
    ['500ms', 500],
    ['2min', 120_000],
    [42, 42],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['30', 's', '30 sec', '-1s', ''])('%s is none', (text) => {
    expect(() => parseDuration(text)).toThrow('is no duration')
  })
})

test('a stop of the writes breaks the promise that they are acknowledged, and one that was open proves nothing', () => {
  expect(failure(() => expect(good).toAcknowledgeWritesEvery('3s'))).toMatch(
    /^missed "writes never go unacknowledged for longer than 3 s": no write was acknowledged for 3\.\d+ s, from \+4\.\d+ s on \(trial/,
  )
  const open: Verdict = { ...good, writeGapOpen: true }
  expect(failure(() => expect(open).toAcknowledgeWritesEvery('4s'))).toMatch(/^inconclusive .*for at least 3\.\d+ s/)
  expect(failure(() => expect(open).not.toAcknowledgeWritesEvery('4s'))).toMatch(/^inconclusive /)
  expect(failure(() => expect(open).toAcknowledgeWritesEvery('3s'))).toMatch(/^missed /)
  const someFailed: Verdict = { ...calm, outcome: 'some-failed', failedRequests: 2 }
  expect(someFailed).toRecoverWithin('1ms')
  expect(failure(() => expect(someFailed).not.toRecoverWithin('1s'))).toContain(
    'clients were not interrupted, but 2 requests failed; for up to',
  )
})
