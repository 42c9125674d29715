// Goal: a query that names no keys is told as that, and not as a mistake of a program.
import { expect, test } from 'vitest'
import { keyIn } from '../../../../chaos/stack/databases/key-column.ts'

test.for([
  [{ key: 't1-3' }, 't1-3'],
  [{ key: 7, id: 1 }, '7'],
  [{ key: Buffer.from('t1-4') }, 't1-4'],
] as const)('%j', ([row, key]) => {
  expect(keyIn(row)).toBe(key)
})

test('a column of another name, and a key that is null', () => {
  expect(() => keyIn({ id: 't1-3', value: 'x' })).toThrow(
    'audit.writes.sql must return a column "key" with the key of each write, but it returned id, value: name it so',
  )
  expect(() => keyIn({ key: null })).toThrow('but its "key" is null')
})
