// Goal: whoever has a Compose file gets a blackstart.yaml that can be brought up, with a reason for each guess.
// Method: twelve files of kinds that people have (tests/compose), as Compose resolved them; what adopt writes is read
// again as any world file is, and checked against the same configuration.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkWorld } from '../../../chaos/adopt/check.ts'
import { type Draft, type DraftOptions, draftOf } from '../../../chaos/adopt/draft.ts'
import { worldFileText } from '../../../chaos/adopt/write.ts'
import { withConfigFiles } from '../../../chaos/cli/adopt-configs.ts'
import { configSchema } from '../../../chaos/generate/config.ts'
import { parseWorldFile } from '../../../chaos/worldfile/read.ts'
import { recorded, schemaPath, stacks } from '../../compose/stacks.ts'

function drafted(name: string, more: Partial<DraftOptions> = {}): { draft: Draft; config: unknown } {
  const stack = stacks.find((each) => each.name === name)
  if (!stack) throw new Error(`there is no ${name}`)
  const { config, raw } = recorded(stack.folder)
  const options = { compose: stack.files, profiles: stack.profiles ?? [], raw: new Map(Object.entries(raw)), ...more }
  return { draft: draftOf(config, options), config }
}

/** Site → its services, whatever their zones. */
function sitesIn({ world }: Draft): Record<string, string> {
  return Object.fromEntries(
    Object.entries(world.sites).map(([site, { services = [], zones = {} }]) => [
      site,
      [...services, ...Object.values(zones).flat()].join(' '),
    ]),
  )
}

const why = ({ reasons }: Draft, about: string): string[] =>
  reasons.filter((reason) => reason.about === about).map(({ guess, because }) => `${guess}: ${because}`)

describe.each(stacks)('$name', ({ name, folder }) => {
  test('is written as expected, with its comments', () => {
    expect(worldFileText(drafted(name).draft, schemaPath)).toBe(readFileSync(`${folder}/blackstart.yaml`, 'utf8'))
  })

  test('is read again as it was meant', () => {
    const { draft } = drafted(name)
    expect(parseWorldFile(worldFileText(draft, schemaPath), 'blackstart.yaml').world).toEqual(draft.world)
  })

  test('can be brought up as it is', () => {
    const { draft, config } = drafted(name)
    expect(checkWorld(draft.world, config).problems).toEqual([])
  })

  test('no password is in it', () => {
    const { draft } = drafted(name)
    expect(worldFileText(draft, schemaPath) + JSON.stringify(draft)).not.toContain('not-a-secret')
  })
})

test.each([
  ['postgres-streaming', { east: 'api-1 postgres-primary', west: 'api-2 postgres-replica', edge: 'nginx' }],
  ['pg-auto-failover', { east: 'app node1', west: 'node2', witness: 'monitor' }],
  ['patroni', { east: 'etcd1 patroni1 patroni3', west: 'etcd2 patroni2', witness: 'etcd3', edge: 'haproxy' }],
  ['galera', { east: 'api-1 galera-1', west: 'api-2 galera-2', witness: 'galera-3', edge: 'caddy' }],
  [
    'redis-sentinel',
    {
      east: 'api redis-master sentinel-1',
      west: 'redis-replica-1 sentinel-2',
      witness: 'redis-replica-2 sentinel-3',
    },
  ],
  ['nats', { east: 'nats-a', west: 'nats-b', witness: 'nats-c' }],
  ['three-tier', { east: 'backend cache db migrate', edge: 'web' }],
  [
    'regions-by-name',
    { 'eu-west-1': 'api-eu-west-1a pg-eu-west-1a', 'us-east-1': 'api-us-east-1a pg-us-east-1a', edge: 'gateway' },
  ],
  ['several-files', { dc1: 'app-one db-one', dc2: 'app-two db-two', edge: 'traefik' }],
  ['host-network', { east: 'api-east', west: 'api-west sidecar' }],
  ['replicas', { east: 'db web-1 web-3', west: 'web-2', edge: 'traefik' }],
  ['init-containers', { paris: 'app init pgbouncer seed pg0', lyon: 'pg1' }],
])('%s: who stands where', (name, sites) => {
  expect(sitesIn(drafted(name).draft)).toEqual(sites)
})

test('each service has a reason for where it stands', () => {
  for (const { name } of stacks) {
    const { draft } = drafted(name)
    const placed = Object.values(sitesIn(draft)).flatMap((list) => list.split(' '))
    expect(placed.filter((service) => why(draft, service).length === 0)).toEqual([])
  }
})

test('reasons name what they were told by', () => {
  expect(why(drafted('galera').draft, 'galera-3')).toEqual([
    'galera at witness: its image is bitnami/mariadb-galera:11.4; members decide by majority, and with this one apart no region has it alone',
  ])
  expect(why(drafted('init-containers').draft, 'pg1')).toEqual([
    'postgres at lyon/1: its image is bitnami/postgresql-repmgr:17; its label com.example.region is Lyon',
  ])
  expect(why(drafted('several-files').draft, 'databases')).toContain(
    'passwordFrom POSTGRES_PASSWORD: POSTGRES_PASSWORD_FILE names a secret, which cannot be read from outside',
  )
  expect(why(drafted('postgres-streaming').draft, 'databases')).toContain(
    'passwordFrom APP_PASSWORD: POSTGRES_PASSWORD takes it from there',
  )
})

describe('databases', () => {
  const databases = (name: string) => drafted(name).draft.world.databases
  test('of Galera have no one primary', () => {
    expect(databases('galera')).toEqual([
      {
        nodes: ['galera-1', 'galera-2', 'galera-3'],
        engine: 'mariadb',
        user: 'root',
        passwordFrom: 'MARIADB_ROOT_PASSWORD',
        database: 'shop',
        multiPrimary: true,
      },
    ])
  })

  test('of Patroni are found among programs that share its image', () => {
    expect(databases('patroni')).toMatchObject([{ nodes: ['patroni1', 'patroni2', 'patroni3'], engine: 'patroni' }])
    expect(drafted('patroni').draft.world.roles).toEqual({
      etcd1: 'dcs',
      etcd2: 'dcs',
      etcd3: 'dcs',
      haproxy: 'router',
    })
  })

  test('have the name that others connect to, where it is one', () => {
    const config = configSchema.parse(drafted('patroni').config)
    const named = (...urls: string[]) => {
      const haproxy = config.services['haproxy'] as (typeof config.services)[string]
      const environment = Object.fromEntries(urls.map((url, i) => [`URL_${i}`, url]))
      const services = { ...config.services, haproxy: { ...haproxy, environment } }
      return draftOf({ ...config, services }, { compose: ['compose.yml'] })
    }
    const items = 'postgres://app:app@haproxy:5000/items?sslmode=disable'
    expect(named(items).world.databases[0]?.database).toBe('items')
    expect(why(named(items), 'databases')).toContain('database items: the variable URL_0 of haproxy')
    expect(named(items, 'postgresql+psycopg://haproxy/others').world.databases[0]?.database).toBeUndefined()
    expect(named('mysql://haproxy/items').world.databases[0]?.database).toBeUndefined()
  })

  test('are not asked for synchronous standbys unless the file does', () => {
    expect(databases('postgres-streaming')[0]?.synchronousStandbys).toBe(0)
    expect(databases('regions-by-name')[0]?.synchronousStandbys).toBeUndefined()
  })

  test('Redis is one only where nothing else is', () => {
    expect(databases('redis-sentinel')).toMatchObject([{ engine: 'redis', passwordFrom: 'REDIS_PASSWORD' }])
    expect(databases('three-tier').map(({ engine }) => engine)).toEqual(['mariadb'])
    expect(drafted('three-tier').draft.world.roles).toMatchObject({ cache: 'store' })
  })
})

describe('links', () => {
  const sentinel = (setting: string) => ({
    name: 'store',
    services: {
      web: { image: 'web', ports: [{ target: 80 }] },
      sentinel: {
        image: 'redis',
        command: ['redis-sentinel', '/s.conf'],
        configs: [{ source: 's', target: '/s.conf' }],
      },
    },
    configs: { s: { name: 'store_s', content: `sentinel monitor m redis 6379 2\n${setting}\n` } },
  })
  const options = { compose: ['compose.yml'], profiles: [], raw: new Map() }

  test('route where members tell each other addresses, and relay where they tell names', () => {
    expect(draftOf(sentinel('port 26379'), options).world.links).toEqual({ default: { via: 'route' } })
    const draft = draftOf(sentinel('sentinel announce-hostnames yes'), options)
    expect(draft.world.links).toEqual({ default: { via: 'proxy' } })
    expect(why(draft, 'links')).toEqual([
      'via proxy: members of Redis with Sentinel tell each other names (announce-hostnames yes)',
    ])
  })
})

describe('what the user says comes before every guess', () => {
  test('regions, also of single replicas', () => {
    const chosen = new Map([
      ['db', 'north'],
      ['web', 'south'],
      ['web-3', 'north'],
    ])
    expect(sitesIn(drafted('replicas', { chosen }).draft)).toEqual({
      north: 'db web-3',
      south: 'web-1 web-2',
      edge: 'traefik',
    })
  })

  test('where clients enter', () => {
    expect(drafted('nats', { enter: ['http://nats-a:8222'] }).draft.world.clients?.enter).toEqual([
      'http://nats-a:8222',
    ])
  })
})

test('what cannot be guessed is left to do', () => {
  const todo = (name: string) => drafted(name).draft.todo.map(({ key, text }) => `${key}: ${text}`)
  expect(todo('three-tier')).toContainEqual(expect.stringContaining('sites: No service exists twice'))
  expect(todo('nats')).toContainEqual(expect.stringContaining('clients: Where clients enter'))
  expect(todo('nats')).toContainEqual(expect.stringContaining('Blackstart does not ask nats:2.10 for its state'))
  expect(todo('redis-sentinel')).toContainEqual(expect.stringContaining('api stands at east alone'))
  expect(todo('regions-by-name').filter((text) => text.startsWith('sites'))).toEqual([])
})

test.each([
  [{}, 'compose.yml has no service, or only such as need a profile: name it with --profile'],
  [{ agent: { image: 'x', network_mode: 'host' } }, 'agent: all services are on a network of this machine'],
])('nothing to place: %j', (services, message) => {
  expect(() => draftOf({ name: 'x', services }, { compose: ['compose.yml'] })).toThrow(message)
})

test("servers of NATS are known by their names where their image is of the user's own", () => {
  const { config } = recorded(stacks.find(({ name }) => name === 'nats')?.folder ?? '')
  const own = JSON.parse(
    JSON.stringify(config, (key, value) => (key === 'image' ? 'shop/broker' : key === 'command' ? undefined : value)),
  )
  const draft = draftOf(own, { compose: ['compose.yml'], profiles: [], raw: new Map() })
  expect(sitesIn(draft)).toMatchObject({ east: 'nats-a', west: 'nats-b', witness: 'nats-c' })
  expect(draft.world.links).toEqual({ default: { via: 'route' } })
})

test('ports are known from configurations, inline or in a file', () => {
  const services = {
    lb: { image: 'haproxy', configs: [{ source: 'lb', target: '/etc/haproxy/haproxy.cfg' }] },
    'api-1': { image: 'mine' },
    'api-2': { image: 'mine' },
  }
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-configs-'))
  try {
    const file = join(folder, 'haproxy.cfg')
    const text = 'backend all\n  server a api-1:8081 check\n  server b api-2:8081 check\n'
    writeFileSync(file, text)
    for (const lb of [{ content: text }, { file }]) {
      const config = withConfigFiles({ name: 'configs', services, configs: { lb, gone: { file: `${file}.not` } } })
      const draft = draftOf(config, { compose: ['compose.yml'], profiles: [], raw: new Map() })
      expect(draft.world.ports).toEqual({ 'api-1': [8081], 'api-2': [8081] })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('of three copies of Redis with three Sentinels, one is apart with the third Sentinel', () => {
  const { draft } = drafted('redis-sentinel')
  expect(sitesIn(draft)['witness']).toBe('redis-replica-2 sentinel-3')
  expect(why(draft, 'redis-replica-2').join()).toContain('two copies are left whichever region is lost')
})
