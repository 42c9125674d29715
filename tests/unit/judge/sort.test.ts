// Goal: columns that are nearly in order are sorted as any others, and those that are not do not take for ever.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortNearlySorted, sortRowsNearlySorted } from '../../../chaos/judge/sort.ts'

test('sorts as the usual way does', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double({ noNaN: true }), fc.nat({ max: 20 }))), (values) => {
      // Both zeros are the same moment.
      const plain = values.map((value) => value + 0)
      expect(sortNearlySorted(Float64Array.from(plain))).toEqual(Float64Array.from(plain).sort())
    }),
  )
})

test('a million values in the opposite order', () => {
  const values = Float64Array.from({ length: 1_000_000 }, (_, i) => 1_000_000 - i)
  expect(sortNearlySorted(values).slice(0, 3)).toEqual(Float64Array.of(1, 2, 3))
})

test('rows are sorted by what is known of them, and equal ones stay as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9 })), (keys) => {
      const rows = Uint32Array.from(keys, (_, i) => i)
      const compare = (a: number, b: number): number => (keys[a] ?? 0) - (keys[b] ?? 0)
      expect(sortRowsNearlySorted(rows.slice(), compare)).toEqual(rows.slice().sort(compare))
    }),
  )
})
