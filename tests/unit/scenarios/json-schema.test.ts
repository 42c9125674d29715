// Goal: an editor that knows docs/scenario.schema.json says the same as the harness.
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { templateNames } from '../../../chaos/cli/new.ts'
import { descriptions, scopeDescriptions } from '../../../chaos/scenarios/descriptions.ts'
import { faultKinds, faultNamed, optionsOf } from '../../../chaos/scenarios/kinds.ts'
import { scenarios } from '../../../chaos/scenarios/library/index.ts'
import { scenarioSchema } from '../../../chaos/scenarios/schema.ts'
import { scenarioJsonSchema } from '../../../tools/scenario-schema.ts'

const committed = readFileSync(new URL('../../../docs/scenario.schema.json', import.meta.url), 'utf8')
const fits = new Ajv({ strict: false }).compile(JSON.parse(committed))
const template = (name: string): unknown =>
  parse(readFileSync(new URL(`../../../chaos/scenarios/templates/${name}.yaml`, import.meta.url), 'utf8'))

test('docs/scenario.schema.json is what the code says (else: npm run generate)', () => {
  expect(committed === scenarioJsonSchema()).toBe(true)
})

test.each(scenarios)('$name fits, as JSON', (scenario) => {
  expect(fits(JSON.parse(JSON.stringify(scenario))), JSON.stringify(fits.errors)).toBe(true)
})

test.each(templateNames())('the template %s fits', (name) => {
  expect(fits(template(name)), JSON.stringify(fits.errors)).toBe(true)
})

describe('what the harness refuses does not fit either', () => {
  const good = {
    name: 'a',
    title: 'b',
    faults: [{ kind: 'kill', target: { scope: 'region', name: 'primary' }, forMs: 1 }],
    observeMs: 1,
    objectives: {},
  }
  const faulty = (more: object) => ({ ...good, faults: [{ ...good.faults[0], ...more }] })
  test.each<[string, unknown]>([
    ['an unknown key', { ...good, observe: 60 }],
    ['no faults', { ...good, faults: [] }],
    ['an unknown kind', faulty({ kind: 'kil' })],
    ['a missing option', faulty({ kind: 'slow' })],
    ['an option too many', faulty({ with: { hard: true } })],
    ['an unknown scope', faulty({ target: { scope: 'planet' } })],
    ['a link with one end', faulty({ target: { scope: 'link', sites: ['east'] } })],
    ['a link with three ends', faulty({ target: { scope: 'link', sites: ['east', 'west', 'edge'] } })],
    ['a text for a time', faulty({ forMs: '40s' })],
    ['no time', faulty({ forMs: 0 })],
    ['a bad name', { ...good, name: 'A b' }],
    ['a share of 2', { ...good, load: { writeShare: 2 } }],
    ['nothing', null],
  ])('%s', (_what, data) => {
    expect({ editor: fits(data), harness: scenarioSchema.safeParse(data).success }).toEqual({
      editor: false,
      harness: false,
    })
  })

  test('and the good one does', () => {
    expect({ editor: fits(good), harness: scenarioSchema.safeParse(good).success }).toEqual({
      editor: true,
      harness: true,
    })
  })
})

test('every property is described, and every description is used', () => {
  const undescribed: string[] = []
  const seen = new Set<string>()
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties') {
        for (const [name, property] of Object.entries(value as Record<string, { description?: string }>)) {
          if (property.description === undefined) undescribed.push(`${path}.${name}`)
          else seen.add(property.description)
        }
      }
      visit(value, key === 'properties' ? path : `${path}.${key}`)
    }
  }
  visit(JSON.parse(committed), '')
  expect(undescribed).toEqual([])
  expect(
    [
      ...[descriptions, scopeDescriptions].flatMap((table) => Object.values(table)),
      ...faultKinds.map((kind) => faultNamed(kind).summary),
      ...faultKinds.flatMap((kind) => Object.values(optionsOf(kind) ?? {}).map(({ description }) => description ?? '')),
    ].filter((text) => !seen.has(text)),
  ).toEqual([])
})
