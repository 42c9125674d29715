// Goal: a database that tells its role alone may be silent for some time after its heal, for nobody can tell when all is
// well again there; one that no fault concerns may not, and a database of which more is known may not either.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { met } from '../../journals/golden.ts'
import { strangers } from '../../journals/honest.ts'
import { added } from '../../journals/lies/lie.ts'

/** From the middle of the fault to 6 s after its heal was proved. */
const silent = (node: string) => ({
  kind: 'observer.gap' as const,
  atMs: 18_001,
  observer: 'database',
  subject: `${node} role`,
  fromMs: 8_000,
  toMs: 18_000,
  reason: 'subject: slow to answer',
})
const rolesOnly = strangers.get('only-roles') ?? []
const broken = (events: readonly JournalEvent[] | undefined) =>
  judge(recordedJournal((events ?? []).map((event, seq) => ({ ...event, seq }))))
    .validity.filter(({ holds }) => !holds)
    .map(({ detail }) => detail)

test('a database of the lost region answers seconds after the heal', () => {
  expect(broken(added(rolesOnly, [silent('pg-east-a')]))).toEqual([])
})

test('one of the other region was not silent by the fault', () => {
  expect(broken(added(rolesOnly, [silent('pg-west-b')]))).toEqual([
    expect.stringMatching(/pg-west-b role was blind for 10 s: .* for \d.*s of that no fault explains it/),
  ])
})

test('where "redundant" is known, silence ends there', () => {
  const early = met().change('redundant', (event) => ({ ...event, atMs: 12_500 }))
  expect(broken(added(early.events(), [silent('pg-east-a')])).join()).toMatch(/pg-east-a role was blind for 10 s/)
})
