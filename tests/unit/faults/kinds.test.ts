// Goal: whatever a kind says of itself holds together, so that schema, help, tables and runs can be made from it.
// Method: every kind of the catalogue, with its own examples, on a world on paper. A new kind is tested here by itself.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Effect } from '../../../chaos/faults/fault.ts'
import { examplesOf } from '../../../chaos/scenarios/examples.ts'
import { faultKinds, faultNamed, optionsOf } from '../../../chaos/scenarios/kinds.ts'
import { catalogueText } from '../../../tools/catalogue.ts'
import { withKinds } from '../../../tools/kinds-table.ts'
import { ordered, paper, reaching } from './reaching.ts'

const committed = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

test('the catalogue is what the files say (else: npm run generate)', async () => {
  expect(committed('chaos/faults/catalogue.ts')).toBe(await catalogueText())
})

test('the table in docs/faults.md is what the kinds say (else: npm run generate)', () => {
  const page = committed('docs/faults.md')
  expect(page).toBe(withKinds(page))
})

const named = (effect: Effect): string[] => [
  ...(effect.gone ?? []),
  ...(effect.mute ?? []),
  ...(effect.unsettled ?? []),
]
const ways = (effect: Effect) => [...(effect.silent ?? []), ...(effect.loose ?? [])]

describe.each(faultKinds)('%s', (kind) => {
  const fault = faultNamed(kind)
  const examples = examplesOf(kind, { forMs: 1_000 })

  test('is called like its place in the catalogue, and says what it does in a line', () => {
    expect(fault.kind).toBe(kind)
    expect(fault.summary, 'a line that begins with a capital and ends without a full stop').toMatch(
      /^[A-Z][^\n]{10,120}[^.\n]$/,
    )
    expect(fault.models, 'a phrase that goes on from "models:"').toMatch(/^[a-z][^\n]+[^.\n]$/)
  })

  test('has an example, which can act on the reference world', () => {
    expect(examples.length).toBeGreaterThan(0)
    for (const spec of examples) {
      const { order } = ordered(spec)
      expect(fault.unavailable(order, paper), JSON.stringify(spec.target)).toBeUndefined()
    }
  })

  test('every option says what it means, and what it is told can be said', () => {
    const options = Object.entries(optionsOf(kind) ?? {})
    for (const [option, { description }] of options) expect(description, option).toMatch(/\w/)
    const needs = options.length === 0 ? 'has no options, so it needs no inWords' : 'has options, so it needs inWords'
    expect(fault.inWords === undefined, `${kind} ${needs}`).toBe(options.length === 0)
    const words = { length: (ms: number) => `${ms} ms`, site: (name: string) => name }
    for (const { with: told = {} } of examples) expect(fault.inWords?.(told, words) ?? 'nothing').toMatch(/\w/)
  })

  test('changes only nodes and links of its target, and what lasts is no more than what it changes', () => {
    for (const spec of examples) {
      const { order } = ordered(spec)
      const { target } = order
      const [effect, lasting] = [fault.effect(order, paper), fault.lasting?.(order, paper) ?? {}]
      const sites = target.links.flatMap((link) => link.sites)
      for (const each of [effect, lasting]) {
        expect(target.nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(named(each)))
        for (const { from, to } of ways(each)) expect(sites).toEqual(expect.arrayContaining([from, to]))
      }
      expect(named(effect)).toEqual(expect.arrayContaining(named(lasting)))
    }
  })

  test('is proved by something: an effect that is seen, or a claim of its own', () => {
    for (const spec of examples) {
      const { order } = ordered(spec)
      const { gone = [], mute = [], silent = [] } = fault.effect(order, paper)
      const claims = fault.claims?.(order, reaching().context) ?? []
      const isProved = gone.length + mute.length + silent.length + claims.length > 0
      expect(isProved || fault.actsOn === 'anything', `${kind} needs an effect or a claim`).toBe(true)
    }
  })

  test('a claim that nobody can answer does not hold, and says so', async () => {
    for (const spec of examples) {
      const { order } = ordered(spec)
      for (const claim of fault.claims?.(order, reaching().context) ?? [])
        expect(await claim.look()).toMatchObject({ holds: false, seen: expect.stringMatching(/\w/) })
    }
  })

  test('makes itself ready by one hand, and touches nothing else', async () => {
    for (const spec of examples) {
      const { asked, context } = reaching()
      const { order } = ordered(spec)
      await fault.prepare(order, context)
      expect(asked).toHaveLength(1)
    }
  })

  test('what it is told by role, it can say by name', () => {
    for (const spec of examples) {
      const { order } = ordered(spec)
      const told = fault.named?.(order, paper) ?? {}
      expect(Object.values(told).flat()).not.toEqual(expect.arrayContaining(['primary']))
      expect(Object.values(told).flat()).not.toEqual(expect.arrayContaining(['other']))
    }
  })
})
