// Goal: whoever writes blackstart.yaml by hand is told where each mistake is, and what was meant.
// Method: one good file, and each mistake as a change to it.
import { expect, test } from 'vitest'
import { UsageError } from '../../../chaos/errors.ts'
import { parseWorldFile } from '../../../chaos/worldfile/read.ts'

const good = `compose: compose.yml
sites:
  east: { zones: { a: [api-1, db-1] } }
  west:
    kind: region
    services: [api-2, db-2]
  edge: { services: [gateway] }
links:
  default: { via: proxy, latencyMs: 15 }
  east-west: { via: route }
clients:
  enter: ["http://gateway:8080"]
  requests:
    - { name: put, share: 0.5, write: true, method: PUT, path: "/items/{{key}}" }
    - { name: get, share: 0.5, path: "/items/{{recentKey}}" }
databases:
  - { nodes: [db-1, db-2], engine: postgres, user: postgres }
audit:
  writes: { sql: "SELECT key FROM items WHERE key LIKE $1 || '%'" }
`

const problems = (text: string): string => {
  try {
    parseWorldFile(text, 'blackstart.yaml')
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'none'
}

test('a good file is complete with defaults', () => {
  const { world } = parseWorldFile(good, 'blackstart.yaml')
  expect(world.clients?.requests?.[1]).toMatchObject({ method: 'GET', write: false })
  expect(world).toMatchObject({ compose: 'compose.yml', ports: {}, roles: {} })
})

test.each([
  ['a key', 'sites:', 'sties:', '2:1: key "sties" is not known; did you mean "sites"?'],
  ['a key of a site', 'kind: region', 'knid: region', '5:5: key "knid" is not known; did you mean "kind"?'],
  [
    'a kind',
    'kind: region',
    'kind: regoin',
    '5:11: kind "regoin" is not known; did you mean "region"? (available: region, witness, edge)',
  ],
  ['an engine', 'engine: postgres,', 'engine: postgress,', 'engine "postgress" is not known; did you mean "postgres"?'],
  [
    'a way',
    'via: route',
    'via: routed',
    '10:21: via "routed" is not known; did you mean "route"? (available: proxy, route)',
  ],
  [
    'a site with a bad name',
    '  west:',
    '  West:',
    '4:3: the name "West" does not fit: lower-case letters, digits and "-"',
  ],
  [
    'a text for a list',
    'services: [gateway]',
    'services: gateway',
    '7:21: services: expected a list, found "gateway" (a text)',
  ],
  [
    'no address',
    'enter: ["http://gateway:8080"]',
    'enter: [gateway]',
    '12:11: enter[0]: "gateway" does not fit: an address such as http://gateway:8080',
  ],
  ['a share of 2', 'share: 0.5, write', 'share: 2, write', 'share: 2 is too big; it must be at most 1'],
  [
    'shares that do not sum to 1',
    'share: 0.5, write',
    'share: 0.7, write',
    '13:3: the shares of all requests sum to 1, but these sum to 1.2',
  ],
  ['a write that is a GET', 'method: PUT, ', '', '14:7: put is a write, but a GET request writes nothing'],
  ['two requests of a name', 'name: get', 'name: put', 'a request called "put" is there already'],
  ['a service at two places', '[gateway]', '[gateway, db-1]', '7:31: db-1 stands at east/a already'],
  [
    'a link of no sites',
    'east-west:',
    'east-wset:',
    '10:3: "east-wset" joins no two sites of this file; did you mean "east-west"? (available: default, east-west, east-edge, west-edge)',
  ],
  [
    'a link twice',
    '  east-west: { via: route }',
    '  east-west: { via: route }\n  west-east: {}',
    '11:3: "west-east" and "east-west" are one link',
  ],
  ['a database twice', '[db-1, db-2], engine', '[db-1, db-1], engine', '17:21: db-1 is named as a database already'],
  [
    'an engine without its way',
    'engine: postgres,',
    'engine: http,',
    'engine "http" needs "http": { path, json, primary }',
  ],
  [
    'another way to be present',
    'writes: { sql:',
    'writes: { sqll:',
    '19:13: key "sqll" is not known; did you mean "sql"? (available: http, sql, redis, command)',
  ],
  [
    'half of a way',
    `writes: { sql: "SELECT key FROM items WHERE key LIKE $1 || '%'" }`,
    'writes: { command: { in: [db-1] } }',
    'run is missing: expected a list',
  ],
  [
    'no way',
    `writes: { sql: "SELECT key FROM items WHERE key LIKE $1 || '%'" }`,
    'writes: {}',
    '19:11: writes is empty: it has one of http, sql, redis, command',
  ],
  ['SQL of nobody', 'engine: postgres,', 'engine: redis,', 'no database of this file answers SQL'],
  [
    'a number for the file',
    'compose: compose.yml',
    'compose: 3',
    '1:10: compose: expected a text or a list, found 3 (a number)',
  ],
  [
    'a password',
    'user: postgres',
    'passwordFrom: "se cret"',
    'passwordFrom: "se cret" does not fit: the name of a variable',
  ],
  ['no sites', good.slice(good.indexOf('sites:'), good.indexOf('links:')), '', 'sites is missing: expected a map'],
])('%s', (_what, from, to, message) => {
  expect(good).toContain(from)
  expect(problems(good.replace(from, () => to))).toContain(message)
})

test('invariants need a database that answers SQL, whatever reads the writes', () => {
  const ruled = good.replace(/writes: .*/, 'writes: { redis: { key: "i:{{key}}" } }\n  invariants: { sql: "select 1" }')
  expect(problems(ruled.replace('engine: postgres', 'engine: redis'))).toContain(
    '20:17: no database of this file answers SQL, so nobody can be asked for invariants: name some under "databases"',
  )
  const byHttp = ruled.replace('redis: { key: "i:{{key}}" }', 'http: { path: "/i/{{key}}" }')
  expect(problems(byHttp)).toBe('none')
})

test.each([
  ['', '1:1: the file is empty: a world file says at least which service stands where'],
  ['- east', 'a world file is a map (sites: …, clients: …), but this is a list'],
  ['sites: {}', 'sites is empty: a world has at least one'],
  ['sites: [', 'not YAML'],
])('%j', (text, message) => {
  expect(problems(text)).toContain(message)
})
