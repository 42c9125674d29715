/** Mistakes in a world file that its schema cannot find. They need no Compose file to be found. */
import { withNearest } from '../errors.ts'
import type { Mistake } from '../yaml/document.ts'
import type { WorldFile } from './schema.ts'
import { pathsOf, siteNamesOf } from './sites.ts'

export function senselessIn(world: WorldFile): Mistake[] {
  return [...inSites(world), ...inLinks(world), ...inClients(world), ...inDatabases(world)]
}

function inSites(world: WorldFile): Mistake[] {
  if (Object.keys(world.sites).length === 0)
    return [
      { path: ['sites'], message: 'sites is empty: a world has at least one, such as east: { services: [db-1] }' },
    ]
  return [...pathsOf(world)].flatMap(([service, [first, ...others]]) =>
    others.map(({ path }) => ({
      path,
      message: `${service} stands at ${first?.words} already: it can be at one place only`,
    })),
  )
}

function inLinks(world: WorldFile): Mistake[] {
  const { links } = world
  const names = siteNamesOf(world)
  const pairs = names.flatMap((a, index) => names.slice(index + 1).map((b): [string, string] => [a, b]))
  const nameOf = (pair: readonly string[]) => pair.join('-')
  return Object.keys(links).flatMap((name): Mistake[] => {
    const path = ['links', name]
    const pair = pairs.find(([a, b]) => [nameOf([a, b]), nameOf([b, a])].includes(name))
    const otherName = pair && nameOf(pair) !== name ? nameOf(pair) : undefined
    if (otherName !== undefined && otherName in links)
      return [{ path, at: 'key', message: `"${name}" and "${otherName}" are one link: keep one of them` }]
    if (pair !== undefined || name === 'default') return []
    return [
      {
        path,
        at: 'key',
        message: withNearest(`"${name}" joins no two sites of this file`, name, ['default', ...pairs.map(nameOf)]),
      },
    ]
  })
}

function inClients({ clients, audit, databases }: WorldFile): Mistake[] {
  const { requests, script } = clients ?? {}
  const found: Mistake[] = []
  if (requests && script !== undefined)
    found.push({
      path: ['clients', 'script'],
      at: 'key',
      message: 'clients have either requests or a script, not both',
    })
  const total = (requests ?? []).reduce((sum, { share }) => sum + share, 0)
  if (requests && Math.abs(total - 1) > 1e-6)
    found.push({
      path: ['clients', 'requests'],
      at: 'key',
      message: `the shares of all requests sum to 1, but these sum to ${Number(total.toFixed(6))}`,
    })
  for (const [index, { name, write, method }] of (requests ?? []).entries()) {
    const path = ['clients', 'requests', index]
    if (requests?.findIndex((other) => other.name === name) !== index)
      found.push({ path: [...path, 'name'], message: `a request called "${name}" is there already` })
    if (write && (method === 'GET' || method === 'HEAD'))
      found.push({
        path,
        message: `${name} is a write, but a ${method} request writes nothing: give it a method, such as PUT`,
      })
  }
  if (audit && 'sql' in audit.writes && !databases.some(({ engine }) => engine !== 'redis' && engine !== 'http'))
    found.push({
      path: ['audit', 'writes', 'sql'],
      at: 'key',
      message: 'no database of this file answers SQL: name some under "databases"',
    })
  if (audit && 'redis' in audit.writes && !databases.some(({ engine }) => engine === 'redis'))
    found.push({
      path: ['audit', 'writes', 'redis'],
      at: 'key',
      message: 'no database of this file is of engine "redis": name some under "databases"',
    })
  if (audit?.invariants && !databases.some(({ engine }) => engine !== 'redis' && engine !== 'http'))
    found.push({
      path: ['audit', 'invariants', 'sql'],
      at: 'key',
      message:
        'no database of this file answers SQL, so nobody can be asked for invariants: name some under "databases"',
    })
  return found
}

function inDatabases({ databases }: WorldFile): Mistake[] {
  return databases.flatMap(({ engine, http, nodes }, index) => {
    const path = ['databases', index]
    const found: Mistake[] = []
    if (engine === 'http' && !http)
      found.push({
        path: [...path, 'engine'],
        message: 'engine "http" needs "http": { path, json, primary }, where a member says its role',
      })
    if (engine !== 'http' && http)
      found.push({ path: [...path, 'http'], at: 'key', message: `"http" belongs to engine "http", not to "${engine}"` })
    for (const [position, node] of nodes.entries())
      if (databases.slice(0, index).some((other) => other.nodes.includes(node)) || nodes.indexOf(node) !== position)
        found.push({ path: [...path, 'nodes', position], message: `${node} is named as a database already` })
    return found
  })
}
