// Goal: a gap in what an observer saw has the reason that is known of it, and is the instrument's where nobody was asked.
import { expect, test } from 'vitest'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { Sampler } from '../../../chaos/observers/sampler.ts'

/** The reason of the gap that an observer records after half a second in which this happened. */
function reasonAfter(happens: (sampler: Sampler) => void): string | undefined {
  let nowMs = 0
  const events: EventBody[] = []
  const sampler = new Sampler({
    record: (event) => void events.push(event),
    now: () => nowMs,
    observer: 'database',
    subject: 'pg-east-a write',
    intervalMs: 100,
  })
  sampler.sampled()
  happens(sampler)
  nowMs = 500
  sampler.sampled()
  return events.find((event) => event.kind === 'observer.gap')?.reason
}

test('asked, and no answer yet: the subject is slow', () => {
  expect(reasonAfter((sampler) => sampler.asked())).toBe('subject: slow to answer')
})

test('not asked: the instrument did not look', () => {
  expect(reasonAfter(() => {})).toBe('instrument: no sample was taken')
})

test('what is known of a silence stays known when the subject is asked again', () => {
  const waits = (sampler: Sampler) => {
    sampler.asked()
    sampler.silent('slow to connect')
    sampler.silent('the probe write waits for its commit')
  }
  expect(reasonAfter(waits)).toBe('subject: the probe write waits for its commit')
  // A commit that waits is given up after a while; the next question may be answered at once.
  expect(
    reasonAfter((sampler) => {
      waits(sampler)
      sampler.asked()
    }),
  ).toBe('subject: the probe write waits for its commit')
})
