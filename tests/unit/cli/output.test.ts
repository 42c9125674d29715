// Goal: the width of the terminal is one that text can be written in.
import { expect, test } from 'vitest'
import { width } from '../../../chaos/cli/output.ts'

test.each([
  ['a terminal', 100, 100],
  ['a wide one, on which long lines are hard to read', 300, 120],
  ['one that does not know its width', 0, 80],
  ['none', undefined, 80],
])('%s', (_what, columns, expected) => {
  expect(width(columns === undefined ? {} : { columns })).toBe(expected)
})
