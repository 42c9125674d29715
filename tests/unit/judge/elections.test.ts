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
    expect(judge(killed().terms().build()).dcsElections).toBe(0)
    expect(
      judge(
        killed()
          .terms({ elections: [400, 5000] })
          .build(),
      ).dcsElections,
    ).toBe(2)
    expect(judge(killed().build()).dcsElections).toBeNull()
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
        'missed "the DCS elects a leader at most once": 2 times: its term was 4 when the first fault was requested, and 6 in the end',
    })
  })

  test('one before the first fault does not count', () => {
    expect(judged(killed(0).terms({ elections: [-500] }))).toMatchObject({ verdict: 'met', actual: 0 })
  })

  test('one that a single member tells of counts, also where it is told only when the observer stops', () => {
    const late = killed(0)
      .terms({ elections: [2000] })
      .change('dcs.term', (event) => (event.term === 5 && event.heardMs < 10_000 ? null : event))
    expect(judged(late)).toMatchObject({ verdict: 'missed', actual: 1 })
    const byOne = killed(0)
      .terms({ elections: [2000] })
      .change('dcs.term', (event) => (event.term === 5 && event.member !== 'etcd-west' ? { ...event, term: 4 } : event))
    expect(judged(byOne)).toMatchObject({ verdict: 'missed', actual: 1 })
  })

  test('a member that is not heard in the end is missed by nobody, two are', () => {
    expect(judged(killed(0).terms({ unheard: ['etcd-east'] }))?.verdict).toBe('met')
    expect(judged(killed(0).terms({ unheard: ['etcd-east', 'etcd-west'] }))).toMatchObject({
      verdict: 'inconclusive',
      actual: null,
      message: expect.stringContaining(
        'no majority of the DCS told its term after the load had ended; not heard: etcd-east, etcd-west',
      ),
    })
    // What one of them has told is too much already.
    const told = killed(0).terms({ elections: [2000], unheard: ['etcd-east', 'etcd-west'] })
    expect(judged(told)).toMatchObject({
      verdict: 'missed',
      actual: 1,
      message: expect.stringContaining('at least once'),
    })
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
