import { expect, test } from 'vitest'
import { parseStoreUrl, SettingError } from '../../../stacks/items/store-url.ts'

test.for([
  [
    'postgres://app:se%40cret@db-1:5432,db-2:5433/items',
    'postgres',
    'app',
    'se@cret',
    [
      ['db-1', 5432],
      ['db-2', 5433],
    ],
    'items',
  ],
  ['mariadb://app:x@db-1/items', 'mariadb', 'app', 'x', [['db-1', 3306]], 'items'],
  [
    'redis-sentinel://s1:26379,s2/group',
    'redis-sentinel',
    undefined,
    undefined,
    [
      ['s1', 26379],
      ['s2', 26379],
    ],
    'group',
  ],
  ['redis-sentinel://:x@s1/group', 'redis-sentinel', undefined, 'x', [['s1', 26379]], 'group'],
  ['nats://10.0.0.1:4222/bucket', 'nats', undefined, undefined, [['10.0.0.1', 4222]], 'bucket'],
] as const)('%s', ([text, kind, user, password, addresses, name]) => {
  expect(parseStoreUrl(text)).toEqual({
    kind,
    user,
    password,
    addresses: addresses.map(([host, port]) => ({ host, port })),
    name,
  })
})

test.for([
  [undefined, 'STORE is not set'],
  ['', 'STORE is not set'],
  ['postgres://db-1', 'STORE must look like'],
  ['db-1:5432/items', 'STORE must look like'],
  ['oracle://db-1/items', 'STORE names the kind "oracle", which is none of postgres, mariadb'],
  ['postgres://db-1:x/items', 'STORE names the address "db-1:x", which is no host:port'],
  ['postgres://db-1:70000/items', 'no host:port'],
  ['postgres://db-1,,db-2/items', 'STORE names the address ""'],
] as const)('%s is refused', ([text, message]) => {
  expect(() => parseStoreUrl(text)).toThrow(SettingError)
  expect(() => parseStoreUrl(text)).toThrow(message)
})

test('what is refused is not repeated where it may hold a password', () => {
  expect(() => parseStoreUrl('postgres://app:hidden@db-1')).not.toThrow(/hidden/)
})
