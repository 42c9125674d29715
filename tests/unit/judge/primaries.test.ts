// Goal: two databases that commit in the same instant are found, to the length of one commit; a clean take-over is not
// accused.
import { expect, test } from 'vitest'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { met } from '../../journals/golden.ts'

const writable = (node: string, commitMs: number, accepting = true): EventBody => ({
  kind: 'database.writable',
  node,
  accepting,
  timeline: 3,
  commitMs,
  uncertaintyMs: 50,
})

test('a take-over in order has one primary at a time', () => {
  expect(judge(met().build())).toMatchObject({ dualWritableMs: 0, dualWritable: [] })
})

test('a second primary is split brain from its first to its last commit', () => {
  const verdict = judge(
    met()
      .add(5000, writable('pg-west-b', 10_000))
      .add(5400, writable('pg-west-b', 10_350, false))
      .build(),
  )
  expect(verdict).toMatchObject({
    verdict: 'missed',
    dualWritableMs: 350,
    dualWritable: [{ nodes: ['pg-west-a', 'pg-west-b'], fromMs: 10_000, toMs: 10_350 }],
  })
})

test('a single commit beside the primary counts', () => {
  const verdict = judge(
    met()
      .add(5000, writable('pg-west-b', 10_000))
      .add(5050, writable('pg-west-b', 10_000, false))
      .build(),
  )
  expect(verdict).toMatchObject({ verdict: 'missed', dualWritableMs: 1 })
})

test('three primaries at once count their time once', () => {
  const verdict = judge(
    met()
      .add(5000, writable('pg-west-b', 10_000))
      .add(5000, writable('pg-east-b', 10_000))
      .add(5600, writable('pg-west-b', 10_500, false))
      .add(5600, writable('pg-east-b', 10_500, false))
      .build(),
  )
  expect(verdict.dualWritable).toHaveLength(3)
  expect(verdict.dualWritableMs).toBe(500)
})

test('a spell that never ends lasts until the end of the journal', () => {
  expect(judge(met().add(13_000, writable('pg-west-b', 18_000)).build()).dualWritableMs).toBe(21_100 - 18_000)
})

test('is not measured when a database was never asked', () => {
  const verdict = judge(
    met()
      .change('observer.started', (event) => (event.subject === 'pg-east-b write' ? null : event))
      .build(),
  )
  expect(verdict).toMatchObject({ verdict: 'inconclusive', dualWritableMs: null })
})
