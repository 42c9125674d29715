// Goal: two trials beside each other, so that what changed is seen at once, and what was not measured is not a number.
import { expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
import { palette } from '../../../chaos/live/colours.ts'
import { renderSideBySide } from '../../../chaos/report/side-by-side.ts'
import { journal } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

const render = (...pair: Parameters<typeof renderSideBySide>[0]) =>
  renderSideBySide(pair, { colours: palette(false), names: ['first', 'second'] })
const [first, second] = [
  judge(met().build()),
  judge(journal().fault('kill').outage({ toMs: 14_000, as: 'rejected' }).build()),
]

test('the same trial twice differs in nothing', () => {
  const text = render(first, first)
  expect(text).toContain('the same')
  expect(text).not.toMatch(/[+−]\d+ ms/)
})

test('lengths, counts and verdicts stand side by side, with the difference', () => {
  const slower = {
    ...first,
    recoveredInMs: 4_100,
    phasesMs: { ...first.phasesMs, detect: (first.phasesMs.detect ?? 0) + 500 },
    failedRequests: (first.failedRequests ?? 0) - 4,
  }
  const lines = render(first, slower).split('\n')
  expect(lines.find((line) => line.includes('recovered in'))).toMatch(/3\.6 s +4\.1 s +\+500 ms$/)
  expect(lines.find((line) => line.includes('write gap'))).toMatch(/3\.\d+ s +3\.\d+ s +the same$/)
  expect(lines.find((line) => line.includes('detect'))).toMatch(/\+500 ms$/)
  expect(lines.find((line) => line.includes('failed requests'))).toMatch(/144 +140 +−4$/)
})

test('what was not recovered, or not measured, is told in words', () => {
  const text = render(first, second)
  expect(render(first, { ...first, outcome: 'some-failed', recoveredInMs: null })).toMatch(/3\.6 s +some failed\n/)
  expect(text.split('\n').find((line) => line.includes('recovered in'))).toMatch(/3\.6 s +not in [\d.]+ s$/)
  expect(render(first, { ...first, lostWrites: null })).toMatch(/lost writes +0 +not measured\n/)
})

test('faults are told with their offsets and lengths, and with their targets where these differ', () => {
  const moved = { ...first, faults: first.faults.map((fault) => ({ ...fault, target: 'region west' })) }
  expect(render(first, moved)).toMatch(
    /kill +at \+0\.0 s for 6\.0 s +at \+0\.0 s for 6\.0 s\n +region east +region west\n/,
  )
})

test('no line is wider than 80 columns', () => {
  for (const line of render(first, second).split('\n')) expect([...line].length).toBeLessThanOrEqual(80)
})
