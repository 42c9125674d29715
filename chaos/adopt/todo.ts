/** What only the user knows, with lines to start from. */
import type { DatabaseGuess } from './databases.ts'
import type { Member, Placing } from './places.ts'

/** What the file cannot say: a comment where it belongs. */
export interface Todo {
  /** The key of the world file that it concerns. */
  key: 'sites' | 'links' | 'clients' | 'databases' | 'audit' | 'ports'
  text: string
  /** Lines to start from. */
  example?: string
}

interface Known {
  members: readonly Member[]
  placing: Placing
  databases: readonly DatabaseGuess[]
  enter: readonly string[]
}

export function todoFor({ members, placing, databases, enter }: Known): Todo[] {
  const regions = placing.sites.filter((site) => site !== 'edge' && site !== 'witness')
  const found: Todo[] = []
  if (regions.length < 2)
    found.push({
      key: 'sites',
      text: 'No service exists twice, so there is no second region to fail over to. Add a second one of each to the Compose file.',
    })
  else if (placing.invented)
    found.push({
      key: 'sites',
      text: `The Compose file names no regions: ${regions.join(' and ')} are made up. Check who stands where, or say it: npx blackstart adopt --force ${regions.map((region) => `--region ${region}=${someAt(region, { members, placing }).join(',')}`).join(' ')}`,
    })
  if (regions.length > 1) found.push(...alone({ members, placing }))
  if (enter.length === 0)
    found.push({
      key: 'clients',
      text: 'Where clients enter: the address of a service and its port.',
      example: 'clients:\n  enter: [http://gateway:8080]',
    })
  else
    found.push({
      key: 'clients',
      text: 'What your clients ask. Without writes, no loss can be found: replace this by requests of yours, such as',
      example: requestsExample,
    })
  found.push({
    key: 'audit',
    text: 'How stored writes are read back. Without it, the verdict says that losses were not looked for:',
    example: auditExample(databases),
  })
  found.push(
    ...databases.flatMap(({ todo }) =>
      todo.map((text): Todo => ({ key: 'databases', text: `${text.charAt(0).toUpperCase()}${text.slice(1)}.` })),
    ),
  )
  const unread = members.find(({ kind }) => ['nats', 'cluster', 'consul', 'zookeeper'].includes(kind))
  if (unread)
    found.push({
      key: 'databases',
      text: `Blackstart does not ask ${unread.imageWords || unread.name} for its state: what clients get decides, and who has which role is not observed.`,
    })
  return found
}

/** Two services of a region, of different kinds where there are such: enough to see how they are said. */
function someAt(region: string, { members, placing }: Pick<Known, 'members' | 'placing'>): string[] {
  const there = members.filter(({ name }) => placing.places.get(name)?.is.site === region)
  const [first] = there
  const second = there.find(({ kind }) => kind !== first?.kind) ?? there[1]
  return [first, second].flatMap((member) => member?.name ?? [])
}

/** Applications of which there is only one: with their region they are gone. */
function alone({ members, placing }: Pick<Known, 'members' | 'placing'>): Todo[] {
  const apps = members.filter(({ kind }) => kind === 'app')
  const sites = [...new Set(apps.map(({ name }) => placing.places.get(name)?.is.site))]
  const [site] = sites
  return sites.length === 1 && site !== undefined
    ? [
        {
          key: 'sites',
          text: `${apps.map(({ name }) => name).join(', ')} ${apps.length === 1 ? 'stands' : 'stand'} at ${site} alone: when ${site} is lost, nothing answers in its place. Add a second one to the Compose file, for another region.`,
        },
      ]
    : []
}

const requestsExample = `- { name: put, share: 0.5, write: true, method: PUT, path: '/items/{{key}}', body: '{"n":{{n}}}' }
- { name: get, share: 0.5, path: '/items/{{recentKey}}' }`

function auditExample([first]: readonly DatabaseGuess[]): string {
  switch (first?.databases.engine) {
    case undefined:
    case 'http':
      return `audit:\n  writes: { http: { path: '/items/{{key}}', present: 200 } }`
    case 'redis':
      return `audit:\n  writes: { redis: { key: 'item:{{key}}' } }`
    case 'mariadb':
      return `audit:\n  writes: { sql: "SELECT name AS \`key\` FROM items WHERE name LIKE CONCAT(?, '%')" }`
    default:
      return `audit:\n  writes: { sql: "SELECT name AS key FROM items WHERE name LIKE $1 || '%'" }`
  }
}
