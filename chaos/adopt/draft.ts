/**
 * A first `blackstart.yaml` from a Compose file: what can be guessed, each with its reason, and what only the user
 * knows.
 */
import { UsageError } from '../errors.ts'
import { type Config, type ConfigService, configSchema } from '../generate/config.ts'
import { type ClientRequest, type WorldFile, worldFileSchema } from '../worldfile/schema.ts'
import { type DatabaseGuess, databasesIn, hasSql, type RawVariables } from './databases.ts'
import { entriesOf } from './entries.ts'
import { type Kind, kindOf, tellAddresses } from './kinds.ts'
import { type Member, type Placing, placesFor } from './places.ts'
import { mentionsIn, portsUnseen } from './ports.ts'
import { jobsOf, type Seen, servicesOf } from './service.ts'
import { type Todo, todoFor } from './todo.ts'

export interface Reason {
  /** What was guessed: "db-1", "links". */
  about: string
  guess: string
  because: string
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

/**
 * @param given of `docker compose config --format json`
 * @throws UsageError where there is nothing to place
 */
export function draftOf(given: unknown, options: DraftOptions): Draft {
  const config: Config = configSchema.parse(given)
  const all = servicesOf(config)
  const outside = all.filter(({ given }) => isOutside(given))
  const services = all.filter(({ given }) => !isOutside(given))
  if (services.length === 0)
    throw new UsageError(
      all.length === 0
        ? `${options.compose.join(', ')} has no service, or only such as need a profile: name it with --profile`
        : `${all.map(({ name }) => name).join(', ')}: all services are on a network of this machine, which no link can divide: give them one in the Compose file`,
    )
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
    ...(outside.length > 0 && { leaveOut: outside.map(({ name }) => name) }),
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
      ...outside.map(({ name, given }) => ({
        about: name,
        guess: 'left out',
        because: `it has network_mode: ${given.network_mode}, and no link can stand before it`,
      })),
      ...databases.flatMap((guess) => databaseReasons(guess, databases.length > 1)),
      ...links.reasons,
      ...entries.reasons,
      ...[...ports].map(([name, { is, because }]) => ({ about: name, guess: `port ${is.join(', ')}`, because })),
    ],
    todo: todoFor({ members, placing, databases, enter: entries.enter }),
  }
}

/** On a network that no link can divide. */
function isOutside({ network_mode }: ConfigService): boolean {
  return network_mode !== undefined && network_mode !== 'none' && !network_mode.startsWith('service:')
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
  const tellers = members.filter(({ kind }) => tellAddresses.includes(kind))
  const teller = tellers.find((member) => !tellsNames(member))
  const reason = (guess: string, because: string): Reason[] => [{ about: 'links', guess, because }]
  if (teller === undefined) {
    const reasons = tellers.length === 0 ? [] : reason('via proxy', namesWords)
    return { world: { default: { via: 'proxy' } }, reasons }
  }
  const { kind, name } = teller
  const what = kind === 'sentinel' ? 'Redis with Sentinel' : kind === 'cluster' ? 'such a cluster' : kind
  return {
    world: { default: { via: 'route' } },
    reasons: reason(
      'via route',
      `members of ${what} (${name}) tell each other their addresses, which a relayed connection would not have`,
    ),
  }
}

const namesWords = 'members of Redis with Sentinel tell each other names (announce-hostnames yes)'

/** A name leads to a relayed connection as well as to its own. */
function tellsNames({ kind, command, configs }: Member): boolean {
  return kind === 'sentinel' && /announce-hostnames\s+yes/.test(`${command}\n${configs}`)
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

function databaseReasons({ databases: { nodes }, because }: DatabaseGuess, isOneOfSeveral: boolean): Reason[] {
  return because.map((text) => {
    const [guess = '', ...why] = text.split(': ')
    return {
      about: isOneOfSeveral ? `databases (${nodes[0]}${nodes.length > 1 ? ', …' : ''})` : 'databases',
      guess,
      because: why.join(': '),
    }
  })
}
