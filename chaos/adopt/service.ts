/** What adopt reads of one service, beyond what a world is generated from. */
import type { Config, ConfigService } from '../generate/config.ts'

export interface Seen {
  name: string
  given: ConfigService
  /** The last part of the image's name, without its tag: "postgres" of "docker.io/library/postgres:17". */
  image: string
  /** The image's name as it is written; the service's own where it is built. */
  imageWords: string
  environment: Record<string, string>
  /** Entry point and command in one text. */
  command: string
  health: string
  /** What it has of the Compose file's own configs, in one text. */
  configs: string
  labels: Record<string, string>
  needs: string[]
  profiles: string[]
  networks: string[]
  replicas: number
}

export function servicesOf(config: Config): Seen[] {
  return Object.entries(config.services)
    .map(([name, given]) => seen(name, given, config.configs ?? {}))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

function seen(name: string, given: ConfigService, configs: Record<string, unknown>): Seen {
  return {
    name,
    given,
    image: /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(given.image ?? '')?.[1]?.toLowerCase() ?? '',
    imageWords: given.image ?? '',
    environment: textMap(given['environment']),
    command: [given['entrypoint'], given['command']].flat().filter(isText).join(' '),
    health: [inside(given['healthcheck'], 'test')].flat().filter(isText).join(' '),
    configs: [given['configs']]
      .flat()
      .map((config) => inside(configs[String(inside(config, 'source'))], 'content'))
      .filter(isText)
      .join('\n'),
    labels: textMap(given.labels),
    needs: Object.keys(given.depends_on ?? {}),
    profiles: [given['profiles']].flat().filter(isText),
    networks: Object.keys(given.networks ?? {}),
    replicas: given.scale ?? given.deploy?.replicas ?? 1,
  }
}

/** Compose 2.17 gives some maps as lists of "name=value". */
function textMap(value: unknown): Record<string, string> {
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.filter(isText).map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)])
    : Object.entries(typeof value === 'object' && value !== null ? value : {})
  return Object.fromEntries(entries.map(([name, text]) => [name, text === null ? '' : String(text)]))
}

function inside(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** Services that others wait for until they have done their work. */
export function jobsOf(services: readonly Seen[]): Set<string> {
  return new Set(
    services.flatMap(({ given }) =>
      Object.entries(given.depends_on ?? {}).flatMap(([name, { condition }]) =>
        condition === 'service_completed_successfully' ? [name] : [],
      ),
    ),
  )
}

/** The first of these variables that has a value. */
export function variableIn(
  environment: Record<string, string>,
  names: readonly string[],
): { name: string; value: string } | undefined {
  const name = names.find((each) => (environment[each] ?? '') !== '')
  return name === undefined ? undefined : { name, value: environment[name] ?? '' }
}
