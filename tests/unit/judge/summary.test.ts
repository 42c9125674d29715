// Goal: a scenario that promises less than it could hides no loss: a verdict that is met says what was found besides.
// Method: the story of lost writes, and of two primaries, whose scenario promises nothing of these.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { golden } from '../../journals/golden.ts'

function without(name: string, ...promises: string[]): ReturnType<typeof judge> {
  const events = (golden[name]?.() ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEvent)
  return judge(
    recordedJournal(
      events.map((event) => {
        if (event.kind !== 'trial.opened') return event
        const left = Object.entries(event.scenario.objectives).filter(([key]) => !promises.includes(key))
        return { ...event, scenario: { ...event.scenario, objectives: Object.fromEntries(left) } } as JournalEvent
      }),
    ),
  )
}

test('lost writes of which nothing was promised', () => {
  expect(without('lost-writes', 'lostWrites').summary).toMatch(
    /^met: .*; no promise is about it, but 3 acknowledged writes are lost$/,
  )
})

test('two primaries of which nothing was promised', () => {
  expect(without('split-brain', 'onePrimary', 'samePrimary').summary).toMatch(
    /^met: .*; no promise is about it, but two databases committed writes at once for [0-9.]+ m?s$/,
  )
})

test('where nothing was found, nothing is added', () => {
  expect(without('met', 'lostWrites', 'onePrimary').summary).not.toMatch(/no promise/)
})
