// Goal: what may be promised of an outage in which nobody can be served: recovered after the heal, reads that go on, and
// few changes of primary. Each is broken by its own planted defect, and by nothing else.
import { describe, expect, test } from 'vitest'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Objectives } from '../../../chaos/scenarios/schema.ts'
import { senselessIn } from '../../../chaos/scenarios/sense.ts'
import { journal, type Story } from '../../journals/build.ts'
import { scenarioOf } from '../../journals/world.ts'

const asking = (objectives: Partial<Objectives>): Story =>
  journal({ objectives: { recoverWithinMs: undefined, ...objectives } })
const result = (story: Story, name: string) => judge(story.build()).objectives.find((found) => found.name === name)
const isRead = ({ op }: { op: string }): boolean => op === 'read'
const isWrite = ({ op }: { op: string }): boolean => op === 'write'

describe('recovered after the heal (the heal is asked for at +6 s)', () => {
  const back = (toMs: number, recoverAfterHealMs = 1000): Story =>
    asking({ recoverAfterHealMs }).fault('kill').outage({ toMs })
  const name = 'recover-after-heal'

  test('met by clients that are served again in time, however long the outage was', () => {
    expect(result(back(6900), name)).toMatchObject({
      verdict: 'met',
      actual: 900,
      message: 'met "clients are served again within 1 s after the heal": recovered 900 ms after the heal began',
    })
    expect(result(back(6900, 900), name)?.verdict).toBe('met')
  })

  test('missed by clients that are not', () => {
    expect(result(back(6900, 899), name)?.verdict).toBe('missed')
    expect(result(back(8000), name)?.message).toBe(
      'missed "clients are served again within 1 s after the heal": recovered 2 s after the heal began',
    )
  })

  test('met before the heal, and by clients who noticed nothing', () => {
    expect(result(back(2000), name)).toMatchObject({ verdict: 'met', actual: null })
    expect(result(back(2000), name)?.message).toMatch(/they were served again before the heal$/)
    expect(result(asking({ recoverAfterHealMs: 1 }).fault('kill'), name)?.message).toMatch(
      /clients were not interrupted$/,
    )
  })

  test('counts from the last of several heals', () => {
    const two = asking({ recoverAfterHealMs: 1000 })
      .fault('kill', { healMs: 2000 })
      .fault('kill', { afterMs: 500 })
      .outage({ toMs: 7400 })
    expect(result(two, name)).toMatchObject({ actual: 900 })
  })

  test('missed by clients who are not served again at all, inconclusive where they were not watched long enough', () => {
    expect(result(back(14_000), name)?.message).toMatch(
      /^missed .*not recovered in the 8 s that were observed after the heal began$/,
    )
    expect(result(back(14_000, 8_500), name)?.verdict).toBe('inconclusive')
  })

  test('inconclusive where nothing healed while they were not served', () => {
    const open = back(14_000).without('heal.requested')
    expect(result(open, name)).toMatchObject({ verdict: 'inconclusive', actual: null })
  })

  test('refused where the load ends before it could be seen', () => {
    const scenario = scenarioOf({
      ...{ name: 'late', ratePerSecond: 40, writeEvery: 2, steadyMs: 4000, observeMs: 7000 },
      objectives: { recoverAfterHealMs: 1001 },
    })
    expect(senselessIn(scenario)).toEqual([
      {
        path: ['objectives', 'recoverAfterHealMs'],
        message:
          'recoverAfterHealMs: 1001 ms after the last heal (at 6000 ms) is later than the end of the observation (observeMs is 7000 ms)',
      },
    ])
    expect(senselessIn({ ...scenario, observeMs: 7001 })).toEqual([])
  })
})

describe('reads that go on', () => {
  const stopped = (hits: typeof isRead, failedReads = 0): Story =>
    asking({ failedReads }).fault('kill').outage({ toMs: 3000, hits })

  test('met while writes stop', () => {
    expect(result(stopped(isWrite), 'failed-reads')).toMatchObject({
      verdict: 'met',
      actual: 0,
      message: expect.stringMatching(/^met "no read fails": 0 of \d+ reads failed from the fault on$/),
    })
  })

  test('missed by reads that fail, the first of which is named', () => {
    expect(result(stopped(isRead), 'failed-reads')?.message).toMatch(
      /^missed "no read fails": 60 of \d+ reads failed from the fault on, first the read n \d+, due \d+ ms after the fault: .* after 80\d ms$/,
    )
    expect(result(stopped(isRead, 60), 'failed-reads')?.verdict).toBe('met')
    expect(result(stopped(isRead, 59), 'failed-reads')?.verdict).toBe('missed')
  })

  test('inconclusive where nobody reads', () => {
    const writesOnly = journal({ writeEvery: 1, objectives: { failedReads: 0 } }).fault('kill')
    expect(result(writesOnly, 'failed-reads')).toMatchObject({ verdict: 'inconclusive', actual: null })
  })
})

describe('few changes of primary', () => {
  const holder = (leader: string, revision: number): EventBody => ({
    kind: 'dcs.leader',
    member: 'etcd-witness',
    leader,
    revision,
    uncertaintyMs: 40,
  })
  const takenOver = (takeOvers: number): Story =>
    asking({ takeOvers })
      .fault('kill')
      .takeOver({ detectedMs: 900, electedMs: 1200, promotedMs: 1400, routedMs: 1550 })
      .outage({ toMs: 1600 })
  const commit = (node: string, timeline: number, atMs: number): EventBody => ({
    kind: 'database.writable',
    node,
    accepting: true,
    timeline,
    commitMs: 5000 + atMs,
    uncertaintyMs: 50,
  })
  const name = 'take-overs'

  test('one is met by one, and missed by none', () => {
    expect(result(takenOver(1), name)).toMatchObject({
      verdict: 'met',
      actual: 1,
      message: expect.stringMatching(
        /^met "a database takes over at most once": once: pg-east-a, then pg-west-a at \+\d\.\d+ s$/,
      ),
    })
    expect(result(takenOver(0), name)?.verdict).toBe('missed')
  })

  test('back and forth is two, by the leader key alone or by commits alone', () => {
    const failedBack = (takeOvers: number): Story =>
      takenOver(takeOvers)
        .add(8900, { ...commit('pg-west-a', 2, 8890), accepting: false } as EventBody)
        .add(8950, holder('pg-east-a', 202))
        .add(9000, commit('pg-east-a', 3, 9000))
    expect(result(failedBack(1), name)).toMatchObject({ verdict: 'missed', actual: 2 })
    expect(result(failedBack(1), name)?.message).toMatch(
      /: 2 times: pg-east-a, then pg-west-a at \+6\.\d+ s, then pg-east-a at \+1[34]\.\d+ s$/,
    )
    expect(result(failedBack(2), name)?.verdict).toBe('met')
    expect(result(takenOver(1).add(9000, holder('pg-east-a', 202)), name)?.actual).toBe(2)
    expect(result(takenOver(1).add(9000, commit('pg-east-a', 3, 9000)), name)?.actual).toBe(2)
  })

  test('a holder between two others counts, also where a member that lags tells of it last', () => {
    const lagging = (revision: number): Story =>
      takenOver(1)
        .add(9000, { ...holder('pg-west-b', revision), member: 'etcd-west' } as EventBody)
        .add(9100, { ...holder('pg-west-a', 201), member: 'etcd-west' } as EventBody)
    expect(result(lagging(150), name)).toMatchObject({ verdict: 'missed', actual: 2 })
    // What is older than all that was known when the fault began is no news.
    expect(result(lagging(1), name)?.verdict).toBe('met')
  })

  test('a timeline that nobody committed on is a promotion that nobody saw', () => {
    const unseen = (takeOvers: number): Story =>
      takenOver(takeOvers).change('database.writable', (event) =>
        event.timeline === 2 ? { ...event, timeline: 3 } : event,
      )
    expect(result(unseen(1), name)).toMatchObject({ verdict: 'inconclusive', actual: null })
    expect(result(unseen(1), name)?.message).toMatch(/: once as far as anybody saw, but the timelines tell of 1 more/)
    // With room for both, and where there are too many without it, the count decides.
    expect(result(unseen(2), name)?.verdict).toBe('met')
    expect(result(unseen(0), name)?.verdict).toBe('missed')
  })

  test('none is met where the primary stays, and nobody is told of twice', () => {
    expect(result(asking({ takeOvers: 0 }).disturb('cpu-starve', 'pg-east-a'), name)).toMatchObject({
      verdict: 'met',
      actual: 0,
    })
    expect(result(takenOver(1).add(9000, holder('pg-west-a', 203)), name)?.verdict).toBe('met')
  })

  test('inconclusive where nobody watched; more than are allowed are named all the same', () => {
    const blind = (story: Story): Story =>
      story
        .without('dcs.leader')
        .change('observer.started', (event) =>
          event.observer === 'dcs' || event.subject === 'pg-west-b write' ? null : event,
        )
    expect(result(blind(takenOver(1)), name)).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining('neither the leader key nor every database was observed'),
    })
    expect(result(blind(takenOver(0)), name)?.message).toMatch(/pg-east-a, then pg-west-a/)
  })
})
