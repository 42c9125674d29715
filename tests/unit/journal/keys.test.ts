// Goal: a line that says one thing twice is no event. JSON.parse takes the later value, and a person reads the first.
// Method: a key more in lines of a journal that is met, spelt plainly and by an escape.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseJournal } from '../../../chaos/journal/parse.ts'
import { judge } from '../../../chaos/judge/judge.ts'

const text = readFileSync(fileURLToPath(new URL('../../journals/met.ndjson', import.meta.url)), 'utf8')

test('the journal is met as it is, whatever its strings hold', () => {
  const strange = text.replace('"detail":"', '"detail":"a \\"colon\\\\: and {\\"key\\": 1} ')
  expect(strange).not.toBe(text)
  for (const each of [text, strange]) expect(judge(parseJournal(each)).verdict).toBe('met')
})

test.each([
  ['an outcome', '"outcome":', '"outcome":"unknown","outcome":'],
  ['whether an invariant holds', '"holds":', '"holds":false,"holds":'],
  ['the same, spelt by an escape', '"holds":', '"h\\u006flds":false,"holds":'],
  ['what is stored', '"writes":"', '"writes":"1-3","writes":"'],
  ['what happened', '"kind":"trial.closed"', '"kind":"instrument.failed","kind":"trial.closed"'],
])('%s is said twice', (_, once, twice) => {
  const lying = text.replace(once, twice)
  expect(lying).not.toBe(text)
  expect(() => parseJournal(lying)).toThrow(/^journal line \d+: says one thing twice/)
})
