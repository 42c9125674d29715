// Goal: a primary whose commit waits may be silent about it while it tells its role; one that was not asked may not.
// Method: the journals of real trials in which one waited, with what the observer says of that in other words.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { honest } from '../../journals/honest.ts'

const waits = 'subject: the probe write waits for its commit'

const told = (name: string, reason: string) => {
  let changed = 0
  const events = (honest.get(name) ?? []).map((event): JournalEvent => {
    if (event.kind !== 'observer.gap' || event.reason !== waits || event.toMs - event.fromMs < 6_000) return event
    changed++
    return { ...event, reason }
  })
  expect(changed, 'gaps of which something else is said').toBeGreaterThan(0)
  return judge(recordedJournal(events)).validity.find((check) => check.name === 'observers-without-gaps')
}

test.each(['one-way-out', 'region-blackhole'])('%s: it waited, and was given up', (name) => {
  expect(told(`${name} (real)`, `${waits} (no answer within 10 s)`)).toMatchObject({ holds: true })
})

test.each(['one-way-out', 'region-blackhole'])('%s: it did not answer, whatever it was asked', (name) => {
  expect(told(`${name} (real)`, 'subject: no answer within 10 s')).toMatchObject({
    holds: false,
    detail: expect.stringContaining('told its role'),
  })
})
