// Goal: where the load was told to stop, as in a drill, what was under way has no record, and that is neither a hole in
// the ledger nor an outage; everything before is judged as ever, and a load that ended by itself gets no such grace.
import { expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
import { audited, numbersOf } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

const last = 719
/**
 * 720 arrivals, 40 a second; clients wait for 5 s. Told to stop with the last one under way: it is stored, and nobody
 * was told.
 */
const stopped = (change: { stoppedMs?: number | undefined; unrecorded?: number[]; exitCode?: number } = {}) => {
  const { unrecorded = [last - 1, last], exitCode = 105 } = change
  return met()
    .requests((request) => (unrecorded.includes(request.n) ? null : request))
    .change('trial.opened', (event) => ({
      ...event,
      byHand: true as const,
      scenario: { ...event.scenario, observeMs: 1, load: { ...event.scenario.load, timeoutMs: 5_000 } },
    }))
    .change('load.ended', (event) => {
      const stoppedMs = 'stoppedMs' in change ? change.stoppedMs : 1000 + ((last + 1) * 1000) / 40
      return {
        ...event,
        exitCode,
        iterations: Number(event.iterations) - unrecorded.length,
        ...(stoppedMs !== undefined && { stoppedMs }),
      }
    })
}
const broken = (verdict: ReturnType<typeof judge>) =>
  verdict.validity.filter(({ holds }) => !holds).map(({ name }) => name)

test('the trial is as valid as one whose load ended by itself, and judged without its last seconds', () => {
  const [whole, cut] = [judge(met().build()), judge(stopped().build())]
  expect(broken(cut)).toEqual([])
  expect(cut).toMatchObject({
    verdict: 'met',
    lostWrites: 0,
    invariantsHold: true,
    recoveredInMs: whole.recoveredInMs,
    failedRequests: whole.failedRequests,
  })
  expect(whole.requests! - cut.requests!).toBe(5 * 40)
})

test('a write that was acknowledged in those last seconds and is gone is lost all the same', () => {
  const n = last - 3
  expect(judge(stopped().absent('pg-west-b', [n]).build())).toMatchObject({ verdict: 'missed', lostWrites: 1 })
})

test('a hole before them is a hole', () => {
  expect(broken(judge(stopped({ unrecorded: [331, last] }).build()))).toEqual(['no-dropped-arrivals'])
})

test('a write that nobody sent, before them, is one that nobody sent', () => {
  const verdict = judge(
    stopped()
      .change('audit.read', (event) => audited(event, { numbers: [...numbersOf(event.writes), 102] }))
      .requests((request) => (request.n === 102 ? { ...request, op: 'read' } : request))
      .build(),
  )
  expect(verdict.objectives.find(({ name }) => name === 'invariants-hold')?.verdict).toBe('missed')
})

test('a write with a number that was not due yet when the load was told to stop is one that nobody sent', () => {
  const beyond = (n: number) =>
    stopped().change('audit.read', (event) => audited(event, { numbers: [...numbersOf(event.writes), n] }))
  const consistent = (n: number) =>
    judge(beyond(n).build()).objectives.find(({ name }) => name === 'invariants-hold')?.verdict
  expect([last, 1_000_000].map(consistent)).toEqual(['met', 'missed'])
})

test('a load that ended early without having been told to is no stopped load', () => {
  expect(broken(judge(stopped({ stoppedMs: undefined }).build()))).toContain('no-dropped-arrivals')
  expect(broken(judge(stopped({ exitCode: 107 }).build()))).toContain('no-dropped-arrivals')
})
