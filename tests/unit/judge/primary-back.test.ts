// Goal: a killed primary that comes back as the primary that it was, and is made to follow only seconds later, as with
// Redis Sentinel, is no contradiction while it commits nothing; a standby that tells of standbys is one, and so is a
// primary that no fault took away. A primary whose commit waits for its standbys is still one.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { met } from '../../journals/golden.ts'

/** `node` tells who follows it 9.7 s after T0, and its role just before; the heal was proved after 6.9 s. */
const told = (node: string, role: 'primary' | 'standby') =>
  judge(
    met()
      .add(9_600, { kind: 'database.role', node, role, timeline: null, uncertaintyMs: 50 })
      .add(9_700, { kind: 'database.replication', primary: node, standbys: [] })
      .add(9_900, { kind: 'database.role', node, role: 'standby', timeline: null, uncertaintyMs: 50 })
      .build(),
  )

test('the old primary may tell so after its heal, until all is redundant again', () => {
  expect(told('pg-east-a', 'primary').summary).toMatch(/^met/)
})

test.each([
  ['pg-west-b', 'primary'],
  ['pg-east-a', 'standby'],
] as const)('%s, a %s by its own word, may not', (node, role) => {
  expect(told(node, role).summary).toMatch(
    /^inconclusive, journal-consistent: pg-\w+-\w told of its standbys at \+14\.700 s, and was not seen to accept writes then/,
  )
})

type Writable = EventOf<'database.writable'>
const node = 'pg-west-a'

/**
 * The new primary tells of its standbys at 16.4 s. It was seen to accept writes no more `afterMs` the fault, and had no
 * sample for that reason from `fromMs` to 17.49 s.
 */
function stalled(
  [afterMs, ended]: [afterMs: number, ended: Pick<Writable, 'commitMs' | 'uncertaintyMs' | 'reason'>],
  [fromMs, reason]: [fromMs: number, reason: string],
) {
  const writable = { kind: 'database.writable', node, timeline: 6 } as const
  const gap = { kind: 'observer.gap', observer: 'database', subject: `${node} write` } as const
  const events = met()
    .add(afterMs, { ...writable, accepting: false, ...ended })
    .add(11_400, { kind: 'database.replication', primary: node, standbys: [] })
    .add(12_490, { ...gap, fromMs, toMs: 17_490, reason })
    .add(12_500, { ...writable, accepting: true, commitMs: 17_500, uncertaintyMs: 100 })
    .events()
    .map((event) =>
      event.kind === 'observer.summary' && event.subject === gap.subject ? { ...event, maxMs: 2_190 } : event,
    )
  return judge(recordedJournal(events)).validity.find(({ name }) => name === 'journal-consistent')
}
const late = { commitMs: 15_300, uncertaintyMs: 1_000, reason: 'no commit for 1 s' }
const contradicts = { holds: false, detail: expect.stringContaining('told of its standbys') }

test('a primary whose commit waits for its standbys may tell of them', () => {
  const waits = 'subject: the probe write waits for its commit'
  expect(stalled([11_300, late], [15_300, waits])).toMatchObject({ holds: true })
})

test('one that was not asked for a commit meanwhile may not', () => {
  expect(stalled([11_300, late], [15_300, 'instrument: no sample was taken'])).toMatchObject(contradicts)
})

test('one that refused a write, and then fell silent, may not', () => {
  const refused = { commitMs: 15_200, uncertaintyMs: 100, reason: 'read-only' }
  expect(stalled([10_300, refused], [15_300, 'subject: no answer within 1 s'])).toMatchObject(contradicts)
})
