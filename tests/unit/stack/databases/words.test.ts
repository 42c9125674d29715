// Goal: what each kind of database says of itself is understood as it is meant, and what it does not say is null.
// Method: answers as real servers gave them, cut to what is read.
import { describe, expect, test } from 'vitest'
import { followerName } from '../../../../chaos/stack/databases/followers.ts'
import * as http from '../../../../chaos/stack/databases/http.ts'
import { adapterOf } from '../../../../chaos/stack/databases/kinds.ts'
import * as mariadb from '../../../../chaos/stack/databases/mariadb-words.ts'
import * as postgres from '../../../../chaos/stack/databases/postgres.ts'
import * as redis from '../../../../chaos/stack/databases/redis.ts'
import type { Node } from '../../../../chaos/topology/topology.ts'

const node = (name: string, attributes: Record<string, string> = {}): Node => ({
  name,
  role: 'database',
  site: 'east',
  ports: {},
  attributes,
})
const nodes = [node('db-1', { address: '198.18.0.2' }), node('db-2', { address: '198.18.0.3' })]
/** One behind one link, two behind another. */
const relayed = [
  node('db-1', { address: '198.18.0.2' }),
  node('db-2', { address: '198.18.0.34', 'address.relayed': '198.18.0.7,198.18.0.66' }),
  node('db-3', { address: '198.18.0.98', 'address.relayed': '198.18.0.8' }),
  node('db-4', { address: '198.18.0.99', 'address.relayed': '198.18.0.8' }),
]

describe('who follows', () => {
  test.each([
    ['by its name', { name: 'db-2', address: '172.17.0.9' }, 'db-2'],
    ['by its address, whatever it calls itself', { name: 'walreceiver', address: '198.18.0.3' }, 'db-2'],
    ['nobody that is known', { name: 'walreceiver', address: '198.18.0.9' }, 'a standby at 198.18.0.9'],
    ['nobody that can be told', { name: 'walreceiver', address: null }, 'walreceiver'],
    ['of two, the other one, through a link', { name: 'standby_2', address: '198.18.0.9', of: 'db-1' }, 'db-2'],
    ['a tool is no standby', { name: 'pg_basebackup', address: '198.18.0.9', of: 'db-1' }, 'a standby at 198.18.0.9'],
  ])('%s', (_, said, name) => {
    expect(followerName(said, nodes)).toBe(name)
  })
  test.each([
    ['the one behind that link', { name: 'walreceiver', address: '198.18.0.7' }, 'db-2'],
    ['by its name, of two', { name: 'db-4', address: '198.18.0.8' }, 'db-4'],
    ['nobody that can be told, of two', { name: 'walreceiver', address: '198.18.0.8' }, 'a standby at 198.18.0.8'],
  ])('through a link: %s', (_, said, name) => {
    expect(followerName(said, relayed)).toBe(name)
  })
  test('of three, nobody can tell', () => {
    const said = { name: 'standby_2', address: '198.18.0.9', of: 'db-1' }
    expect(followerName(said, [...nodes, node('db-3')])).toBe('a standby at 198.18.0.9')
  })
})

describe('postgres', () => {
  const row = (name: string, state: string, sync: string) => ({ name, address: null, state, sync, lag: 0 })
  const said = (...rows: ReturnType<typeof row>[]) => postgres.followersIn(rows, node('db-1'), nodes)
  test('a standby that came again is told of once, by its latest connection', () => {
    expect(said(row('db-2', 'streaming', 'sync'), row('db-2', 'catchup', 'potential'))).toEqual([
      { node: 'db-2', state: 'catchup', sync: 'potential', lagBytes: 0 },
    ])
  })
  test('one that is being copied follows with what is written meanwhile, and not with the copy', () => {
    expect(said(row('db-2', 'streaming', 'async'), row('db-2', 'backup', 'async'))).toMatchObject([
      { node: 'db-2', state: 'streaming' },
    ])
    expect(said(row('db-2', 'backup', 'async'))).toEqual([])
  })
  test('nothing is known where the states may not be seen', () => {
    expect(postgres.followersIn([{ ...row('db-2', '', ''), state: null }], node('db-1'), nodes)).toBeNull()
  })
})

describe('redis', () => {
  const primary =
    'role:master\r\nconnected_slaves:2\r\nslave0:ip=198.18.0.3,port=6379,state=online,offset=90,lag=0\r\nslave1:ip=198.18.0.9,port=6379,state=wait_bgsave,offset=0,lag=1\r\nmaster_replid:8e1f\r\nmaster_repl_offset:104\r\n'
  test('a primary and its replicas', () => {
    expect(redis.lookIn(primary)).toEqual({ role: 'primary', accepts: null, position: '8e1f:104', timeline: null })
    expect(redis.followersIn(primary, nodes)).toEqual([
      { node: 'db-2', state: 'streaming', sync: 'async', lagBytes: 14 },
      { node: 'a standby at 198.18.0.9', state: 'wait_bgsave', sync: 'async', lagBytes: 104 },
    ])
  })
  test('a replica, and one that takes writes', () => {
    const replica =
      'role:slave\r\nmaster_host:db-1\r\nslave_repl_offset:14\r\nslave_read_only:1\r\nmaster_replid:8e1f\r\n'
    expect(redis.lookIn(replica)).toMatchObject({ role: 'standby', accepts: false, position: '8e1f:14' })
    expect(redis.lookIn(replica.replace('only:1', 'only:0'))).toMatchObject({ role: 'standby', accepts: null })
  })
  test('a sentinel says neither', () => {
    expect(redis.lookIn('role:sentinel\r\n')).toMatchObject({ role: 'unknown', accepts: null, position: null })
  })
})

describe('mariadb', () => {
  const told = (variables: Record<string, string>, more: Partial<mariadb.Told> = {}): mariadb.Told => ({
    variables: new Map(Object.entries(variables)),
    status: new Map(),
    replica: [],
    ...more,
  })
  const galera = { wsrep_on: 'ON', read_only: 'OFF' }
  const status = (words: Record<string, string>) => ({ status: new Map(Object.entries(words)) })

  test.each([
    ['alone', told({ read_only: 'OFF', gtid_current_pos: '0-1-4' }), 'primary', null],
    ['read-only', told({ read_only: 'ON' }), 'standby', false],
    [
      'a replica that cannot reach its primary',
      told({ read_only: 'OFF' }, { replica: [{ Slave_IO_Running: 'Connecting', Slave_SQL_Running: 'Yes' }] }),
      'standby',
      null,
    ],
    [
      'a replica that was stopped to be promoted',
      told({ read_only: 'OFF' }, { replica: [{ Replica_IO_Running: 'No', Replica_SQL_Running: 'No' }] }),
      'primary',
      null,
    ],
    ['a user that may not know', told({ read_only: 'OFF' }, { replica: undefined }), 'unknown', null],
    [
      'a member of a Galera cluster',
      told(galera, status({ wsrep_cluster_status: 'Primary', wsrep_ready: 'ON' })),
      'primary',
      null,
    ],
    [
      'a member that lost its cluster',
      told(galera, status({ wsrep_cluster_status: 'non-Primary', wsrep_ready: 'OFF' })),
      'standby',
      false,
    ],
  ] as const)('%s', (_, said, role, accepts) => {
    expect(mariadb.lookIn(said)).toMatchObject({ role, accepts })
  })

  test('the other members of a Galera cluster, and not its arbitrator', () => {
    const said = told(galera, status({ wsrep_incoming_addresses: '198.18.0.2:3306,,198.18.0.3:3306' }))
    expect(mariadb.followersIn({ ...said, dumps: undefined }, { node: nodes[0] as Node, nodes })).toMatchObject([
      { node: 'db-2', state: 'streaming', sync: 'sync' },
    ])
  })
  test('who reads the log is not known to a user who sees only itself', () => {
    const said = { ...told({ read_only: 'OFF' }), dumps: undefined }
    expect(mariadb.followersIn(said, { node: nodes[0] as Node, nodes })).toBeNull()
  })
  test('replicas that confirm are synchronous only if all of them do', () => {
    const dumps = ['198.18.0.3:40100', '198.18.0.9:40200']
    const said = (clients: string) => ({
      ...told({}, status({ Rpl_semi_sync_master_status: 'ON', Rpl_semi_sync_master_clients: clients })),
      dumps,
    })
    const syncs = (clients: string) =>
      mariadb.followersIn(said(clients), { node: nodes[0] as Node, nodes })?.map(({ sync }) => sync)
    expect(syncs('2')).toEqual(['sync', 'sync'])
    expect(syncs('1')).toEqual(['async', 'async'])
  })
})

describe('http', () => {
  test.each([
    ['$.role', { role: 'master' }, 'primary'],
    ['members[1].role', { members: [{}, { role: 'replica' }] }, 'standby'],
    ['leader', { leader: null }, 'unknown'],
    ['a.b', 'no object', 'unknown'],
  ])('%s', (json, body, role) => {
    expect(http.lookIn(body, { json, primary: 'master' })).toMatchObject({ role, accepts: null, position: null })
  })
  test('no write is asked of it', () => {
    expect(http.http.canProbe).toBe(false)
  })
})

test.each([
  ['25006', { definite: true, starting: false, keep: true }],
  ['57P03', { definite: true, starting: true, keep: false }],
  ['42P01', { definite: true, starting: false, keep: true }],
  ['ECONNREFUSED', { definite: true, starting: false, keep: false }],
  ['ETIMEDOUT', { definite: false, starting: false, keep: false }],
])('postgres: what %s means', (code, meaning) => {
  expect(postgres.meaningOf(Object.assign(new Error('no'), { code }))).toEqual(meaning)
})

test('a kind that there is not is refused, with the nearest one', () => {
  expect(() => adapterOf(node('db-1', { 'database.engine': 'mariadbb' }))).toThrow(
    expect.objectContaining({ exitCode: 4, message: expect.stringContaining('did you mean "mariadb"?') as string }),
  )
  expect(adapterOf(node('db-1')).component).toBe('postgresql')
})
