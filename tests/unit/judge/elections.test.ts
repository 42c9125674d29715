/** Goal: the DCS's elections are counted by its terms, and met means that a majority was heard to the end. */

import { describe, expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { ObjectiveResult } from '../../../chaos/judge/verdict.ts'
import { journal, type Story } from '../../journals/build.ts'
import { honest } from '../../journals/honest.ts'
import { promisingNoElection } from '../../journals/lies/elections.ts'

const killed = (dcsElections?: number): Story =>
  journal({ objectives: dcsElections === undefined ? {} : { dcsElections } })
    .fault('kill')
    .takeOver({ detectedMs: 900, electedMs: 1200, promotedMs: 1400, routedMs: 1550 })
const judged = (story: Story): ObjectiveResult | undefined =>
  judge(story.build()).objectives.find(({ name }) => name === 'dcs-elections')

test.each(
  [...honest.entries()].flatMap(([name, events]) => {
    const promising = promisingNoElection(events)
    return promising === undefined ? [] : [[name, promising] as const]
  }),
)('%s is met with that promise, too, in which lies are planted', (_, events) => {
  const { objectives, verdict } = judge(recordedJournal(events.map((event, seq) => ({ ...event, seq }))))
  expect(verdict).toBe('met')
  expect(objectives.find(({ name }) => name === 'dcs-elections')).toMatchObject({ verdict: 'met', actual: 0 })
})

describe('how often the DCS may elect a leader', () => {
  test('it is counted where nobody asks for it', () => {
    const counted = (story: Story) => judge(story.build()).dcsElections
    expect(counted(killed().terms())).toEqual({ atLeast: 0, atMost: 0 })
    expect(counted(killed().terms({ elections: [400, 5000] }))).toEqual({ atLeast: 2, atMost: 2 })
    expect(counted(killed().terms({ elections: [400], steps: 30 }))).toEqual({ atLeast: 1, atMost: 30 })
    expect(counted(killed().terms({ unheard: ['etcd-east', 'etcd-west'] }))).toBeNull()
    expect(counted(killed())).toBeNull()
  })

  test('none, one, too many', () => {
    expect(judged(killed(0).terms())).toMatchObject({
      verdict: 'met',
      actual: 0,
      message: 'met "the DCS elects no leader anew": its term was 4 throughout',
    })
    expect(judged(killed(1).terms({ elections: [400] }))).toMatchObject({ verdict: 'met', actual: 1 })
    expect(judged(killed(1).terms({ elections: [400, 5000] }))).toMatchObject({
      verdict: 'missed',
      actual: 2,
      message:
        'missed "the DCS elects a leader at most once": 2 leaders were seen to be elected; its term rose from 4 to 6',
    })
  })

  test('terms without a leader that anybody knows of may have had one, and prove none', () => {
    const risen = (limit: number) => judged(killed(limit).terms({ elections: [400], steps: 30 }))
    expect(risen(0)).toMatchObject({ verdict: 'missed', actual: 1 })
    expect(risen(5)).toMatchObject({
      verdict: 'inconclusive',
      actual: null,
      message: expect.stringContaining('its term rose from 4 to 34: there may have been 30'),
    })
    expect(risen(30)).toMatchObject({ verdict: 'met', actual: 1 })
  })

  test('one before the first fault does not count', () => {
    expect(judged(killed(0).terms({ elections: [-500] }))).toMatchObject({ verdict: 'met', actual: 0 })
  })

  test('one that a single member tells of counts, also where it shows only when a majority is asked in the end', () => {
    const late = killed(0)
      .terms({ elections: [2000] })
      .change('dcs.term', (event) => (event.term === 5 && event.confirmed !== true ? null : event))
    expect(judged(late)).toMatchObject({ verdict: 'missed', actual: 1 })
    const byOne = killed(0)
      .terms({ elections: [2000] })
      .change('dcs.term', (event) => (event.term === 5 && event.member !== 'etcd-west' ? { ...event, term: 4 } : event))
    expect(judged(byOne)).toMatchObject({ verdict: 'missed', actual: 1 })
  })

  test('it is met only if a majority was asked after the load had ended', () => {
    expect(judged(killed(0).terms({ unheard: ['etcd-east'] }))?.verdict).toBe('met')
    const unasked = (elections: number[]) => judged(killed(0).terms({ elections, unheard: ['etcd-east', 'etcd-west'] }))
    expect(unasked([])).toMatchObject({
      verdict: 'inconclusive',
      actual: null,
      message: expect.stringContaining('no majority of the DCS told its term when the load had ended'),
    })
    // What one of them has told is too much already.
    expect(unasked([2000])).toMatchObject({ verdict: 'missed', actual: 1 })
    const early = killed(0)
      .terms()
      .change('dcs.term', (event) => (event.confirmed ? { ...event, heardMs: 10_000 } : event))
    expect(judged(early)?.verdict).toBe('inconclusive')
  })

  test('nor is it met where a minority was heard before the first fault, or nobody', () => {
    const deaf = killed(0)
      .terms()
      .change('dcs.term', (event) => (event.member !== 'etcd-east' && event.atMs < 1000 ? null : event))
    expect(judged(deaf)).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining('before the first fault; not heard: etcd-west, etcd-witness'),
    })
    expect(judged(killed(0))).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining('no member of the DCS told its term'),
    })
  })
})
