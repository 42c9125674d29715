// Goal: an editor that knows docs/world.schema.json says the same of a blackstart.yaml as the harness.
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { descriptions } from '../../../chaos/worldfile/descriptions.ts'
import { worldFileSchema } from '../../../chaos/worldfile/schema.ts'
import { worldJsonSchema } from '../../../tools/world-schema.ts'
import { stacks } from '../../compose/stacks.ts'

const committed = readFileSync(new URL('../../../docs/world.schema.json', import.meta.url), 'utf8')
const fits = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(committed))

test('docs/world.schema.json is what the code says (else: npm run generate)', () => {
  expect(committed === worldJsonSchema()).toBe(true)
})

test.each(stacks)('what adopt wrote for $name fits', ({ folder }) => {
  expect(fits(parse(readFileSync(`${folder}/blackstart.yaml`, 'utf8'))), JSON.stringify(fits.errors)).toBe(true)
})

const sites = { east: { services: ['a'] } }
test.each<[string, unknown]>([
  ['an unknown key', { sites, site: {} }],
  ['no sites', { compose: 'compose.yml' }],
  ['a kind that is none', { sites: { east: { kind: 'planet' } } }],
  ['a bad name of a site', { sites: { East: {} } }],
  ['a way that is none', { sites, links: { default: { via: 'air' } } }],
  ['an engine that is none', { sites, databases: [{ nodes: ['a'], engine: 'oracle' }] }],
  ['a database of nobody', { sites, databases: [{ nodes: [], engine: 'redis' }] }],
  ['a port of 0', { sites, ports: { a: [0] } }],
  ['two ways to be present', { sites, audit: { writes: { sql: 'x', redis: { key: 'y' } } } }],
  ['clients without an entry', { sites, clients: {} }],
  ['nothing', null],
])('%s fits neither', (_what, data) => {
  expect({ editor: fits(data), harness: worldFileSchema.safeParse(data).success }).toEqual({
    editor: false,
    harness: false,
  })
})

test('every key is described, and every description is used', () => {
  const undescribed: string[] = []
  const seen = new Set<string>()
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties')
        for (const [name, property] of Object.entries(value as Record<string, { description?: string }>)) {
          if (property.description === undefined) undescribed.push(`${path}.${name}`)
          else seen.add(property.description)
        }
      visit(value, key === 'properties' ? path : `${path}.${key}`)
    }
  }
  visit(JSON.parse(committed), '')
  expect(undescribed).toEqual([])
  expect(Object.values(descriptions).filter((text) => !seen.has(text))).toEqual([])
})
