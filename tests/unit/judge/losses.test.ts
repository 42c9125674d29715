// Goal: a write that was acknowledged and is gone is found, and nothing else is called a loss.
import { describe, expect, test } from 'vitest'
import { formatRanges, inRanges, parseRanges } from '../../../chaos/journal/ranges.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { met } from '../../journals/golden.ts'
import { databases } from '../../journals/world.ts'

const objective = (verdict: Verdict, name: string) => verdict.objectives.find((result) => result.name === name)
/**
 * Stores, on every database, what the audit would not hold otherwise. Arrival 200 is a write in the middle of the
 * outage.
 */
const alsoStored = (n: number, nodes: readonly string[] = databases) =>
  met().change('audit.read', (event) => {
    const numbers = [...Array(1000).keys()].filter(
      (k) => k === n || inRanges(parseRanges(event.writes) ?? { starts: [], ends: [], size: 0 }, k),
    )
    return nodes.includes(event.node) ? { ...event, writes: formatRanges(numbers) } : event
  })

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

  test('a rejected write that is stored is resurrected', () => {
    const rejected = alsoStored(200).requests((request) =>
      request.n === 200 ? { ...request, outcome: 'rejected' } : request,
    )
    expect(judge(rejected.build())).toMatchObject({ resurrectedWrites: 1 })
  })

  test('databases may disagree on a write that was still on its way when they were read', () => {
    expect(judge(alsoStored(200, ['pg-west-a']).build())).toMatchObject({
      verdict: 'met',
      divergentWrites: 1,
      invariantsHold: true,
    })
  })

  test('… but not when they were read again and still disagree', () => {
    const story = alsoStored(200, ['pg-west-a'])
    for (const event of alsoStored(200, ['pg-west-a']).events()) {
      if (event.kind !== 'audit.read') continue
      const { seq: _seq, atMs: _atMs, ...body } = event
      story.add(15_900, body)
    }
    const verdict = judge(story.build())
    expect(verdict).toMatchObject({ verdict: 'missed', divergentWrites: 1, lostWrites: 0 })
    expect(verdict.summary).toBe(
      'missed "the stored data is consistent": the databases disagree on 1 write: some hold it, others do not',
    )
  })

  test('a stored write that nobody sent breaks it', () => {
    expect(judge(alsoStored(999).build()).summary).toContain('pg-east-a holds 1 write that no recorded request sent')
  })

  test('an unexpected key, a duplicate or a broken invariant breaks it', () => {
    const audit = (change: object) =>
      judge(
        met()
          .change('audit.read', (event) => (event.node === 'pg-west-a' ? { ...event, ...change } : event))
          .build(),
      )
    expect(audit({ unexpected: ['paper-1-x'] }).summary).toContain(
      'pg-west-a holds 1 key of this trial that no client sent (paper-1-x)',
    )
    expect(audit({ duplicated: [100] })).toMatchObject({ verdict: 'missed', duplicatedWrites: 1 })
    expect(
      audit({ invariants: [{ name: 'no money is made', holds: false, detail: 'balances sum to 5' }] }).summary,
    ).toBe('missed "the stored data is consistent": "no money is made" does not hold on pg-west-a: balances sum to 5')
  })
})

describe('ranges of arrival numbers', () => {
  test('read back what they write', () => {
    expect(formatRanges([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8')
    expect(formatRanges([])).toBe('')
    const ranges = parseRanges('0-2,5,7-8')
    expect([...Array(10).keys()].filter((n) => ranges !== null && inRanges(ranges, n))).toEqual([0, 1, 2, 5, 7, 8])
    expect(ranges?.size).toBe(6)
  })

  test.each(['1-', 'a', '3,2', '2-1', '1,1', '1;2'])('are refused when they are none: %s', (text) => {
    expect(parseRanges(text)).toBeNull()
  })
})
