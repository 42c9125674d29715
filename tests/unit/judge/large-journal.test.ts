// Goal: the benchmark of the judge judges what a real trial looks like. Were its journal inconclusive, checks would stop
// at the first defect, and the benchmark would not count them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeLargeJournal } from '../../../bench/large-journal.ts'
import { readJournal } from '../../../chaos/journal/read.ts'
import { judge } from '../../../chaos/judge/judge.ts'

test('the journal of the benchmark is that of a trial that kept its promises', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-large-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'journal.ndjson')
  writeLargeJournal(path, 60_000)
  const journal = await readJournal(path)
  const verdict = judge(journal)
  expect(verdict.validity.filter(({ holds }) => !holds)).toEqual([])
  expect(verdict.verdict).toBe('met')
  expect(verdict.recoveredInMs).toBeGreaterThan(21_000)
  expect(journal.requests).toHaveLength(60_000)
})
