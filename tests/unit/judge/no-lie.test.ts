// Goal: what looks like a contradiction and happens in honest trials makes none of them inconclusive.
// Method: a real journal of region-kill, with what was seen in another trial on a busy host put into it.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import { eventSchema, type JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { honest } from '../../journals/honest.ts'

const events = honest.get('region-kill (real)') ?? []
const acted = events.find((event) => event.kind === 'fault.acted')
const requested = events.find((event) => event.kind === 'fault.requested')
const opened = events.find((event) => event.kind === 'trial.opened')
const dead = opened?.topology.nodes.find(({ name, role }) => role === 'database' && requested?.nodes.includes(name))

/** The journal in which the first answer of the survivors after `fromMs` names the dead database. */
function answered(op: 'read' | 'write', fromMs: number): JournalEvent[] {
  const first = events.find(
    (event) => event.kind === 'request' && event.op === op && event.outcome === 'acked' && event.startedMs > fromMs,
  )
  return events.map((event) => (event === first ? eventSchema.parse({ ...event, database: dead?.name }) : event))
}

test('a read from the cache names the database that had filled it, which may have died since', () => {
  const read = judge(recordedJournal(answered('read', (acted?.lastActMs ?? 0) + 50)))
  expect(read.summary).toMatch(/^met/)
})

test.each([
  ['a read, seconds later,', 'read', 5_000],
  ['a write', 'write', 1_500],
] as const)('%s that names it is a contradiction', (_, op, afterMs) => {
  const verdict = judge(recordedJournal(answered(op, (acted?.atMs ?? 0) + afterMs)))
  expect(verdict.summary).toMatch(/answered request|two|another database/)
  expect(verdict.verdict).not.toBe('met')
})
