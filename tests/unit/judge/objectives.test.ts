// Goal: each objective is met, missed or inconclusive for the right reason, and says so in words that name the promise.
import { describe, expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
import { worstOf } from '../../../chaos/judge/objectives.ts'
import type { Objectives } from '../../../chaos/scenarios/schema.ts'
import { journal, type Story } from '../../journals/build.ts'

const takeOver = { detectedMs: 2900, electedMs: 3200, promotedMs: 3400, routedMs: 3550 }
const asked = (objectives: Partial<Objectives>): Story =>
  journal({ objectives }).fault('kill').takeOver(takeOver).outage({ toMs: 3600 })
const messages = (story: Story): string[] => judge(story.build()).objectives.map((result) => result.message)

test('a scenario that promises nothing is inconclusive, never met', () => {
  const none = asked({}).change('trial.opened', (event) => ({
    ...event,
    scenario: { ...event.scenario, objectives: { window: event.scenario.objectives.window } },
  }))
  expect(judge(none.build())).toMatchObject({
    verdict: 'inconclusive',
    objectives: [],
    summary: 'inconclusive: the scenario sets no objective',
  })
})

test('every objective has a sentence', () => {
  expect(messages(asked({ failedRequests: 200, slowestRequestMs: 100 }))).toEqual([
    'met "clients are served again within 5 s": recovered in 3.6 s; for up to 3.649 s no write was acknowledged',
    'met "no acknowledged write is lost": all 288 acknowledged writes are on every database',
    'met "the stored data is consistent": the databases agree, hold nothing that was not sent, and no invariant is broken (1 checked); they hold 0 of 72 unknown writes',
    'met "never two databases accept writes at once": every database was asked throughout, and at most one committed; a shorter overlap than 54 ms may not have been seen',
    'met "at most 200 requests fail": 144 of 560 requests failed from the fault on',
    'met "every request that succeeds takes at most 100 ms": the slowest took 16 ms from its scheduled time',
  ])
})

test('a promise about acknowledged writes needs some', () => {
  const verdict = judge(
    journal()
      .fault('kill')
      .requests((request) => (request.op === 'write' ? { ...request, outcome: 'rejected' } : request))
      .build(),
  )
  expect(verdict.objectives.find((result) => result.name === 'lost-writes')?.verdict).toBe('inconclusive')
  const reads = judge(
    journal()
      .fault('kill')
      .requests((request) => ({ ...request, op: 'read' }))
      .change('trial.opened', ({ scenario, ...event }) => ({
        ...event,
        scenario: { ...scenario, load: { ...scenario.load, writeShare: 0 } },
      }))
      .build(),
  )
  expect(reads.summary).toBe(
    'inconclusive "no acknowledged write is lost": no write was acknowledged, so none could be lost',
  )
})

describe('misses', () => {
  test('failed requests', () => {
    expect(judge(asked({ failedRequests: 0 }).build()).summary).toBe(
      'missed "no request fails": 144 of 560 requests failed from the fault on, first the write n 160, due 0 ms after the fault: connection reset after 801 ms',
    )
  })

  test('slowest request', () => {
    const slow = journal({ objectives: { slowestRequestMs: 500 } })
      .fault('kill')
      .takeOver(takeOver)
      .outage({ toMs: 900, as: 'slow' })
    expect(judge(slow.build()).summary).toBe(
      'missed "every request that succeeds takes at most 500 ms": the slowest took 905 ms from its scheduled time',
    )
  })

  test('a limit that is met exactly is met', () => {
    expect(judge(asked({ recoverWithinMs: 3600 }).build()).verdict).toBe('met')
    expect(judge(asked({ recoverWithinMs: 3599 }).build()).verdict).toBe('missed')
  })
})

describe('censored', () => {
  const censored = (recoverWithinMs: number): Story =>
    journal({ objectives: { recoverWithinMs } }).fault('kill').outage({ toMs: 10_000 })

  test('is missed when clients still failed after the limit', () => {
    expect(judge(censored(9000).build())).toMatchObject({ verdict: 'missed', outcome: 'censored' })
  })

  test('is inconclusive when they may have recovered in time, but were not watched for long enough', () => {
    const verdict = judge(censored(10_500).build())
    expect(verdict).toMatchObject({ verdict: 'inconclusive', outcome: 'censored' })
    expect(verdict.summary).toMatch(
      /^inconclusive "clients are served again within 10\.5 s": not recovered in the 14 s .* too short to tell$/,
    )
  })
})

test('the worst verdict wins, and nothing is not met', () => {
  expect(worstOf(['met', 'inconclusive', 'missed'])).toBe('missed')
  expect(worstOf(['met', 'inconclusive'])).toBe('inconclusive')
  expect(worstOf(['met'])).toBe('met')
  expect(worstOf([])).toBe('inconclusive')
})
