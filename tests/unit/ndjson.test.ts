// Goal: lines are the same however a stream is cut into chunks, and what was torn off at its end is no line.
// Method: one text with characters of several bytes, cut at every size.
import { describe, expect, test } from 'vitest'
import { jsonLinesOf, LineSplitter, linesOf } from '../../chaos/ndjson.ts'

const text = '{"a":1}\n\n{"b":"größe ✓"}\n{"c":[]}\n'
const sizes = [1, 2, 3, 5, 7, 1_000]

async function* chunked(of: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(of)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function all<T>(lines: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const line of lines) found.push(line)
  return found
}

describe.each(sizes)('in chunks of %i bytes', (size) => {
  test('every line comes once, in order, as text and as JSON', async () => {
    expect(await all(linesOf(chunked(text, size)))).toEqual(['{"a":1}', '{"b":"größe ✓"}', '{"c":[]}'])
    expect(await all(jsonLinesOf(chunked(text, size)))).toEqual([{ a: 1 }, { b: 'größe ✓' }, { c: [] }])
  })

  test('a torn last line is left out', async () => {
    expect(await all(jsonLinesOf(chunked(`${text}{"d":`, size)))).toHaveLength(3)
  })
})

test('the memory of a chunk may be used again for the next one', () => {
  const bytes = new TextEncoder().encode(text)
  const buffer = new Uint8Array(5)
  const lines: string[] = []
  const splitter = new LineSplitter((of, from, to) => lines.push(new TextDecoder().decode(of.subarray(from, to))))
  for (let from = 0; from < bytes.length; from += buffer.length) {
    const piece = bytes.subarray(from, from + buffer.length)
    buffer.set(piece)
    splitter.push(buffer.subarray(0, piece.length))
  }
  expect(`${lines.join('\n')}\n`).toBe(text)
})

test('a line that is no JSON is an error', async () => {
  await expect(all(jsonLinesOf(chunked('{"a":1}\nno\n', 4)))).rejects.toThrow(SyntaxError)
})

test('the splitter hands on empty lines and, when asked, the rest', () => {
  const lines: string[] = []
  const splitter = new LineSplitter((bytes, from, to) => lines.push(new TextDecoder().decode(bytes.subarray(from, to))))
  splitter.push(new TextEncoder().encode('a\n\nbc'))
  expect([lines, splitter.heldBytes]).toEqual([['a', ''], 2])
  splitter.rest()
  splitter.rest()
  expect([lines, splitter.heldBytes]).toEqual([['a', '', 'bc'], 0])
})

test('each chunk is told of, whether a line ends in it or not', async () => {
  let chunks = 0
  await all(linesOf(chunked('abcdef\n', 2), { onChunk: () => chunks++ }))
  expect(chunks).toBe(4)
})
