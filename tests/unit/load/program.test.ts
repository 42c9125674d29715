import { describe, expect, test } from 'vitest'
import { bound, programOf, writeShareOf } from '../../../chaos/load/program.ts'
import { outcomeOf } from '../../../chaos/load/stream.ts'
import { clientsSchema } from '../../../chaos/worldfile/schema.ts'

const own = `import http from 'k6/http'
import { attempt as ask } from 'blackstart/k6'
export const options = { thresholds: { http_req_failed: ['rate<0.5'] } }
export default function () { ask({ write: true }, ({ entry, key }) => http.put(entry + '/items/' + key)) }
`

describe('a script of the user', () => {
  test('has our module in front of it, and keeps its options', () => {
    const text = bound(own, 'const blackstart = {}', 'mine.js')
    expect(text).toContain('const { attempt : ask } = blackstart')
    expect(text).toContain('const blackstartOwnOptions = { thresholds')
    expect(text).toContain('export const options = blackstart.options(blackstartOwnOptions)')
    expect(text).not.toContain("'blackstart/k6'")
  })

  test.each([
    ['asks nobody to measure', own.replaceAll('blackstart/k6', './k6.js'), /does not import from 'blackstart\/k6'/],
    ['has no default function', own.replace('export default function', 'export function other'), /no default function/],
    ['wants the summary', `${own}\nexport function handleSummary() {}`, /exports handleSummary/],
    ['imports in another form', own.replace('{ attempt as ask }', '* as ask'), /write the import as/],
  ])('is refused when it %s', (_, script, words) => {
    expect(() => bound(script, '', 'mine.js')).toThrow(words)
  })
})

test('without declared requests clients ask as ever', async () => {
  const { text, environment } = await programOf(undefined)
  expect(text).toContain('/transfers')
  expect(environment).toEqual({})
})

test('declared requests and entries reach k6', async () => {
  const clients = clientsSchema.parse({
    enter: ['http://a:1/', 'http://b:2'],
    requests: [
      { name: 'put', share: 0.1, write: true, method: 'PUT', path: '/items/{{key}}' },
      { name: 'post', share: 0.2, write: true, method: 'POST', path: '/items' },
      { name: 'get', share: 0.7, path: '/items/{{recentKey}}' },
    ],
  })
  const { text, environment } = await programOf(clients)
  expect(text).toContain('http.request(method')
  expect(environment['ENTRIES']).toBe('["http://a:1","http://b:2"]')
  expect(writeShareOf(clients)).toBe(0.3)
})

test.each([
  [201, undefined, 'acked'],
  [409, [200, 409], 'acked'],
  [202, [201], 'unknown'],
  [302, [201], 'unknown'],
  [404, [201], 'rejected'],
  [500, [201], 'unknown'],
  [503, [503], 'acked'],
] as const)('status %i with the list %j is %s', (status, acknowledged, outcome) => {
  expect(outcomeOf(status, 0, acknowledged)).toBe(outcome)
})
