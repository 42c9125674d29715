// Goal: a killed primary that comes back as the primary that it was, and is made to follow only seconds later, as with
// Redis Sentinel, is no contradiction while it commits nothing; a standby that tells of standbys is one, and so is a
// primary that no fault took away.
import { expect, test } from 'vitest'
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
