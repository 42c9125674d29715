// Goal: a name that is not known is refused in one form everywhere, and only a near one is suggested.
import { expect, test } from 'vitest'
import { availableWords, withNearest } from '../../chaos/errors.ts'

test.each([
  ['eest', ['east', 'west'], 'there is no region "eest"; did you mean "east"? (available: east, west)'],
  ['EAST', ['east', 'west'], 'there is no region "EAST"; did you mean "east"? (available: east, west)'],
  ['armageddon', ['east'], 'there is no region "armageddon" (available: east)'],
  ['east', [], 'there is no region "east"'],
])('%j among %j', (given, valid, sentence) => {
  expect(withNearest(`there is no region "${given}"`, given, valid)).toBe(sentence)
})

test('a list of nothing is no list', () => {
  expect([availableWords([]), availableWords(['a', 'b'])]).toEqual(['', ' (available: a, b)'])
})
