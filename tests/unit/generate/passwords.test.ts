// Goal: a password that stands in somebody's Compose file is found by the harness, and stands in no label.
import { expect, test } from 'vitest'
import { generate } from '../../../chaos/generate/generate.ts'
import { worldFileSchema } from '../../../chaos/worldfile/schema.ts'

const settings = { world: 'a-world', net: '198.18.0', ports: '180' }
const file = worldFileSchema.parse({
  sites: { east: { services: ['db-1'] }, west: { services: ['db-2'] } },
  databases: [{ nodes: ['db-1', 'db-2'], engine: 'postgres', passwordFrom: 'POSTGRES_PASSWORD' }],
})
const config = (environment: Record<string, string>) => ({
  name: 'shop',
  services: {
    'db-1': { image: 'postgres', environment },
    'db-2': { image: 'postgres' },
  },
})
const labelOf = (compose: Record<string, unknown>, service: string): unknown =>
  (compose as { services: Record<string, { labels: Record<string, string> }> }).services[service]?.labels[
    'blackstart.database.password'
  ]

test('the world keeps it under a name of its own; Compose writes each "$" twice', () => {
  const { compose, passwords } = generate(config({ POSTGRES_PASSWORD: 'pa$$ss' }), file, settings)
  expect(passwords).toEqual({ BLACKSTART_PASSWORD_A_WORLD_DB_1: 'pa$ss' })
  expect(labelOf(compose, 'db-1')).toBe('BLACKSTART_PASSWORD_A_WORLD_DB_1')
  expect(labelOf(compose, 'db-2')).toBe('POSTGRES_PASSWORD')
})

test('without one there the label names the variable of .env', () => {
  const { compose, passwords } = generate(config({}), file, settings)
  expect(passwords).toEqual({})
  expect(labelOf(compose, 'db-1')).toBe('POSTGRES_PASSWORD')
})
