// Goal: "no other database takes over" is broken by another holder of the leader key and by another node's commit, each
// by itself.
// Method: a primary that is starved and keeps its place; then single changes.
import { describe, expect, test } from 'vitest'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { journal, type Story } from '../../journals/build.ts'

const starved = (): Story =>
  journal({ objectives: { samePrimary: true } }).disturb('cpu-starve', 'pg-east-a', { with: { cores: 0.05 } })
const holder = (leader: string | null, revision: number): EventBody => ({
  kind: 'dcs.leader',
  member: 'etcd-witness',
  leader,
  revision,
  uncertaintyMs: 40,
})
const commit = (node: string, timeline: number, commitMs: number): EventBody => ({
  kind: 'database.writable',
  node,
  accepting: true,
  timeline,
  commitMs,
  uncertaintyMs: 50,
})
const result = (told: Story) => judge(told.build()).objectives.find(({ name }) => name === 'same-primary')
const unwatchedKey = (told: Story): Story =>
  told.without('dcs.leader').change('observer.started', (event) => (event.observer === 'dcs' ? null : event))
const unwatchedDatabases = (told: Story): Story =>
  told
    .change('observer.started', (event) => (event.observer === 'database' ? null : event))
    .without('database.writable')

describe('met', () => {
  test('when the primary stays', () => {
    expect(judge(starved().build())).toMatchObject({ verdict: 'met', primaryKept: true, takeOvers: [] })
    expect(result(starved())).toMatchObject({
      actual: true,
      message:
        'met "no other database takes over": no other database took over from pg-east-a; observed: the leader key and every database',
    })
  })

  test('when the same holder loses its leader key and takes it again, which the evidence says', () => {
    const lapsed = starved().add(2000, holder(null, 101)).add(2600, holder('pg-east-a', 102))
    expect(result(lapsed)?.message).toBe(
      'met "no other database takes over": no other database took over from pg-east-a; observed: the leader key and every database; ' +
        'it lost the leader key at +7.000 s, and it took the key again at +7.600 s',
    )
    const lost = starved().add(2000, holder(null, 101))
    expect(result(lost)?.message).toMatch(/it lost the leader key at \+7\.000 s, and no node took the key$/)
  })

  test('when several members tell of the same lapse', () => {
    const east = { member: 'etcd-east' }
    const told = starved()
      .add(2000, holder(null, 101))
      .add(2050, { ...holder(null, 101), ...east } as EventBody)
      .add(2600, holder('pg-east-a', 102))
      .add(2700, { ...holder(null, 101), ...east } as EventBody)
      .add(2710, { ...holder('pg-east-a', 102), ...east } as EventBody)
    expect(result(told)?.message.match(/it lost the leader key/g)).toHaveLength(1)
  })

  test('when a member that lags tells of a holder from long ago', () => {
    const lagging = starved().add(2000, holder('pg-west-b', 90)).add(2600, holder('pg-east-a', 100))
    expect(result(lagging)?.verdict).toBe('met')
  })

  test('when the primary itself pauses its commits and goes on', () => {
    const resumed = starved()
      .add(1000, {
        kind: 'database.writable',
        node: 'pg-east-a',
        accepting: false,
        timeline: 1,
        commitMs: 5900,
        uncertaintyMs: 50,
      })
      .add(2000, commit('pg-east-a', 1, 7000))
    expect(result(resumed)?.verdict).toBe('met')
  })

  test('by the one observer that was there', () => {
    expect(result(unwatchedKey(starved()))?.message).toMatch(
      /no other database took over from pg-east-a; observed: every database$/,
    )
    expect(result(unwatchedDatabases(starved()))?.message).toMatch(
      /no other database took over from pg-east-a; observed: the leader key$/,
    )
  })
})

describe('missed', () => {
  test('by another holder of the leader key alone', () => {
    const verdict = judge(starved().add(2500, holder('pg-west-a', 101)).build())
    expect(verdict).toMatchObject({
      verdict: 'missed',
      primaryKept: false,
      takeOvers: [{ node: 'pg-west-a', atMs: 7500, how: 'took the leader key', observer: 'dcs watch at etcd-witness' }],
      summary:
        'missed "no other database takes over": pg-east-a was primary when the fault was requested; pg-west-a took the leader key at +7.500 s (dcs watch at etcd-witness)',
    })
  })

  test("by another node's commit alone", () => {
    const told = starved()
      .add(3000, commit('pg-west-b', 2, 8000))
      .add(3050, { ...commit('pg-west-b', 2, 8000), accepting: false } as EventBody)
    expect(result(told)).toMatchObject({
      verdict: 'missed',
      actual: false,
      message: expect.stringContaining('pg-west-b committed writes at +8.000 s (database probe of pg-west-b)'),
    })
  })

  test("by another node's commit on the old timeline: nobody promoted it, and it is a primary all the same", () => {
    expect(result(starved().add(3000, commit('pg-west-b', 1, 8000)))?.verdict).toBe('missed')
  })

  test('by a holder that gave the key back', () => {
    const back = starved().add(2500, holder('pg-west-a', 101)).add(4000, holder('pg-east-a', 102))
    expect(result(back)?.verdict).toBe('missed')
  })
})

describe('inconclusive', () => {
  test('when neither the DCS nor any database was observed', () => {
    expect(judge(unwatchedDatabases(unwatchedKey(starved())).build())).toMatchObject({
      primaryKept: null,
      takeOvers: [],
    })
    expect(result(unwatchedDatabases(unwatchedKey(starved())))).toMatchObject({ verdict: 'inconclusive', actual: null })
  })

  test('when only some databases were asked, and nobody watched the key', () => {
    const partly = unwatchedKey(starved()).change('observer.started', (event) =>
      event.subject === 'pg-west-a write' ? null : event,
    )
    expect(result(partly)?.message).toMatch(/^inconclusive .*neither the leader key nor every database was observed/)
  })

  test('when there was no fault', () => {
    expect(judge(starved().without('fault.requested').build())).toMatchObject({
      verdict: 'inconclusive',
      primaryKept: null,
    })
  })

  test('when the fault may have been another than the one asked for', () => {
    expect(result(starved().add(2500, holder('pg-west-a', 101)).without('fault.proved'))?.message).toMatch(
      /^inconclusive .*fault-proved: .*measured all the same: pg-east-a was primary/,
    )
  })
})
