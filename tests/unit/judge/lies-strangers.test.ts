// Goal: a world of which little can be known is judged by its clients, and no lie passes by that.
// Method: one outage in four worlds of other people. Each is met as it is; every lie of tests/journals/lies.ts that
// applies there is told, and those about roles. What says nothing in a world, and so is no lie there, is named.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { audited, numbersOf } from '../../journals/build.ts'
import { strangers } from '../../journals/honest.ts'
import { memberLies } from '../../journals/lies/roles.ts'
import { roleLies } from '../../journals/lies/strangers.ts'
import { lies } from '../../journals/lies.ts'
import { databases } from '../../journals/world.ts'

const everywhere = [...strangers.keys()]

/** Answers say no region, node or session there, and no invariant is given. */
const nobodySays = [
  'a node answered in the name of another region',
  'a region that is not there answered',
  'an invariant is broken on one database',
  'an invariant was broken when the databases were read first',
  'no invariant was looked at',
  'one invariant is looked at under two names',
  'some requests have no session',
  'the invariants were looked at on one database only',
  // What apps show may come later than it is stored.
  'acknowledged writes were on no database when they were read first',
  // One app reads for all.
  'writes are read through one database alone',
]
/** Each takes writes, and none counts promotions. */
const together = [
  'all databases are said to take writes, and one does',
  'one database is said to take writes with others',
]
const noTimeline = 'the new primary does not say its timeline'
/** World → what is no lie there. */
const harmless: Record<string, string[]> = {
  'only-roles': [
    ...nobodySays,
    // Both say so when all is healed: the verdict says that two primaries were not looked for.
    'two databases are primary by their own word, all the while',
    // That there was one primary is not asked, so that it does not matter how closely roles were watched after the fault.
    'a gap of the instrument is laid to all subjects at once',
    'all observers of databases were blind for 8 s after recovery',
    // They do, and so tell nothing else. Who does not say how writes are read back is told that nobody looked for losses.
    'databases that commit are said to tell their role alone',
    'the same, and all that they told is left out',
    'the same, and nobody is said to have read them',
  ],
  'no-databases': [
    ...nobodySays,
    // There is none, so that these change nothing.
    ...together,
    'a database is called an app',
    'the observers ended before the load',
    'the observers started after the fault',
    'the topology lacks a database',
    'two databases acknowledge writes in turn',
  ],
  'multi-primary': [...nobodySays, ...together, noTimeline],
  // Replicas of MariaDB confirm nothing, unless blackstart.yaml asks for it.
  'lag-unknown': [...nobodySays, noTimeline, 'a standby was asynchronous at T0'],
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

// Some 280 lies; three seconds on a calm machine.
test.each(everywhere)('no lie passes in %s', { timeout: 180_000 }, (name) => {
  const events = strangers.get(name) ?? []
  const believed = lies.filter((lie) => isBelieved(lie.tell(events)))
  expect(believed.map((lie) => lie.name).toSorted()).toEqual((harmless[name] ?? []).toSorted())
})

test.each([
  ...roleLies.map((lie) => ['only-roles', lie.name, lie] as const),
  ...memberLies.map((lie) => ['multi-primary', lie.name, lie] as const),
])('of %s: %s', (world, _, lie) => {
  const told = lie.tell(strangers.get(world) ?? [])
  const { verdict, validity, summary } = judged(told ?? [])
  expect(verdict, summary).toBe('inconclusive')
  const broken = validity.filter(({ holds }) => !holds).map(({ name }): string => name)
  expect(
    lie.by.some((name) => broken.includes(name)),
    summary,
  ).toBe(true)
})

/** The promise of one primary, which included scenarios do not ask for in these worlds. */
const asked = (events: readonly JournalEvent[]): JournalEvent[] =>
  events.map((event) =>
    event.kind === 'trial.opened'
      ? { ...event, scenario: { ...event.scenario, objectives: { ...event.scenario.objectives, onePrimary: true } } }
      : event,
  )
const objective = (verdict: Verdict, name: string) => verdict.objectives.find((each) => each.name === name)

test.each([
  ['only-roles', 'a URL says the role, and nothing more'],
  ['no-databases', 'this world has no database that Blackstart knows'],
] as const)('who asks %s for one primary is told why nobody knows', (name, why) => {
  const verdict = judged(asked(strangers.get(name) ?? []))
  expect(verdict.verdict).toBe('inconclusive')
  expect(verdict.validity.filter(({ holds }) => !holds)).toEqual([])
  expect(objective(verdict, 'one-primary')).toMatchObject({
    verdict: 'inconclusive',
    message: expect.stringContaining(why),
  })
  expect(verdict.notLookedFor).toBeUndefined()
})

test.each(['only-roles', 'no-databases', 'multi-primary'])(
  '%s says what was not looked for, and what was met',
  (name) => {
    const { notLookedFor, summary } = judged(strangers.get(name) ?? [])
    expect(notLookedFor).toEqual([{ what: 'two primaries', why: expect.any(String) }])
    expect(summary).toMatch(/^met: recovered in 3.6 s.*not looked for: two primaries/)
  },
)

test.each(['only-roles', 'no-databases'])('%s: phases that nobody could see are not observed', (name) => {
  const flags = judged(strangers.get(name) ?? []).phases.map(({ flag }) => flag)
  for (const flag of flags) expect(flag).toMatch(/^unobserved/)
})

test('members that all take writes promote nobody', () => {
  const { phases, primaryKept, takeOvers } = judged(strangers.get('multi-primary') ?? [])
  const flagOf = (name: string) => phases.find((phase) => phase.name === name)?.flag
  expect([flagOf('elect'), flagOf('promote')]).toEqual(Array(2).fill('not needed: each database takes writes'))
  expect({ primaryKept, takeOvers }).toEqual({ primaryKept: null, takeOvers: [] })
})

/** Each member is read itself, after the heal; one lacks writes that were acknowledged. */
function readFromMembers(lacking: readonly number[]): JournalEvent[] {
  return (strangers.get('multi-primary') ?? []).flatMap((event): JournalEvent[] => {
    if (event.kind === 'trial.opened') {
      const { audit: _, ...opened } = event
      return [opened]
    }
    if (event.kind !== 'audit.read') return [event]
    if (event.node !== 'app-west-a') return []
    return databases.map((node) =>
      audited({ ...event, node }, node === 'pg-east-b' ? { numbers: without(event.writes, lacking) } : {}),
    )
  })
}
const without = (writes: string, lacking: readonly number[]): number[] =>
  numbersOf(writes).filter((n) => !lacking.includes(n))

test('after the heal all members agree, or the one is named that does not', () => {
  expect(judged(readFromMembers([])).summary).toMatch(/^met/)
  const verdict = judged(readFromMembers([100, 104]))
  expect(verdict).toMatchObject({ verdict: 'missed', lostWrites: 2, divergentWrites: 2 })
  expect(objective(verdict, 'lost-writes')?.message).toContain('absent from pg-east-b')
  expect(objective(verdict, 'invariants-hold')?.message).toContain('the databases disagree on 2 writes')
})

test('how far a replica was behind that does not say it is told, and its state must be known', () => {
  const events = strangers.get('lag-unknown') ?? []
  const check = (of: readonly JournalEvent[]) =>
    judged(of).validity.find(({ name }) => name === 'replication-caught-up')
  expect(check(events)).toMatchObject({ holds: true, detail: expect.stringContaining('the database did not say') })
  const engine = (name: string) =>
    events.map((event) =>
      event.kind === 'trial.opened'
        ? {
            ...event,
            topology: {
              ...event.topology,
              nodes: event.topology.nodes.map((node) =>
                node.role === 'database'
                  ? { ...node, attributes: { ...node.attributes, 'database.engine': name } }
                  : node,
              ),
            },
          }
        : event,
    )
  expect(check(engine('postgres'))).toMatchObject({ holds: false, detail: expect.stringContaining('is not known') })
})
