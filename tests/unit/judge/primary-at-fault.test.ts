// Goal: who was primary at T0 is told by commits, not by when their reports came.
// Method: the smallest journal in which two judges disagreed (tests/second-judge).
import { expect, test } from 'vitest'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { journal } from '../../journals/build.ts'

// T0 is at +5.000 s.
const writable = (node: string, commitMs: number, accepting = true): EventBody => ({
  kind: 'database.writable',
  node,
  accepting,
  timeline: 1,
  commitMs,
  uncertaintyMs: 50,
})

test('a database that committed just before the fault, and was reported just after it, was primary', () => {
  const told = journal({ objectives: { samePrimary: true } })
    .disturb('cpu-starve', 'pg-west-b', { with: { cores: 0.05 } })
    .without('dcs.leader')
    // pg-west-b commits 1 ms before T0, and pg-west-a, which had done so before, again afterwards.
    .add(-800, writable('pg-west-a', 4200))
    .add(-700, writable('pg-west-a', 4250, false))
    .add(5, writable('pg-west-b', 4999))
    .add(50, writable('pg-west-b', 5020, false))
    .add(900, writable('pg-west-a', 5900))
  expect(judge(told.build())).toMatchObject({ primaryKept: false, takeOvers: [{ node: 'pg-west-a', atMs: 5900 }] })
})
