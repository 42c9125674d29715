// Goal: an app that routers use no more after its heal shows that the heal was none; unless nobody is served any more, for
// then it is the system that did not come back, and its recovery was missed.
// Method: the journal of a real trial in which a region died, whose routers never take its apps in again.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { honest } from '../../journals/honest.ts'

const real = honest.get('region-kill (real)') ?? []
const momentOf = (kind: JournalEvent['kind']): number => real.find((event) => event.kind === kind)?.atMs ?? Number.NaN
const [faultMs, healMs] = [momentOf('fault.requested'), momentOf('heal.proved')]
const gone = real.flatMap((event) =>
  event.kind === 'router.server' && event.state === 'down' && event.atMs > faultMs ? [event.server] : [],
)

/** Its heal, where routers never take in again what they lost, and `change` says what else became of what came after it. */
function healWithoutTheGone(
  change: (event: JournalEvent) => JournalEvent,
  before: (event: JournalEvent) => JournalEvent = (event) => event,
) {
  const events = real.filter(
    (event) =>
      !(event.kind === 'router.server' && event.state === 'up' && event.atMs > faultMs && gone.includes(event.server)),
  )
  const journal = recordedJournal(events.map((event) => (event.atMs > healMs ? change(event) : before(event))))
  return judge(journal).validity.find(({ name }) => name === 'heal-proved')
}

const failed = (event: JournalEvent): JournalEvent =>
  event.kind === 'request' ? { ...event, outcome: 'unknown', status: 503 } : event

test('others are served: the heal proved nothing', () => {
  expect(healWithoutTheGone((event) => event)).toMatchObject({
    holds: false,
    detail: expect.stringMatching(/^router-\d used app-.* when the fault came .* to the end$/),
  })
})

test('nobody is served: the heal is believed', () => {
  expect(healWithoutTheGone(failed)).toMatchObject({ holds: true })
})

test('nobody is served, and nothing that was promised is missed by that: the heal proved nothing', () => {
  const promised = healWithoutTheGone(failed, (event) => {
    if (event.kind !== 'trial.opened') return event
    const { window } = event.scenario.objectives
    return { ...event, scenario: { ...event.scenario, objectives: { window, lostWrites: 0, onePrimary: true } } }
  })
  expect(promised).toMatchObject({ holds: false, detail: expect.stringContaining('to the end') })
})

test('nobody is served, and what is missed was missed before: the heal proved nothing', () => {
  const slow = healWithoutTheGone(failed, (event) => {
    if (event.kind !== 'trial.opened') return event
    const { window } = event.scenario.objectives
    const objectives = { window, lostWrites: 0, onePrimary: true, slowestRequestMs: 1 }
    return { ...event, scenario: { ...event.scenario, objectives } }
  })
  expect(slow).toMatchObject({ holds: false, detail: expect.stringContaining('to the end') })
})

test('one request alone was served, long after the heal: somebody is', () => {
  const last = real.findLast((event) => event.kind === 'request')
  expect(healWithoutTheGone((event) => (event === last ? event : failed(event)))).toMatchObject({ holds: false })
})
