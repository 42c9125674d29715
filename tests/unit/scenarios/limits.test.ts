// Goal: no number and no text of a scenario is without an end.
// Method: the JSON schema, which knows every one of them.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { scenarioSchema } from '../../../chaos/scenarios/schema.ts'

interface Part {
  type?: string
  maximum?: number
  maxLength?: number
  maxItems?: number
  prefixItems?: Part[]
  enum?: unknown[]
  const?: unknown
  [keyword: string]: unknown
}

/**
 * Paths to what has no end: a number without a maximum that means something, a text without a length, a list without a
 * count.
 */
function endless(part: Part, path: string): string[] {
  const here =
    part.enum === undefined &&
    part.const === undefined &&
    (((part.type === 'number' || part.type === 'integer') && (part.maximum ?? Infinity) >= Number.MAX_SAFE_INTEGER) ||
      (part.type === 'string' && part.maxLength === undefined) ||
      (part.type === 'array' && part.maxItems === undefined && part.prefixItems === undefined))
  const inside = Object.entries(part).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? endless(value as Part, `${path}/${key}`) : [],
  )
  return [...(here ? [path] : []), ...inside]
}

test('every number, text and list has a bound', () => {
  expect(endless(z.toJSONSchema(scenarioSchema, { io: 'input' }) as Part, '')).toEqual([])
})

const good = {
  name: 'a',
  title: 'b',
  faults: [{ kind: 'kill', target: { scope: 'region', name: 'primary' }, forMs: 1 }],
  observeMs: 1,
  objectives: {},
}
const load = (more: object) => ({ ...good, load: more })
describe('refused', () => {
  test.each<[string, object]>([
    ['a fault of 2³¹ ms', { ...good, faults: [{ ...good.faults[0], forMs: 2 ** 31 }] }],
    ['a wait of 35 days', { ...good, faults: [{ ...good.faults[0], atMs: 3e9 }] }],
    ['an endless look', { ...good, observeMs: 3e9 }],
    ['an endless steady stage', { ...good, steadyMs: 3e9 }],
    ['half a request', load({ ratePerSecond: 12.5 })],
    ['a milliard requests', load({ ratePerSecond: 1e9 })],
    ['a billion users', load({ maxVirtualUsers: 1e12 })],
    ['patience of days', load({ timeoutMs: 1e9 })],
    ['no number', load({ writeShare: Number.NaN })],
    ['no end', { ...good, observeMs: Infinity }],
    ['no length', { ...good, observeMs: -0 }],
    ['a name of 65 characters', { ...good, name: 'x'.repeat(65) }],
    ['a limit of a year', { ...good, objectives: { recoverWithinMs: 3.2e10 } }],
  ])('%s', (_what, data) => {
    expect(scenarioSchema.safeParse(data).success).toBe(false)
  })
})
