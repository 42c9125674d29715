// Goal: a world of which little can be known is judged by its clients, and no lie passes by that.
// Method: one outage in four worlds of other people. Each is met as it is; every lie of tests/journals/lies.ts that
// applies there is told, and those about roles. What says nothing in a world, and so is no lie there, is named.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { strangers } from '../../journals/honest.ts'
import { roleLies } from '../../journals/lies/strangers.ts'
import { lies } from '../../journals/lies.ts'

const everywhere = [...strangers.keys()]

/** Answers say no region, node or session there, and no invariant is given. */
const nobodySays = [
  'a node answered in the name of another region',
  'a region that is not there answered',
  'an invariant is broken on one database',
  'no invariant was looked at',
  'one invariant is looked at under two names',
  'some requests have no session',
  'the invariants were looked at on one database only',
]
/** World → what is no lie there. */
const harmless: Record<string, string[]> = {
  'only-roles': [
    ...nobodySays,
    // That there was one primary is not asked, so that it does not matter how closely roles were watched after the fault.
    'a gap of the instrument is laid to all subjects at once',
    'all observers of databases were blind for 8 s after recovery',
    'databases were to be asked every five seconds',
    // They do, and so tell nothing else. Who does not say how writes are read back is told that nobody looked for losses.
    'databases that commit are said to tell their role alone',
    'the same, and all that they told is left out',
    'the same, and nobody is said to have read them',
  ],
  'no-databases': [
    ...nobodySays,
    // There is none, so that these change nothing.
    'a database is called an app',
    'the observers ended before the load',
    'the observers started after the fault',
    'the topology lacks a database',
    'two databases acknowledge writes in turn',
  ],
  'multi-primary': [...nobodySays, 'two databases commit at once', 'two databases commit at once, for one commit'],
  // blackstart.yaml asks for no synchronous standby.
  'lag-unknown': [...nobodySays, 'a standby was asynchronous at T0'],
}

const judged = (events: readonly JournalEvent[]): Verdict =>
  judge(recordedJournal(events.map((event, seq) => ({ ...event, seq }))))
/** What cannot even be read is not believed. */
const isBelieved = (events: readonly JournalEvent[] | undefined): boolean => {
  try {
    return events !== undefined && judged(events).verdict === 'met'
  } catch {
    return false
  }
}

test.each(everywhere)('%s is met as it is', (name) => {
  expect(judged(strangers.get(name) ?? []).summary).toMatch(/^met/)
})

test.each(everywhere)('no lie passes in %s', (name) => {
  const events = strangers.get(name) ?? []
  const believed = lies.filter((lie) => isBelieved(lie.tell(events)))
  expect(believed.map((lie) => lie.name).toSorted()).toEqual((harmless[name] ?? []).toSorted())
})

test.each(roleLies.map((lie) => [lie.name, lie] as const))('of roles: %s', (_, lie) => {
  const told = lie.tell(strangers.get('only-roles') ?? [])
  const { verdict, validity, summary } = judged(told ?? [])
  expect(verdict, summary).toBe('inconclusive')
  const broken = validity.filter(({ holds }) => !holds).map(({ name }): string => name)
  expect(
    lie.by.some((name) => broken.includes(name)),
    summary,
  ).toBe(true)
})
