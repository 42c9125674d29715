// Goal: a list of stored writes says what it says: read as a naive reader reads it, and refused where it is no list.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatRanges, greatestNumber, parseRanges, type Ranges } from '../../../chaos/journal/ranges.ts'

/** The same set, read piece by piece into a set of numbers; null where a piece is no range or is out of order. */
function naive(text: string): Set<number> | null {
  const found = new Set<number>()
  let last = -1
  for (const piece of text === '' ? [] : text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(piece)
    const [start, end] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])]
    if (match === null || start <= last || end < start) return null
    for (let n = start; n <= end; n++) found.add(n)
    last = end
  }
  return found
}

const upTo = 200
const all = Array.from({ length: upTo + 2 }, (_, n) => n)
/** Pieces mostly in order, and sometimes not: overlapping, backwards, or no number at all. */
const lists = fc
  .array(
    fc.oneof(
      { weight: 20, arbitrary: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 4 })) },
      { weight: 1, arbitrary: fc.tuple(fc.integer({ min: -5, max: 0 }), fc.integer({ min: -2, max: 4 })) },
      { weight: 1, arbitrary: fc.constantFrom('', '-', '1-', '-1', '1.5', ' 1', 'x', '1-2-3', '+1', '1e1') },
    ),
    { maxLength: 30 },
  )
  .map((steps) => {
    let at = -1
    return steps
      .map((step) => {
        if (typeof step === 'string') return step
        const start = Math.max(0, at + step[0])
        at = Math.max(0, start + step[1])
        return start === at ? `${start}` : `${start}-${at}`
      })
      .join(',')
  })

test('a list is read, or refused, as a naive reader does', () => {
  fc.assert(
    fc.property(lists, fc.array(fc.nat(upTo), { maxLength: 40 }), (text, questions) => {
      const expected = naive(text)
      const ranges = parseRanges(text)
      expect(ranges === null).toBe(expected === null)
      if (ranges === null || expected === null) return
      expect(ranges.size).toBe(expected.size)
      // In order, as the judge asks, and in any order.
      for (const n of [...all, ...questions]) expect(ranges.has(n)).toBe(expected.has(n))
      for (const most of questions) expect(ranges.sizeUpTo(most)).toBe([...expected].filter((n) => n <= most).length)
    }),
    { numRuns: 500 },
  )
})

test('what is written reads back', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(upTo)), (numbers) => {
      const ascending = numbers.toSorted((a, b) => a - b)
      expect([...(naive(formatRanges(ascending)) ?? [])]).toEqual(ascending)
    }),
  )
  expect(formatRanges([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8')
  expect(formatRanges([])).toBe('')
})

test.each([
  '1-',
  'a',
  '3,2',
  '2-1',
  '1,1',
  '1;2',
  '0-5,5-9',
  '0-9,3',
  ',',
  '1,',
  ',1',
  '1,,2',
  '-',
  `${greatestNumber + 1}`,
])('is no list: %s', (text) => expect(parseRanges(text)).toBeNull())

test('a torn list is one that ends earlier, or none', () => {
  const text = '0-811,813,820-900'
  for (let length = 0; length <= text.length; length++)
    expect(parseRanges(text.slice(0, length))?.size ?? null).toBe(naive(text.slice(0, length))?.size ?? null)
})

test('five million single numbers', () => {
  const ranges = parseRanges(Array.from({ length: 5_000_000 }, (_, i) => 2 * i + 1).join(',')) as Ranges
  expect(ranges.size).toBe(5_000_000)
  expect([9_999_999, 9_999_998, 0, 1, 10_000_001, 5_000_001].map((n) => ranges.has(n))).toEqual([
    true,
    false,
    false,
    true,
    false,
    true,
  ])
})

test('how much of a set lies below a bound, up to the greatest number', () => {
  const ranges = parseRanges(`0-3,5,8-10,4000000000-${greatestNumber}`) as Ranges
  expect([-1, 0, 3, 4, 5, 9, 99].map((most) => ranges.sizeUpTo(most))).toEqual([0, 1, 4, 4, 5, 7, 8])
  expect(ranges.sizeUpTo(Infinity)).toBe(8 + greatestNumber - 4_000_000_000 + 1)
  expect([greatestNumber, 3_999_999_999].map((n) => ranges.has(n))).toEqual([true, false])
})
