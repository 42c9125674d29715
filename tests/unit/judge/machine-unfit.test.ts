// Goal: a test may pass over what the machine was unfit for, and nothing else. An inconclusive trial for another reason
// is a finding, and so is everything that was missed.
import { expect, test } from 'vitest'
import { machineUnfit } from '../../../chaos/api/trial.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { journal } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

/** The wall clock of the load generator's machine steps by so much, in one sound journal. */
const stepped = (stepMs: number) =>
  judge(
    met()
      .change('load.clock', (event) => ({ ...event, stepMs }))
      .build(),
  )
/** An outage of 3.6 s where 3 s are promised, on a machine that was busy before the fault. */
const busy = judge(
  journal({ objectives: { recoverWithinMs: 3000 } })
    .fault('kill')
    .outage({ toMs: 3600 })
    .change('host.sampled', (event) => ({ ...event, idleShare: event.atMs <= 5000 ? 0.1 : 0.5 }))
    .build(),
)

test('a clock that was set, by however little, and a host without room say so', () => {
  expect(machineUnfit(stepped(8))).toBe('the wall clock stepped by 8 ms during the trial')
  expect(machineUnfit(stepped(400))).toMatch(/stepped by 400 ms/)
  expect(machineUnfit(busy)).toMatch(/idle/)
})

test('a trial that was met or missed was no matter of the machine', () => {
  expect(machineUnfit(judge(met().build()))).toBeUndefined()
  expect(machineUnfit({ ...stepped(8), verdict: 'missed' })).toBeUndefined()
})

test.each([
  ['nobody read the databases', met().without('audit.read')],
  ['the load generator was too slow', met().change('load.ended', (event) => ({ ...event, dropped: 40 }))],
] as const)('where %s, the machine is no excuse', (_, story) => {
  const verdict = judge(story.build())
  expect(verdict.verdict).toBe('inconclusive')
  expect(machineUnfit(verdict)).toBeUndefined()
})

test('clocks that do not agree without a step are no matter of the machine', () => {
  const verdict = judge(
    met()
      .change('load.clock', (event) => ({ ...event, offsetMs: 300 }))
      .build(),
  )
  expect(verdict.validity.find(({ name }) => name === 'clocks-agree')).toMatchObject({ holds: false })
  expect(machineUnfit(verdict)).toBeUndefined()
})
