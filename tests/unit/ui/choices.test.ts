// Goal: the page offers what can be done to what was chosen, and says why not of the rest.
// Method: the reference topology of a real journal; the answers of the kinds themselves.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { choicesFor } from '../../../chaos/ui/choices.ts'
import { orderSchema } from '../../../chaos/ui/orders.ts'

const path = fileURLToPath(new URL('../../journals/real/region-kill.ndjson.gz', import.meta.url))
const { topology } = JSON.parse(gunzipSync(readFileSync(path)).toString().split('\n', 1)[0]!)
const kindsOf = (target: string) =>
  choicesFor(target, topology)
    .filter(({ cannot }) => cannot === null)
    .map(({ kind }) => kind)

test('a node can be killed and not be cut, and the reason is told', () => {
  expect(kindsOf('node:pg-east-a')).toEqual(expect.arrayContaining(['kill', 'pause']))
  const blackhole = choicesFor('node:pg-east-a', topology).find(({ kind }) => kind === 'blackhole')
  expect(blackhole!.cannot).toMatch(/acts on links/)
})

test('a link can be cut, in one direction too, and not be killed', () => {
  expect(kindsOf('link:east,west')).toEqual(expect.arrayContaining(['blackhole', 'one-way', 'slow']))
  expect(kindsOf('link:east,west')).not.toContain('kill')
  const oneWay = choicesFor('link:east,west', topology).find(({ kind }) => kind === 'one-way')
  expect(oneWay!.options.find(({ name }) => name === 'direction')!.values).toEqual(
    expect.arrayContaining(['in', 'out']),
  )
})

test('a region can be both', () => {
  expect(kindsOf('region:east')).toEqual(expect.arrayContaining(['kill', 'blackhole', 'partial']))
})

test('a target that is not there is refused with the nearest name', () => {
  expect(() => choicesFor('region:eest', topology)).toThrow(/east/)
})

test.each([
  [{ do: 'fault', kind: 'kil', target: 'region:east' }],
  [{ do: 'fault', kind: 'kill', target: '--help' }],
  [{ do: 'fault', kind: 'kill', target: 'region:east', with: ['--rate'] }],
  [{ do: 'fault', kind: 'kill', target: 'region:east', extra: 1 }],
  [{ do: 'run', scenario: '-x' }],
  [{ do: 'shell', command: 'true' }],
  [null],
])('%j is no order', (order) => {
  expect(orderSchema.safeParse(order).success).toBe(false)
})
