// Goal: who is told to use a password is told where it is: in `.env`, or with the world whose Compose file has it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addresses } from '../../../chaos/cli/addresses.ts'
import type { Node, Topology } from '../../../chaos/topology/topology.ts'

const before = process.env['BLACKSTART_WORK_DIR']
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-addresses-'))
  process.env['BLACKSTART_WORK_DIR'] = folder
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  if (before === undefined) delete process.env['BLACKSTART_WORK_DIR']
  else process.env['BLACKSTART_WORK_DIR'] = before
})

const database = (name: string, port: string, password: string): Node => ({
  name,
  role: 'database',
  site: 'east',
  ports: { [port]: 1 },
  attributes: {
    'database.user': 'me',
    'database.name': 'books',
    'database.password': password,
    ...(port !== 'sql' && { 'database.engine': 'redis' }),
  },
})
const told = (...nodes: Node[]): string => {
  const topology: Topology = {
    world: 'shop',
    sites: [{ name: 'east', kind: 'region' }],
    nodes,
    links: [],
    timeouts: {},
  }
  return addresses(topology)
}

test('a password is where it is, and one that no line here needs is not named', () => {
  const place = join(folder, '.blackstart', 'worlds', 'shop')
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'passwords.json'), '{ "BLACKSTART_PASSWORD_SHOP_DB_1": "secret" }')
  const lines = told(
    database('db-1', 'sql', 'BLACKSTART_PASSWORD_SHOP_DB_1'),
    database('db-2', 'sql', 'MINE'),
    database('cache', 'redis', 'OF_THE_CACHE'),
  )
  expect(lines).toContain('.env, MINE for these')
  expect(lines).toContain('.blackstart/worlds/shop/passwords.json, BLACKSTART_PASSWORD_SHOP_DB_1 for these')
  expect(lines).not.toContain('OF_THE_CACHE')
  expect(lines).not.toContain('secret')
})
