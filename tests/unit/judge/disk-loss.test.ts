// Goal: of a node that lost its disk the judge asks what it asks of one that was killed: that it was started since.
// Method: a met journal of today's version, whose fault is told as that kind; then one trace of the start is left out, or
// is from before.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { honest } from '../../journals/honest.ts'
import { change, type Events } from '../../journals/lies/lie.ts'

const killed = honest.get('met') ?? []
const told = change(killed, 'trial.opened', ({ scenario }) => ({
  scenario: { ...scenario, faults: scenario.faults.map((fault) => ({ ...fault, kind: 'disk-loss' })) },
}))
const lost = change(told, 'fault.requested', () => ({ fault: 'disk-loss' }))

const broken = (events: Events | undefined) =>
  judge(recordedJournal((events ?? []).map((event, seq) => ({ ...event, seq }))))
    .validity.filter(({ holds }) => !holds)
    .map(({ detail }) => detail)

test('it is valid as a kill is', () => {
  expect(broken(lost)).toEqual([])
})

test('planted: nobody started it again', () => {
  expect(broken(change(lost, 'node.started', () => null))).toContainEqual(
    expect.stringContaining('the engine did not tell that it started'),
  )
})

test('planted: the server that was read has run since before', () => {
  const old = change(lost, 'audit.read', ({ server }) =>
    server ? { server: { ...server, startedAt: '2001-01-01T00:00:00Z' } } : undefined,
  )
  expect(broken(old)).toContainEqual(expect.stringContaining('before it was killed'))
})
