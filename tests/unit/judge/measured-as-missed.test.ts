// Goal: what a planted defect or a worse world came to is told also where the trial was not sound, and never made up.
import { expect, test } from 'vitest'
import { measuredAsMissed } from '../../../chaos/judge/objectives.ts'
import type { ObjectiveResult } from '../../../chaos/judge/verdict.ts'

const result = (changes: Partial<ObjectiveResult>): ObjectiveResult => ({
  ...{ name: 'write-gap', promise: '', limit: 4_000, actual: 5_000, verdict: 'inconclusive', message: '' },
  ...changes,
})

test.each<[string, Partial<ObjectiveResult>, boolean]>([
  ['beyond its limit', {}, true],
  ['within its limit', { actual: 3_000 }, false],
  ['missed, whatever the number', { verdict: 'missed', actual: null }, true],
  ['met, whatever the number', { verdict: 'met' }, false],
  ['broken', { name: 'one-primary', limit: true, actual: false }, true],
  ['held', { name: 'one-primary', limit: true, actual: true }, false],
  ['not recovered by the end', { name: 'recover-within', actual: null }, true],
  ['not recovered after the heal', { name: 'recover-after-heal', actual: null }, true],
  ['not looked for', { name: 'lost-writes', limit: 0, actual: null }, false],
])('%s', (_what, changes, missed) => expect(measuredAsMissed(result(changes), { outcome: 'censored' })).toBe(missed))

test('of a trial that recovered, nothing that was not measured', () => {
  expect(measuredAsMissed(result({ name: 'recover-within', actual: null }), { outcome: 'recovered' })).toBe(false)
})
