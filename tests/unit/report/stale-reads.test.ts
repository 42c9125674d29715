// Goal: what is said of stale reads has its number of reads, and is not said where nobody looked.
import { expect, test } from 'vitest'
import { keyNumbers } from '../../../chaos/report/wording.ts'
import { missedVerdict } from './fixture-verdict.ts'

const said = (change: Parameters<typeof missedVerdict>[0]) =>
  keyNumbers(missedVerdict(change)).find(({ label }) => label === 'stale reads')

test('how many of how many, by how much, and what went back', () => {
  expect(said({})).toMatchObject({ value: '3 of 5300', note: 'by 412 ms at most' })
  expect(said({ readsBack: 2 })).toMatchObject({ note: 'by 412 ms at most; 2 went back' })
  expect(said({ staleReads: 0, worstStaleMs: 0 })).toMatchObject({ value: '0 of 5300', note: '' })
})

test('nothing where the answers say no versions', () => {
  expect(said({ staleReads: null, staleByRegion: null, worstStaleMs: null })).toBeUndefined()
})
