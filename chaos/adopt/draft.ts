/**
 * A first `blackstart.yaml` from a Compose file: what can be guessed, each with its reason, and what only the user
 * knows.
 */
import { type Config, configSchema } from '../generate/config.ts'
import { type ClientRequest, type WorldFile, worldFileSchema } from '../worldfile/schema.ts'
import { type DatabaseGuess, databasesIn, hasSql, type RawVariables } from './databases.ts'
import { entriesOf } from './entries.ts'
import { type Kind, kindOf, tellAddresses } from './kinds.ts'
import { type Member, type Placing, placesFor } from './places.ts'
import { mentionsIn, portsUnseen } from './ports.ts'
import { jobsOf, type Seen, servicesOf } from './service.ts'

export interface Reason {
  /** What was guessed: "db-1", "links". */
  about: string
  guess: string
  because: string
}

/** What the file cannot say: a comment where it belongs. */
export interface Todo {
  /** The key of the world file that it concerns. */
  key: 'sites' | 'links' | 'clients' | 'databases' | 'audit' | 'ports'
  text: string
  /** Lines to start from. */
  example?: string
}

export interface Draft {
  world: WorldFile
  reasons: Reason[]
  todo: Todo[]
}

export interface DraftOptions {
  /** As the world file is to name them. */
  compose: readonly string[]
  profiles?: readonly string[]
  /** Service → region, as the user said. */
  chosen?: ReadonlyMap<string, string>
  raw?: RawVariables
  /** Where clients enter, as the user said. */
  enter?: readonly string[]
}

/** @param given of `docker compose config --format json` */
export function draftOf(given: unknown, options: DraftOptions): Draft {
  const config: Config = configSchema.parse(given)
  const services = servicesOf(config)
  const jobs = jobsOf(services)
  const kinds = new Map(services.map((service) => [service.name, kindOf(service, jobs)]))
  const members = services.flatMap((service) => membersOf(service, kinds.get(service.name)?.is ?? 'app'))
  const placing = placesFor(members, options.chosen ?? new Map())
  const databases = databasesIn(members, options.raw ?? new Map())
  const entries = entriesOf(members, options.enter ?? [])
  const links = linksFor(members)
  const base: WorldFile = worldFileSchema.parse({
    compose: options.compose.length === 1 ? options.compose[0] : options.compose,
    ...(options.profiles && options.profiles.length > 0 && { profiles: options.profiles }),
    sites: sitesOf(placing),
    links: links.world,
    roles: rolesOf(members),
    ...(entries.enter.length > 0 && { clients: { enter: entries.enter, requests: [firstRequest] } }),
    databases: databases.map((guess) => guess.databases),
    ...(entries.ready && { ready: { http: [entries.ready.is] } }),
  })
  const ports = portsUnseen(members, { world: base, mentions: mentionsIn(services) })
  return {
    world: { ...base, ports: Object.fromEntries([...ports].map(([name, { is }]) => [name, is])) },
    reasons: [
      ...placeReasons(members, { placing, kinds }),
      ...databases.flatMap((guess) => databaseReasons(guess)),
      ...links.reasons,
      ...entries.reasons,
      ...[...ports].map(([name, { is, because }]) => ({ about: name, guess: `port ${is.join(', ')}`, because })),
    ],
    todo: todoFor({ members, placing, databases, enter: entries.enter }),
  }
}

const firstRequest: Partial<ClientRequest> = { name: 'get', share: 1, method: 'GET', path: '/' }

/** Each replica of a service may stand elsewhere. */
function membersOf(service: Seen, kind: Kind): Member[] {
  const { name, replicas } = service
  return replicas === 1 || kind === 'job'
    ? [{ ...service, kind }]
    : Array.from({ length: replicas }, (_, index) => ({ ...service, kind, name: `${name}-${index + 1}`, of: name }))
}

function sitesOf({ sites, places }: Placing): Record<string, unknown> {
  return Object.fromEntries(
    sites.map((site) => {
      const here = [...places]
        .filter(([, { is }]) => is.site === site)
        .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      const zones = [...new Set(here.flatMap(([, { is }]) => (is.zone === undefined ? [] : [is.zone])))].toSorted()
      const inZone = (zone: string | undefined) => here.filter(([, { is }]) => is.zone === zone).map(([name]) => name)
      const others = inZone(undefined)
      return [
        site,
        {
          ...(others.length > 0 && { services: others }),
          ...(zones.length > 0 && { zones: Object.fromEntries(zones.map((zone) => [zone, inZone(zone)])) }),
        },
      ]
    }),
  )
}

function linksFor(members: readonly Member[]): { world: WorldFile['links']; reasons: Reason[] } {
  const teller = members.find(({ kind }) => tellAddresses.includes(kind))
  return teller === undefined
    ? { world: { default: { via: 'proxy' } }, reasons: [] }
    : {
        world: { default: { via: 'route' } },
        reasons: [
          {
            about: 'links',
            guess: 'via route',
            because: `members of ${teller.kind === 'sentinel' ? 'Redis with Sentinel' : teller.kind} (${teller.name}) tell each other their addresses, which a relayed connection would not have`,
          },
        ],
      }
}

function rolesOf(members: readonly Member[]): WorldFile['roles'] {
  const sql = hasSql(members)
  return Object.fromEntries(
    members.flatMap(({ name, kind }): [string, NonNullable<WorldFile['roles'][string]>][] => {
      if (kind === 'etcd') return [[name, 'dcs']]
      if (kind === 'monitor' || kind === 'garbd' || kind === 'sentinel') return [[name, 'arbiter']]
      if (kind === 'redis' && sql) return [[name, 'store']]
      return kind === 'http router' || kind === 'database router' ? [[name, 'router']] : []
    }),
  )
}

function placeReasons(
  members: readonly Member[],
  { placing, kinds }: { placing: Placing; kinds: ReadonlyMap<string, { is: Kind; because: string }> },
): Reason[] {
  return members.flatMap(({ name, of }) => {
    const place = placing.places.get(name)
    const kind = kinds.get(of ?? name)
    if (!place || !kind) return []
    const where = place.is.zone === undefined ? place.is.site : `${place.is.site}/${place.is.zone}`
    return [
      {
        about: name,
        guess: `${kind.is} at ${where}`,
        because: kind.is === 'app' ? place.because : `${kind.because}; ${place.because}`,
      },
    ]
  })
}

function databaseReasons({ databases: { nodes }, because }: DatabaseGuess): Reason[] {
  return because.map((text) => {
    const [guess = '', ...why] = text.split(': ')
    return { about: nodes.join(', '), guess, because: why.join(': ') }
  })
}

interface Known {
  members: readonly Member[]
  placing: Placing
  databases: readonly DatabaseGuess[]
  enter: readonly string[]
}

function todoFor({ members, placing, databases, enter }: Known): Todo[] {
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
      text: `The Compose file names no regions: ${regions.join(' and ')} are made up. Check who stands where, or say it: --region east=db-1,api-1`,
    })
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
  const unread = members.find(({ kind }) => ['nats', 'broker', 'consul', 'zookeeper'].includes(kind))
  if (unread)
    found.push({
      key: 'databases',
      text: `Blackstart asks no ${unread.kind} for its state (${unread.name}): what clients get decides, and roles are not observed.`,
    })
  return found
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
