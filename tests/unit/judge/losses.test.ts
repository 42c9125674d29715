// Goal: a write that was acknowledged and is gone is found, and nothing else is called a loss.
import { describe, expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { audited, numbersOf, type Story, unanswered } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'
import { databases } from '../../journals/world.ts'

const objective = (verdict: Verdict, name: string) => verdict.objectives.find((result) => result.name === name)
/** Stores, on every database, what the audit would not hold otherwise. Write 200 is unknown: in the middle of the outage. */
const alsoStored = (n: number, nodes: readonly string[] = databases) =>
  met().change('audit.read', (event) =>
    nodes.includes(event.node) ? audited(event, { numbers: [...numbersOf(event.writes), n] }) : event,
  )
/** Changes what is read of one database, or of each. */
const read = (change: Parameters<typeof audited>[1], node?: string) =>
  met().change('audit.read', (event) => (node === undefined || event.node === node ? audited(event, change) : event))
const whyNotRead = (story: Story) => judge(story.build()).validity.find(({ name }) => name === 'every-database-read')
/** Reads every database again, 1.6 s later, and perhaps finds something else. */
const readAgain = (story: Story, edit: (event: EventOf<'audit.read'>) => EventOf<'audit.read'> = (event) => event) => {
  const events = story.events()
  const again = events
    .filter((event) => event.kind === 'audit.read')
    .map((event) => edit({ ...event, atMs: event.atMs + 1600 }))
  const closed = events.slice(-1).map((event) => ({ ...event, atMs: event.atMs + 1600 }))
  return recordedJournal([...events.slice(0, -1), ...again, ...closed].map((event, seq) => ({ ...event, seq })))
}
const rejected = ({ error: _error, ...request }: RequestEvent): RequestEvent => ({
  ...request,
  outcome: 'rejected',
  status: 409,
})
const lateUnknown = (story: Story) => story.requests((request) => (request.n === 712 ? unanswered(request) : request))

describe('lost', () => {
  test('is an acked write that one database lacks, with its key, its time and the databases', () => {
    const verdict = judge(met().absent('pg-west-b', [100, 140]).build())
    expect(verdict).toMatchObject({ verdict: 'missed', lostWrites: 2, divergentWrites: 2, invariantsHold: false })
    expect(verdict.lostWriteSamples[0]).toEqual({
      n: 100,
      key: 'paper-1-100',
      ackedAtMs: 3512,
      absentFrom: ['pg-west-b'],
    })
    expect(verdict.lostSpanMs).toBe(4510 - 3512)
    expect(objective(verdict, 'lost-writes')?.message).toBe(
      'missed "no acknowledged write is lost": 2 writes acked by east before the fault are absent from pg-west-b (n 100, 140; acked at +3.512 s)',
    )
  })

  test('is not known where there is no database, and nobody else to ask', () => {
    const events = met()
      .change('trial.opened', (event) => {
        const nodes = event.topology.nodes.filter(({ role }) => role !== 'database')
        return { ...event, topology: { ...event.topology, nodes } }
      })
      .events()
      .filter(({ kind }) => kind !== 'audit.read')
    const verdict = judge(recordedJournal(events.map((event, seq) => ({ ...event, seq }))))
    expect(verdict).toMatchObject({ verdict: 'inconclusive', lostWrites: null })
  })

  test('may be allowed up to a number', () => {
    const tolerant = met()
      .absent('pg-west-b', [100])
      .change('trial.opened', (event) => ({
        ...event,
        scenario: { ...event.scenario, objectives: { ...event.scenario.objectives, lostWrites: 1 } },
      }))
    expect(objective(judge(tolerant.build()), 'lost-writes')?.verdict).toBe('met')
  })

  test('is not a write whose outcome is unknown', () => {
    expect(judge(met().build())).toMatchObject({ lostWrites: 0, unknownStoredWrites: 0, lostSpanMs: 0 })
  })

  test('names at most twenty', () => {
    const many = Array.from({ length: 50 }, (_, i) => 40 + 2 * i)
    const verdict = judge(met().absent('pg-east-a', many).build())
    expect(verdict.lostWrites).toBe(50)
    expect(verdict.lostWriteSamples).toHaveLength(20)
    expect(objective(verdict, 'lost-writes')?.message).toContain('50 writes acked')
  })
})

describe('evidence that is not complete', () => {
  test('one database not read: no number, but a seen absence is still a miss', () => {
    const unread = () => met().change('audit.read', (event) => (event.node === 'pg-west-a' ? null : event))
    expect(judge(unread().build())).toMatchObject({ verdict: 'inconclusive', lostWrites: null, invariantsHold: null })
    const verdict = judge(unread().absent('pg-west-b', [100]).build())
    expect(verdict).toMatchObject({ verdict: 'missed', lostWrites: null })
    expect(objective(verdict, 'lost-writes')?.message).toContain('at least 1 write acked')
  })

  test('databases that never caught up: an absence on one of them proves nothing', () => {
    const verdict = judge(met().without('redundant').absent('pg-west-b', [100]).build())
    expect(verdict).toMatchObject({ verdict: 'inconclusive', lostWrites: null })
    expect(verdict.summary).toBe(
      'inconclusive, every-database-read: the databases were read before they had caught up: no "redundant" after the last heal',
    )
  })

  test('… but an absence on all of them does', () => {
    const gone = databases.reduce((story, node) => story.absent(node, [100]), met().without('redundant'))
    expect(judge(gone.build())).toMatchObject({ verdict: 'missed', lostWrites: null })
  })

  test('databases of another world, made anew under the same name, prove nothing', () => {
    const verdict = judge(
      met()
        .change('trial.opened', (event) => ({ ...event, systemIdentifier: '1' }))
        .change('audit.read', (event) => ({ ...event, writes: '', systemIdentifier: '2' }))
        .build(),
    )
    expect(verdict).toMatchObject({ verdict: 'inconclusive', lostWrites: null, lostWriteSamples: [] })
    expect(verdict.validity.find(({ name }) => name === 'every-database-read')).toMatchObject({
      holds: false,
      detail: expect.stringContaining('is of another world: it holds cluster 2, not 1'),
    })
  })

  test('an audit that cannot be read counts as none', () => {
    const verdict = judge(
      met()
        .change('audit.read', (event) => (event.node === 'pg-west-a' ? { ...event, writes: '5-3' } : event))
        .build(),
    )
    expect(verdict.summary).toContain('every-database-read: pg-west-a was not read')
  })
})

describe('other defects of what is stored', () => {
  test('an unknown write may be stored', () => {
    expect(judge(alsoStored(200).build())).toMatchObject({
      verdict: 'met',
      unknownStoredWrites: 1,
      invariantsHold: true,
    })
  })

  test('a rejected write that is stored breaks a promise: its client was told no', () => {
    const verdict = judge(
      alsoStored(200)
        .requests((request) => (request.n === 200 ? rejected(request) : request))
        .build(),
    )
    expect(verdict).toMatchObject({ verdict: 'missed', resurrectedWrites: 1, divergentWrites: 0 })
    expect(verdict.summary).toBe(
      'missed "the stored data is consistent": 1 write (n 200) is stored, although the client was told that it was rejected',
    )
  })

  test('a stored write that nobody sent breaks it', () => {
    expect(judge(alsoStored(999).build()).summary).toContain('pg-east-a holds 1 write that no recorded request sent')
  })

  test('an unexpected key, a duplicate or a broken invariant breaks it', () => {
    expect(judge(read({ unexpected: ['paper-1-x'] }, 'pg-west-a').build()).summary).toContain(
      'pg-west-a holds 1 key of this trial that no client sent (paper-1-x)',
    )
    const duplicated = judge(read({ duplicated: [100] }, 'pg-west-a').build())
    expect(duplicated).toMatchObject({ verdict: 'missed', duplicatedWrites: 1 })
    expect(duplicated.summary).toContain('1 write (n 100) is stored more than once')
    const broken = { name: 'no money is made', holds: false, detail: 'balances sum to 5' }
    expect(judge(read({ invariants: [broken] }, 'pg-west-a').build()).summary).toBe(
      'missed "the stored data is consistent": "no money is made" does not hold on pg-west-a: balances sum to 5',
    )
  })

  test('how many writes of each outcome are stored is said', () => {
    const story = alsoStored(200).requests((request) => (request.n === 204 ? rejected(request) : request))
    expect(objective(judge(story.build()), 'invariants-hold')?.message).toBe(
      'met "the stored data is consistent": the databases agree, hold nothing that was not sent, and no invariant is broken' +
        ' (1 checked); they hold 1 of 71 unknown writes; none of 1 rejected write is stored',
    )
  })
})

describe('a write that only some databases hold', () => {
  test('is a disagreement whatever its outcome: its client gave up 14 s before', () => {
    const verdict = judge(alsoStored(200, ['pg-west-a']).build())
    expect(verdict).toMatchObject({ verdict: 'missed', divergentWrites: 1, lostWrites: 0, invariantsHold: false })
    expect(verdict.summary).toBe(
      'missed "the stored data is consistent": the databases disagree on 1 write: some hold it, others do not',
    )
  })

  test('… may have been on its way where its client had just given up: then nobody knows', () => {
    const story = lateUnknown(met())
    const verdict = judge(
      story
        .change('audit.read', (event) =>
          event.node === 'pg-west-a' ? audited(event, { numbers: [...numbersOf(event.writes), 712] }) : event,
        )
        .build(),
    )
    expect(verdict).toMatchObject({ verdict: 'inconclusive', divergentWrites: 1, invariantsHold: null })
    expect(objective(verdict, 'invariants-hold')?.message).toBe(
      'inconclusive "the stored data is consistent": the databases disagree on 1 write that may still have been on the way:' +
        ' the client gave up on it shortly before the databases were read, and nobody read them again',
    )
  })

  test('… but not where they were read again and still disagree', () => {
    const story = lateUnknown(met()).change('audit.read', (event) =>
      event.node === 'pg-west-a' ? audited(event, { numbers: [...numbersOf(event.writes), 712] }) : event,
    )
    expect(judge(readAgain(story))).toMatchObject({ verdict: 'missed', divergentWrites: 1 })
  })

  test('… and is none where the second reading finds it everywhere', () => {
    const arrives = readAgain(lateUnknown(met()), (event) =>
      audited(event, { numbers: [...numbersOf(event.writes), 712] }),
    )
    expect(judge(arrives)).toMatchObject({ verdict: 'met', divergentWrites: 0, unknownStoredWrites: 1 })
  })

  test('what vanishes between two readings is told', () => {
    const journal = readAgain(alsoStored(200), (event) =>
      audited(event, { numbers: numbersOf(event.writes).filter((n) => n !== 200) }),
    )
    expect(judge(journal).summary).toContain('1 write vanished from pg-east-a between two readings')
  })
})

describe('invariants', () => {
  test('that the label gives and the audit lacks were not checked', () => {
    const verdict = judge(read({ invariants: [] }).build())
    expect(verdict).toMatchObject({ verdict: 'inconclusive', invariantsHold: null, lostWrites: 0 })
    expect(objective(verdict, 'invariants-hold')?.message).toContain(
      'no invariant was checked on pg-east-a, although its label audit.invariants gives some',
    )
  })

  test('that one database was not asked for were not checked', () => {
    const other = { name: 'another', holds: true, detail: '' }
    expect(objective(judge(read({ invariants: [other] }, 'pg-west-b').build()), 'invariants-hold')?.message).toBe(
      'inconclusive "the stored data is consistent": "no money is made" was not checked on pg-west-b, as it was on others',
    )
  })

  test('a stack may give none: then nobody says that one holds', () => {
    const none = read({ invariants: [] }).change('trial.opened', (event) => ({
      ...event,
      topology: {
        ...event.topology,
        nodes: event.topology.nodes.map((node) => (node.role === 'database' ? { ...node, attributes: {} } : node)),
      },
    }))
    const verdict = judge(none.build())
    expect(verdict).toMatchObject({ verdict: 'met', invariantsHold: null })
    expect(objective(verdict, 'invariants-hold')?.message).toContain(
      'the databases agree, hold nothing that was not sent, and nobody gave an invariant to check',
    )
  })
})

describe('a reading that cannot be what it says counts as none', () => {
  const server = (node: string, address: string) => ({ node, address, startedAt: '2026-01-01 00:00:00+00' })
  const told = (edit: (node: string, place: number) => EventOf<'audit.read'>['server']) =>
    met().change('audit.read', (event) => {
      const answered = edit(event.node, databases.indexOf(event.node as (typeof databases)[number]))
      return { ...event, ...(answered && { server: answered }) }
    })

  test('every server once is fine', () => {
    expect(judge(told((node, i) => server(node, `172.18.0.${i}`)).build()).verdict).toBe('met')
  })

  const refused: [string, () => Story, string][] = [
    [
      'a node that is another one by its own name',
      () => told((node, i) => server(node === 'pg-west-b' ? 'pg-west-a' : node, `172.18.0.${i}`)),
      'pg-west-a was read where pg-west-b should have been',
    ],
    [
      'one server under two names',
      () => told((node, i) => server(node, `172.18.0.${Math.min(i, 2)}`)),
      'pg-west-a and pg-west-b are one server (172.18.0.2): another was not read',
    ],
    [
      'a server that does not say who it is',
      () => told((node, i) => (i === 1 ? undefined : server(node, `172.18.0.${i}`))),
      'pg-east-b did not say which server it is, as others did',
    ],
    [
      'a server that does not say of which cluster it is',
      () =>
        met().change('audit.read', (event) =>
          event.node === 'pg-west-b' ? event : { ...event, systemIdentifier: '7712887655859556411' },
        ),
      'pg-west-b did not say which server it is, as others did',
    ],
    [
      'two clusters',
      () =>
        met().change('audit.read', (event) => ({
          ...event,
          systemIdentifier: event.node.startsWith('pg-east') ? '1' : '2',
        })),
      'pg-west-a is of another world: it holds cluster 2, not 1',
    ],
    [
      'one of a database that did not follow when the others were redundant',
      () => met().change('redundant', (event) => ({ ...event, standbys: event.standbys.slice(1) })),
      'pg-east-a followed nobody when the databases are said to have been redundant',
    ],
    [
      'more rows than it lists',
      () => read({ rows: 1 }, 'pg-west-b'),
      'the reading of pg-west-b contradicts itself: it has 1 row, and lists 288 writes and 0 other keys',
    ],
    [
      'a node that is no database of this world',
      () => met().change('audit.read', (event) => ({ ...event, node: `${event.node}-old` })),
      'pg-east-a-old was read, and is no database of this world',
    ],
    [
      'one from before the end of the load',
      () => met().change('audit.read', (event) => ({ ...event, snapshotMs: 19_800 })),
      'pg-east-a was read at +19.800 s, before the load ended (+19.900 s)',
    ],
    [
      'one from before the last acknowledgement',
      () => met().requests((request) => (request.n === 718 ? { ...request, endedMs: 21_000 } : request)),
      'pg-east-a was read at +20.800 s, before the last write was acknowledged (+21.000 s)',
    ],
    [
      'one that shows a moment before the databases were redundant',
      () => met().change('audit.read', (event) => ({ ...event, snapshotMs: 20_000 })),
      'the databases were read before they had caught up: no "redundant" after the last heal',
    ],
  ]
  test.each(refused)('%s', (_name, story, detail) => {
    expect(whyNotRead(story())).toMatchObject({ holds: false, detail })
    expect(judge(story().build())).toMatchObject({ lostWrites: null, invariantsHold: null })
    expect(judge(story().build()).verdict).not.toBe('met')
  })
})

test('a store that nobody audits is named', () => {
  const attributes = { 'store.watches': 'redis' }
  const store = (name: string, of: Record<string, string> = {}) =>
    ({ name, role: 'store', site: 'east', ports: {}, attributes: of }) as const
  const verdict = judge(
    met()
      .change('trial.opened', (event) => {
        const nodes = [...event.topology.nodes, store('redis-east'), store('sentinel-east', attributes)]
        return { ...event, topology: { ...event.topology, nodes } }
      })
      .build(),
  )
  expect(verdict.unauditedStores).toEqual(['redis-east'])
  expect(objective(verdict, 'lost-writes')?.message).toContain(
    'are on every database; what redis-east lost was not looked for',
  )
})
