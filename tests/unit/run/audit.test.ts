// Goal: databases that disagree are read again, until they agree or the disagreement has proved to last.
import { expect, test } from 'vitest'
import { type Reading, readUntilAgreed } from '../../../chaos/run/audit-rounds.ts'
import { sortKeys } from '../../../chaos/run/stored-keys.ts'

const reading = (node: string, writes: string): Reading => ({
  kind: 'audit.read',
  node,
  rows: 1,
  writes,
  duplicated: [],
  unexpected: [],
  invariants: [],
})
const failed: Reading = { kind: 'audit.failed', node: 'west', reason: 'no answer' }

/** What east and west hold in each round; gives what was recorded. */
async function rounds(...found: Reading[][]): Promise<Reading[]> {
  const recorded: Reading[] = []
  const left = [...found]
  let pauses = 0
  await readUntilAgreed({
    readAll: async () => left.shift() ?? [],
    pause: async () => void pauses++,
    record: (one) => void recorded.push(one),
  })
  expect(pauses).toBe(recorded.length / 2 - 1)
  return recorded
}
const east = (writes: string) => reading('east', writes)
const west = (writes: string) => reading('west', writes)

test('databases that agree are read once', async () => {
  expect(await rounds([east('1'), west('1')], [east('2'), west('2')])).toEqual([east('1'), west('1')])
})

test('a write that was on its way is found by the second round', async () => {
  expect(await rounds([east('1'), west('')], [east('1'), west('1')], [])).toHaveLength(4)
})

test('a disagreement that lasts ends the audit after three rounds', async () => {
  const disagreement = [east('1'), west('')]
  expect(await rounds(...Array.from({ length: 5 }, () => disagreement))).toHaveLength(6)
})

test('a database that cannot be read ends it', async () => {
  expect(await rounds([east('1'), failed], [])).toEqual([east('1'), failed])
})

test('keys become arrival numbers; what no arrival can be is unexpected', () => {
  expect(sortKeys(['t-3', 't-1', 't-3', 't-x', 't-007', 't-99999999999'], 't-')).toEqual({
    numbers: [1, 3],
    duplicated: [3],
    unexpected: ['t-x', 't-007', 't-99999999999'],
  })
})
