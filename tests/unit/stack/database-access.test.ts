// Goal: the harness speaks to a world's databases in one way, whatever the shell says of databases elsewhere.
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { databaseAccess } from '../../../chaos/stack/access.ts'
import type { Node } from '../../../chaos/topology/topology.ts'

afterEach(() => vi.unstubAllEnvs())

test('PGSSLMODE and its like are not for this world', () => {
  for (const [name, value] of [
    ['PGSSLMODE', 'require'],
    ['PGUSER', 'somebody'],
    ['PGPASSWORD', 'other'],
    ['PGDATABASE', 'elsewhere'],
  ] as const)
    vi.stubEnv(name, value)
  vi.stubEnv('BLACKSTART_PASSWORD_OBSERVER', `a b"'\\`)
  const node: Node = {
    name: 'pg',
    role: 'database',
    site: 'east',
    ports: {},
    attributes: { 'database.name': 'ledger', 'database.password': 'BLACKSTART_PASSWORD_OBSERVER' },
  }
  expect(new pg.Client({ host: '127.0.0.1', ...databaseAccess(node) })).toMatchObject({
    ssl: false,
    user: 'blackstart',
    password: `a b"'\\`,
    database: 'ledger',
  })
})
