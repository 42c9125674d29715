// Goal: readers in other languages can rely on docs/*.schema.json.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { jsonSchemas } from '../../../tools/verdict-schema.ts'
import { golden } from '../../journals/golden.ts'

const committed = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')
const validator = (name: string) => new Ajv2020({ strict: false }).compile(JSON.parse(committed(name)))

test.each(Object.entries(jsonSchemas()))('docs/%s is what the code says (else: npm run generate)', (name, text) => {
  expect(committed(name) === text).toBe(true)
})

describe('the golden files fit', () => {
  const verdict = validator('verdict.schema.json')
  const event = validator('journal.schema.json')
  const goldenFile = (name: string): string => readFileSync(new URL(`../../journals/${name}`, import.meta.url), 'utf8')

  test.each(Object.keys(golden))('%s.verdict.json', (name) => {
    expect(verdict(JSON.parse(goldenFile(`${name}.verdict.json`))), JSON.stringify(verdict.errors)).toBe(true)
  })

  test('each line of met.ndjson', () => {
    const broken = goldenFile('met.ndjson')
      .trimEnd()
      .split('\n')
      .filter((line) => !event(JSON.parse(line)))
    expect(broken).toEqual([])
  })

  test('and what does not fit is refused', () => {
    expect(verdict({ ...JSON.parse(goldenFile('met.verdict.json')), verdict: 'green' })).toBe(false)
    expect(event({ seq: 1, atMs: 1, kind: 'wish' })).toBe(false)
  })
})
