// Goal: "99 of 100 writes succeed within …" is broken by one write too many, slow or failed, and by nothing less.
// Method: 400 writes after the fault, so that 4 of them may be bad; single changes around that edge.
import { describe, expect, test } from 'vitest'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { journal, type Story, unanswered } from '../../journals/build.ts'

const limitMs = 800
const slow = {
  target: { scope: 'link' as const, sites: ['east', 'west'] as [string, string] },
  nodes: [],
  links: ['link-east-west'],
  disturbed: [],
}
/** 40 requests a second, half of them writes: 80 before T0 and 400 from T0 on, the first of them n = 160. */
const story = (): Story =>
  journal({ observeMs: 20_000, objectives: { writeP99Ms: limitMs } }).disturb('slow', 'pg-west-a', slow)
const numbers = (count: number): Set<number> => new Set(Array.from({ length: count }, (_, i) => 200 + 50 * i))
const late =
  (tookMs: number) =>
  (request: RequestEvent): RequestEvent => ({ ...request, endedMs: request.scheduledMs + tookMs })
const failed = (request: RequestEvent): RequestEvent => unanswered({ ...request, endedMs: request.startedMs + 100 })
const changed = (count: number, edit: (request: RequestEvent) => RequestEvent): Story => {
  const hit = numbers(count)
  return story().requests((request) => (hit.has(request.n) ? edit(request) : request))
}
const result = (told: Story) => judge(told.build()).objectives.find(({ name }) => name === 'write-p99')

describe('met', () => {
  test('when writes are as quick as ever', () => {
    const verdict = judge(story().build())
    expect(verdict).toMatchObject({ verdict: 'met', writes: 400, failedWrites: 0, writeP99Ms: 16 })
    expect(result(story())?.message).toBe(
      'met "99 of 100 writes succeed within 800 ms": of 400 writes from the fault on 99 of 100 succeeded within 16 ms of their scheduled time',
    )
  })

  test('when exactly 1 in 100 is too slow', () => {
    expect(result(changed(4, late(5000)))).toMatchObject({ verdict: 'met', actual: 16 })
  })

  test('when exactly 1 in 100 fails', () => {
    expect(judge(changed(4, failed).build())).toMatchObject({ failedWrites: 4, writeP99Ms: 16 })
    expect(result(changed(4, failed))?.verdict).toBe('met')
  })

  test('when one more takes just the limit', () => {
    expect(result(changed(5, late(limitMs)))).toMatchObject({ verdict: 'met', actual: limitMs })
  })

  test('whatever reads and writes that had ended do', () => {
    const reads = story().requests((request) =>
      request.op === 'read' && request.n > 500 ? late(900)(request) : request,
    )
    expect(result(reads)?.verdict).toBe('met')
    const before = story().requests((request) => (request.n >= 40 && request.n < 60 ? late(2000)(request) : request))
    expect(result(before)).toMatchObject({ verdict: 'met', actual: 16 })
  })
})

describe('missed', () => {
  test('by one write too slow beyond 1 %', () => {
    expect(result(changed(5, late(limitMs + 1)))).toMatchObject({
      verdict: 'missed',
      actual: 801,
      message:
        'missed "99 of 100 writes succeed within 800 ms": 5 of 400 writes from the fault on did not; 99 of 100 succeeded within 801 ms of their scheduled time',
    })
  })

  test('by one failed write beyond 1 %', () => {
    expect(judge(changed(5, failed).build())).toMatchObject({ writes: 400, failedWrites: 5, writeP99Ms: null })
    expect(result(changed(5, failed))).toMatchObject({
      verdict: 'missed',
      actual: null,
      message:
        'missed "99 of 100 writes succeed within 800 ms": 5 of 400 writes failed from the fault on, which is more than 1 in 100',
    })
  })

  test('by writes that were under way at T0: the fault can hit them', () => {
    const underWay = story().requests((request) =>
      request.n >= 140 && request.n < 160 ? late(3000)(request) : request,
    )
    expect(judge(underWay.build())).toMatchObject({ writes: 410, writeP99Ms: 3000 })
    expect(result(underWay)?.verdict).toBe('missed')
  })

  test('by failed and slow writes together', () => {
    const hit = [...numbers(5)]
    const mixed = story().requests((request) =>
      request.n === hit[0] ? failed(request) : hit.includes(request.n) ? late(900)(request) : request,
    )
    expect(result(mixed)?.message).toMatch(
      /: 5 of 400 writes from the fault on did not, 1 of them because they failed; 99 of 100 succeeded within 900 ms/,
    )
  })

  test('by the wait for a free connection, which counts from the schedule', () => {
    const waited = changed(5, (request) => ({
      ...request,
      startedMs: request.scheduledMs + 200,
      endedMs: request.scheduledMs + 900,
    }))
    expect(result(waited)).toMatchObject({ verdict: 'missed', actual: 900 })
  })
})

describe('inconclusive', () => {
  test('without a write after the fault', () => {
    const reads = story().requests((request) => ({ ...request, op: 'read' }))
    expect(result(reads)).toMatchObject({
      verdict: 'inconclusive',
      actual: null,
      message: expect.stringContaining('no write was due or under way after the fault'),
    })
    expect(judge(reads.build())).toMatchObject({ writes: 0, writeP99Ms: null })
  })

  test('without any request', () => {
    expect(judge(story().without('request').build())).toMatchObject({
      writes: null,
      failedWrites: null,
      writeP99Ms: null,
    })
    expect(result(story().without('request'))?.verdict).toBe('inconclusive')
  })

  test('when the trial is not valid, even if it would be a miss', () => {
    expect(result(changed(5, failed).without('fault.proved'))?.message).toMatch(
      /^inconclusive .*fault-proved: .*; measured all the same: 5 of 400 writes failed/,
    )
  })
})
