// Goal: the generated file keeps what a system is, and leaves links as the only way between its sites.
// Method: a shop as Compose renders it; what the engine would make of the generated file is read off it.
import { describe, expect, test } from 'vitest'
import { generate, networkLength } from '../../../chaos/generate/generate.ts'
import { topologyFromLabels } from '../../../chaos/topology/labels.ts'
import { type WorldFile, worldFileSchema } from '../../../chaos/worldfile/schema.ts'
import { shopConfig, shopWorld } from './shop.ts'

interface Service {
  image: string
  restart: string
  networks: Record<string, { ipv4_address: string; aliases?: string[] }>
  extra_hosts: string[]
  environment: Record<string, string>
  labels: Record<string, string>
  ports?: string[]
  volumes?: { type: string; source: string; target: string }[]
  [key: string]: unknown
}
interface File {
  name: string
  services: Record<string, Service>
  networks: Record<
    string,
    {
      labels: object
      driver_opts?: Record<string, string>
      ipam: { config: { subnet: string; gateway: string; ip_range: string }[] }
    }
  >
  volumes: Record<string, { name: string; labels: object }>
  secrets?: object
}

const settings = { world: 'w', net: '198.18.7', ports: '181' }
function worldOf(config: unknown = shopConfig, world: WorldFile = shopWorld) {
  const { compose, notes } = generate(config, world, settings)
  return { ...(compose as unknown as File), notes }
}
const shop = worldOf()
const service = (name: string): Service => shop.services[name] as Service
const addressOf = (name: string, site: string): string => service(name).networks[site]?.ipv4_address ?? ''
const hostsOf = (name: string): Record<string, string> =>
  Object.fromEntries(service(name).extra_hosts.map((entry) => entry.split(':') as [string, string]))
const proxiesOf = (link: string): { listen: string; upstream: string }[] =>
  JSON.parse(service(link).environment['PROXIES'] ?? '')

function number(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
}
function holds(subnet: string, address: string): boolean {
  const [first = '', bits] = subnet.split('/')
  return Math.floor(number(first) / 2 ** (32 - Number(bits))) === Math.floor(number(address) / 2 ** (32 - Number(bits)))
}

test('each service stands on the network of its site alone, at an address of its subnet that nothing else has', () => {
  const addresses = Object.values(shop.services).flatMap(({ networks }) => Object.values(networks))
  const standIns = ['east', 'west', 'edge'].flatMap((site) =>
    Object.entries(shop.services)
      .filter(([, { labels }]) => labels['blackstart.role'] === 'link')
      .flatMap(([, { environment }]) => (environment['ADDRESSES'] ?? '').split(' ').filter(Boolean))
      .filter((address) => holds(subnetOf(site), address)),
  )
  const all = [...addresses.map(({ ipv4_address }) => ipv4_address), ...standIns]
  expect(new Set(all).size).toBe(all.length)
  expect(Object.keys(service('api-1').networks)).toEqual(['east'])
  expect(Object.keys(service('link-east-west').networks)).toEqual(['east', 'west'])
  for (const { networks } of Object.values(shop.services))
    for (const [site, { ipv4_address }] of Object.entries(networks))
      expect(holds(subnetOf(site), ipv4_address), `${site} ${ipv4_address}`).toBe(true)
  // The engine hands out addresses of its own in a range that the fixed ones leave alone.
  for (const { ipam } of Object.values(shop.networks))
    expect(all.filter((address) => holds(ipam.config[0]?.ip_range ?? '', address))).toEqual([])
})

function subnetOf(site: string): string {
  return shop.networks[site]?.ipam.config[0]?.subnet ?? ''
}

test('all subnets lie in the network, apart from each other', () => {
  const subnets = Object.keys(shop.networks).map(subnetOf)
  expect(subnets).toHaveLength(3)
  for (const [index, subnet] of subnets.entries()) {
    expect(holds('198.18.7.0/24', subnet.split('/')[0] ?? '')).toBe(true)
    expect(Number(subnet.split('.')[3]?.split('/')[0]) % 2 ** (32 - Number(subnet.split('/')[1]))).toBe(0)
    expect(subnets.filter((other, at) => at !== index && holds(other, subnet.split('/')[0] ?? ''))).toEqual([])
  }
  expect(networkLength(shopConfig, shopWorld)).toBe(24)
})

test('a database tells from which addresses its connections come at the other sites', () => {
  expect(service('db-2').labels['blackstart.address.relayed']?.split(',').toSorted()).toEqual(
    [addressOf('link-east-west', 'east'), addressOf('link-west-edge', 'edge')].toSorted(),
  )
  const routed = worldOf(shopConfig, { ...shopWorld, links: { default: { via: 'route' } } })
  expect(routed.services['db-2']?.labels).not.toHaveProperty('blackstart.address.relayed')
})

test('a service reaches those of its own site directly, and those of others at addresses that stand for them', () => {
  const hosts = hostsOf('api-1')
  expect(hosts['db-1']).toBe(addressOf('db-1', 'east'))
  expect(hosts['db-2']).not.toBe(addressOf('db-2', 'west'))
  expect(holds(subnetOf('east'), hosts['db-2'] ?? '')).toBe(true)
  // Two services with one port behind one link: told apart by address.
  const relayed = proxiesOf('link-east-west').filter(({ listen }) => listen.endsWith(':5432'))
  expect(relayed).toContainEqual(
    expect.objectContaining({ listen: `${hosts['db-2']}:5432`, upstream: 'db-2.direct:5432' }),
  )
  expect(hostsOf('link-east-west')['db-2.direct']).toBe(addressOf('db-2', 'west'))
  expect(service('link-east-west').environment['ADDRESSES']?.split(' ')).toContain(hosts['db-2'])
})

test('a program that asks Docker for a name, and reads no hosts file, finds the link, and behind it whoever alone has the port', () => {
  const link = service('link-east-west')
  expect(link.networks['east']?.aliases).toEqual(expect.arrayContaining(['db-2', 'thedb2', 'api-2']))
  expect(link.networks['east']?.aliases).not.toContain('db-1')
  const own = proxiesOf('link-east-west').filter(({ listen }) =>
    listen.startsWith(`${addressOf('link-east-west', 'east')}:`),
  )
  expect(own.map(({ upstream }) => upstream)).toEqual(['api-2.direct:3000', 'db-2.direct:5432'])
})

test('container names, host names, aliases and links go on working as names, on either side', () => {
  expect(hostsOf('api-1')).toMatchObject({
    thedb2: hostsOf('api-1')['db-2'],
    pg2: hostsOf('api-1')['db-2'],
    database: addressOf('db-1', 'east'),
    www: hostsOf('api-1')['gateway'],
    'pay.example': '192.0.2.9',
  })
  expect(service('db-1').networks['east']?.aliases).toEqual(['thedb1', 'pg1'])
  // Linked under a name of its own, which nobody else knows.
  expect(hostsOf('gateway')).not.toHaveProperty('database')
  expect(service('db-1')['container_name']).toBeUndefined()
  expect(service('db-1')['hostname']).toBe('pg1')
})

test('a name that several services share leads to all of them, the near one first', () => {
  const shared = structuredClone(shopConfig) as unknown as { services: Record<string, { networks: object }> }
  for (const name of ['db-1', 'db-2'])
    (shared.services[name] as Service).networks = { back: { aliases: ['db'] } } as never
  const hosts = worldOf(shared).services['api-2']?.extra_hosts.filter((entry) => entry.startsWith('db:')) ?? []
  expect(hosts).toHaveLength(2)
  expect(hosts[0]).toBe(`db:${addressOf('db-2', 'west')}`)
})

test('the topology that the labels give', () => {
  const topology = topologyFromLabels(
    'w',
    Object.entries(shop.services)
      .filter(([, { labels }]) => labels['blackstart.role'] !== 'host')
      .map(([name, { labels, ports = [] }]) => ({
        service: name,
        labels,
        endpoints: Object.fromEntries(
          ports.map((entry) => {
            const [host = '', port, target] = entry.split(':')
            return [Number(target), { host, port: Number(port) }]
          }),
        ),
      })),
  )
  expect(topology.sites).toEqual([
    { name: 'east', kind: 'region' },
    { name: 'edge', kind: 'edge' },
    { name: 'west', kind: 'region' },
  ])
  expect(topology.nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
    'api-1 app',
    'api-2 app',
    'beacon-east beacon',
    'beacon-edge beacon',
    'beacon-west beacon',
    'db-1 database',
    'db-2 database',
    'gateway router',
    'link-east-edge link',
    'link-east-west link',
    'link-west-edge link',
  ])
  const node = (name: string) => topology.nodes.find((each) => each.name === name)
  expect(node('db-1')).toMatchObject({
    zone: 'a',
    site: 'east',
    attributes: {
      'database.engine': 'postgres',
      'database.user': 'postgres',
      'database.name': 'app',
      'database.password': 'BLACKSTART_PASSWORD_W_DB_1',
    },
  })
  expect(Object.keys(node('db-1')?.ports ?? {})).toEqual(['sql'])
  expect(node('db-1')?.attributes['address']).toBe(addressOf('db-1', 'east'))
  expect(node('link-east-west')?.attributes['link.addresses']).toBe(
    `east=${addressOf('link-east-west', 'east')},west=${addressOf('link-east-west', 'west')}`,
  )
  expect(node('gateway')?.attributes).toMatchObject({
    'router.entry': `http://${addressOf('gateway', 'edge')}:8080`,
    ready: '/ok',
  })
  expect(node('api-1')?.attributes['ready']).toBe('/healthz')
  expect(node('api-2')?.attributes['ready']).toBe('listens')
  expect(topology.links).toContainEqual({ name: 'link-east-west', sites: ['east', 'west'], latencyMs: 40 })
  expect(topology.links).toContainEqual({ name: 'link-east-edge', sites: ['east', 'edge'], latencyMs: 15 })
})

test('what a service is stays as it is: build, environment, health check, secrets, dependencies, its own labels', () => {
  expect(service('api-1')).toMatchObject({
    build: { context: '/home/me/shop/api' },
    image: 'shop-api-1',
    environment: { DB: 'db-1', PRICE: '5$$' },
    secrets: [{ source: 's' }],
    depends_on: { migrate: { condition: 'service_completed_successfully' } },
    labels: { team: '1', 'blackstart.world': 'w' },
  })
  expect(service('db-1')).toMatchObject({ healthcheck: { interval: '2s' }, environment: { EMPTY: null } })
  expect(shop.secrets).toEqual(shopConfig.secrets)
})

describe('what belongs to the user is left alone', () => {
  test('volumes are the world’s own', () => {
    expect(shop.volumes['data']).toEqual({ driver: 'local', name: 'w_data', labels: { 'blackstart.world': 'w' } })
    expect(shop.volumes['old']).toEqual({ name: 'w_old', labels: { 'blackstart.world': 'w' } })
    expect(shop.notes.join('\n')).toMatch(/volume old is external/)
  })

  test('a folder in which a node would keep its data becomes a volume; other folders stay, and are told', () => {
    const config = structuredClone(shopConfig)
    Object.assign(config.services['db-1'], {
      volumes: [
        { type: 'bind', source: '/home/me/shop/pgdata', target: '/var/lib/postgresql/data' },
        { type: 'bind', source: '/home/me/shop/conf', target: '/etc/app' },
      ],
    })
    const world = worldOf(config)
    const [data, conf] = world.services['db-1']?.volumes ?? []
    expect(data).toMatchObject({ type: 'volume', target: '/var/lib/postgresql/data' })
    expect(world.volumes[data?.source ?? '']).toMatchObject({ labels: { 'blackstart.world': 'w' } })
    expect(conf?.source).toBe('/home/me/shop/conf')
    expect(world.notes.join('\n')).toMatch(/db-1 may write to your \/home\/me\/shop\/conf/)
  })

  test('published ports are gone; what the harness asks is on 127.0.0.1', () => {
    const ports = Object.values(shop.services).flatMap((each) => each.ports ?? [])
    expect(ports.every((entry) => /^127\.0\.0\.1:181\d\d:\d+$/.test(entry))).toBe(true)
    expect(new Set(ports.map((entry) => entry.split(':')[1])).size).toBe(ports.length)
    expect(service('gateway').ports?.map((entry) => entry.split(':')[2])).toEqual(['8080'])
  })
})

test('the engine starts nodes again as the user says, and a label tells the heal so', () => {
  expect(service('gateway')).toMatchObject({ restart: 'always', labels: { 'blackstart.restart': 'always' } })
  expect(service('api-1')['restart']).toBeUndefined()
  expect(service('api-1').labels).not.toHaveProperty('blackstart.restart')
})

test('a service that is meant to end is no node, and is started again as the user says', () => {
  expect(service('migrate')).toMatchObject({ restart: 'on-failure', labels: { 'blackstart.role': 'host' } })
})

test('links that route have no proxies: members reach each other at their own addresses, by way of the link', () => {
  const world = worldOf(shopConfig, { ...shopWorld, links: { 'east-west': { via: 'route', latencyMs: 15 } } })
  const subnet = (site: string) => world.networks[site]?.ipam.config[0]?.subnet
  const link = world.services['link-east-west']
  expect(link).toMatchObject({
    sysctls: { 'net.ipv4.ip_forward': 1 },
    labels: {
      'blackstart.link.via': 'route',
      'blackstart.link.latency-ms': '0',
      'blackstart.link.subnets': `east=${subnet('east')},west=${subnet('west')}`,
    },
    environment: { ADDRESSES: '', PROXIES: '[\n\n]' },
  })
  const api = world.services['api-1']
  expect(api?.extra_hosts).toContain(`db-2:${world.services['db-2']?.networks['west']?.ipv4_address}`)
  expect(api?.labels['blackstart.routes']).toBe(`${subnet('west')} via ${link?.networks['east']?.ipv4_address}`)
  expect(world.services['gateway']?.labels).not.toHaveProperty('blackstart.routes')
  expect(world.notes.join('\n')).toMatch(/link-east-west routes packets, and adds no latency/)
})

test('a network trusts the bridges from which links route to it, by names that a machine has once', () => {
  const world = worldOf(shopConfig, { ...shopWorld, links: { 'east-west': { via: 'route' } } })
  const options = (site: string) => world.networks[site]?.driver_opts ?? {}
  const name = (site: string) => options(site)['com.docker.network.bridge.name']
  const trusted = (site: string) => options(site)['com.docker.network.bridge.trusted_host_interfaces']
  expect([trusted('east'), trusted('west')]).toEqual([name('west'), name('east')])
  expect(name('east')).toMatch(/^bs-[0-9a-f]{8}$/)
  expect(name('east')).not.toBe(name('west'))
  // Links that relay connect from an address of the bridge itself.
  expect(options('edge')).toEqual({})
})

test('clients have an edge of their own where the file has none', () => {
  const { edge: _, ...sites } = shopWorld.sites
  const world = worldOf(shopConfig, {
    ...shopWorld,
    sites: { ...sites, west: { services: ['api-2', 'db-2', 'gateway'] } },
  })
  expect(Object.keys(world.services)).toContain('link-west-edge')
  const entry = world.services['gateway']?.labels['blackstart.router.entry'] ?? ''
  const proxies = world.services['link-west-edge']?.environment['PROXIES'] ?? ''
  expect(proxies).toContain(`"listen":"${new URL(entry).host}","upstream":"gateway.direct:8080"`)
})

test('replicas become services of their own, all under their old name too', () => {
  const config = { name: 'r', services: { web: { image: 'nginx', deploy: { replicas: 2 } }, db: { image: 'redis' } } }
  const file = (web: object) => worldFileSchema.parse({ sites: { east: { services: ['db'] }, ...web } })
  const apart = worldOf(config, file({ west: { services: ['web-1'] }, north: { services: ['web-2'] } }))
  expect(apart.services['db']?.extra_hosts.filter((entry) => entry.startsWith('web:'))).toHaveLength(2)
  expect(Object.keys(worldOf(config, file({ west: { services: ['web'] } })).services)).toContain('web-2')
  const built = { ...config, services: { ...config.services, web: { build: { context: '/x' }, scale: 2 } } }
  expect(worldOf(built, file({ west: { services: ['web'] } })).services['web-2']?.image).toBe('r-web')
})

test('a site keeps its kind under another name', () => {
  const config = { name: 'k', services: { a: { image: 'x' }, b: { image: 'x' } } }
  const sites = { here: { services: ['a'] }, dmz: { kind: 'edge', services: ['b'] } }
  const { services } = worldOf(config, worldFileSchema.parse({ sites }))
  const nodes = ['a', 'b'].map((name) => ({ service: name, labels: services[name]?.labels ?? {}, endpoints: {} }))
  expect(topologyFromLabels('w', nodes).sites).toEqual([
    { name: 'dmz', kind: 'edge' },
    { name: 'here', kind: 'region' },
  ])
})

test('many services make the network larger', () => {
  const names = Array.from({ length: 60 }, (_, index) => `s${index}`)
  const config = { name: 'many', services: Object.fromEntries(names.map((name) => [name, { image: 'x' }])) }
  const sites = { a: { services: names.slice(0, 30) }, b: { services: names.slice(30) }, c: { services: [] } }
  expect(networkLength(config, worldFileSchema.parse({ sites }))).toBeLessThan(24)
})

test("the key that names a group's primary is that of all members of the DCS; where there is none, they tell nothing", () => {
  const keyOf = (leaderKey?: string) => {
    const sites = { a: { services: ['db', 'etcd'] } }
    const databases = [{ nodes: ['db'], engine: 'patroni', ...(leaderKey && { leaderKey }) }]
    const world = worldFileSchema.parse({ sites, databases, roles: { etcd: 'dcs' } })
    const config = { name: 'x', services: { db: { image: 'patroni' }, etcd: { image: 'etcd' } } }
    return worldOf(config, world).services['etcd']?.labels['blackstart.dcs.leader-key']
  }
  expect(keyOf('/service/x/leader')).toBe('/service/x/leader')
  expect(keyOf()).toBe('')
})

test.for([
  [
    'a service that the file places nowhere',
    (it: WorldFile) => ({ ...it, sites: { ...it.sites, edge: {} } }),
    /does not say where gateway stands/,
  ],
  [
    'a service at two sites',
    (it: WorldFile) => ({ ...it, sites: { ...it.sites, north: { services: ['db-1'] } } }),
    /db-1 at east and at north/,
  ],
  [
    'a name that is no service',
    (it: WorldFile) => ({ ...it, sites: { ...it.sites, north: { services: ['db-3'] } } }),
    /"db-3", which is no service; did you mean "db-1"/,
  ],
  [
    'clients that enter nowhere',
    (it: WorldFile) => ({ ...it, clients: { enter: ['http://gatway:80'] } }),
    /no service is called "gatway"; did you mean "gateway"/,
  ],
  [
    'a link that there cannot be',
    (it: WorldFile) => ({ ...it, links: { 'east-wset': {} } }),
    /no link "east-wset"; did you mean "east-west"/,
  ],
] as const)('%s is refused with what to write', ([, change, words]) => {
  expect(() => worldOf(shopConfig, change(shopWorld) as WorldFile)).toThrow(words)
})

test('a service on the network of the machine is refused: no link could hold it', () => {
  const config = structuredClone(shopConfig)
  Object.assign(config.services['api-1'], { network_mode: 'host' })
  expect(() => worldOf(config)).toThrow(/api-1 has network_mode: host/)
})
