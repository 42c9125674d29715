// Goal: adopt --check says without an engine what `up` would refuse, at its place in the file, and what is otherwise than
// in the user's own system.
// Method: the world files that adopt writes for tests/compose, each with one mistake put in.
import { describe, expect, test } from 'vitest'
import { checkWorld } from '../../../chaos/adopt/check.ts'
import { draftOf } from '../../../chaos/adopt/draft.ts'
import type { WorldFile } from '../../../chaos/worldfile/schema.ts'
import { pathWords } from '../../../chaos/yaml/shape.ts'
import { recorded, stacks } from '../../compose/stacks.ts'

function checked(name: string, change: (world: WorldFile) => void = () => undefined) {
  const stack = stacks.find((each) => each.name === name)
  const { config } = recorded(stack?.folder ?? '')
  const { world } = draftOf(config, { compose: stack?.files ?? [] })
  change(world)
  const { problems, notes } = checkWorld(world, config)
  return { problems: problems.map(({ path, message }) => `${pathWords(path)}: ${message}`), notes }
}

describe('refused', () => {
  test.each<[string, string, (world: WorldFile) => void, string[]]>([
    [
      'a service that is none',
      'galera',
      (world) => world.sites['east']?.services?.push('galera-4'),
      ['sites.east.services[2]: galera-4 is no service of the Compose file; did you mean "galera-1"?'],
    ],
    [
      'a service at no site',
      'galera',
      (world) => delete world.sites['witness'],
      ['sites: galera-3 stands at no site: add it to one of east, west, edge'],
    ],
    [
      'a typing error is one mistake',
      'postgres-streaming',
      (world) => Object.assign(world.sites, { edge: { services: ['ngnix'] } }),
      ['sites.edge.services[0]: ngnix is no service of the Compose file; did you mean "nginx"?'],
    ],
    [
      'a database',
      'galera',
      (world) => world.databases[0]?.nodes.push('galera'),
      ['databases[0].nodes[3]: galera is no service of the Compose file'],
    ],
    [
      'an entry',
      'galera',
      (world) => world.clients?.enter.push('http://cady'),
      ['clients.enter[1]: http://cady: "cady" is no service of the Compose file; did you mean "caddy"?'],
    ],
    [
      'ports and roles of nobody',
      'galera',
      (world) => Object.assign(world, { ports: { api: [1] }, roles: { cady: 'router' } }),
      ['ports.api: api is no service', 'roles.cady: cady is no service'],
    ],
    [
      "the host's network",
      'host-network',
      (world) => Object.assign(world, { leaveOut: [] }, world.sites['east']?.services?.push('node-exporter')),
      [
        'sites.east.services[1]: node-exporter has network_mode: host, so no link can stand between it and other sites: name it under "leaveOut"',
      ],
    ],
    [
      'a sidecar elsewhere',
      'host-network',
      (world) => {
        world.sites['west'] = { services: ['api-west'] }
        world.sites['east']?.services?.push('sidecar')
      },
      ['sites.east.services[1]: sidecar shares the network of api-west, which stands at west: put it there, too'],
    ],
    [
      'left out and somewhere',
      'galera',
      (world) => Object.assign(world, { leaveOut: ['galera-2'] }),
      ['leaveOut[0]: galera-2 stands at west, and is left out: one or the other'],
    ],
  ])('%s', (_what, name, change, expected) => {
    const { problems } = checked(name, change)
    expect(problems).toHaveLength(expected.length)
    for (const [index, start] of expected.entries()) expect(problems[index]).toContain(start)
  })

  test('a replica by its own name, and all of them by that of the service', () => {
    const whole = checked('replicas', (world) => {
      world.sites['east'] = { services: ['db', 'web'] }
      world.sites['west'] = {}
    })
    expect(whole.problems).toEqual([])
    const strange = checked('replicas', (world) => world.sites['east']?.services?.push('web-4'))
    expect(strange.problems[0]).toContain('web-4 is no service of the Compose file')
  })
})

test.each([
  ['three-tier', 'db keeps data in your folder /project/mysql: the world has an empty volume of its own instead'],
  ['three-tier', 'migrate does its work and ends: no fault acts on it'],
  ['three-tier', 'container_name (shop_backend): others reach them by that name'],
  ['several-files', "traefik has Docker's own socket"],
  ['several-files', 'network backbone is external'],
  ['replicas', 'web has 3 replicas: here they are web-1 to web-3'],
  ['replicas', 'volume uploads is one disk of web-1 and web-2 and web-3'],
])('%s: %s', (name, note) => {
  expect(checked(name).notes).toContainEqual(expect.stringContaining(note))
})

test('a connection to another site that no link would carry is named, with what to write', () => {
  const { notes } = checked('galera', (world) => {
    world.databases = []
    world.ports = { 'galera-2': [4567] }
  })
  expect(notes).toContain(
    'api-1 speaks to galera-2:3306, which no link carries: add it to "ports": { galera-2: [3306] }',
  )
})

test('what only the generator finds out is a problem, too', () => {
  const { config } = recorded(stacks.find(({ name }) => name === 'nats')?.folder ?? '')
  const text = JSON.stringify(config).replaceAll('nats-c', 'link-east-west')
  const { world } = draftOf(JSON.parse(text), { compose: ['compose.yml'] })
  const { problems } = checkWorld(world, JSON.parse(text))
  expect(problems.map(({ message }) => message)).toEqual([
    'link-east-west has a name that the world needs for a container of its own: rename it',
  ])
})

test('a replica with the name of another service is refused', () => {
  const services = { web: { image: 'web', scale: 2 }, 'web-2': { image: 'web' } }
  const given = { name: 'x', services }
  const { world } = draftOf(given, { compose: ['compose.yml'] })
  expect(checkWorld(world, given).problems).toEqual([
    { path: [], message: 'web has 2 replicas, and one would be called web-2, which is a service: rename it' },
  ])
})
