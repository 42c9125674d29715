import type { Endpoint } from './store/store.ts'

/** The store for the cache and the sessions. */
export interface StoreConfig {
  /** In the order in which they are asked. */
  sentinels: readonly Endpoint[]
  /** By which the sentinels know it. */
  name: string
  password?: string | undefined
  /** This region's own node, which answers reads. */
  near?: Endpoint | undefined
}

/** The service's settings, all from the environment, checked once at the start. */
export interface Config {
  region: string
  zone: string
  node: string
  host: string
  port: number
  databaseWriteUrl: string
  databaseReadUrl: string
  writeDeadlineMs: number
  readDeadlineMs: number
  poolWriteMax: number
  poolReadMax: number
  queueMax: number
  /** How many policies each replica reads before it answers clients. */
  policies: number
  drainNoticeMs: number
  drainLimitMs: number
  logLevel: string
  /** Absent where there is none to be used. */
  store?: StoreConfig | undefined
}

/** Thrown with every problem at once, so that one start shows all that must be put right. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`the environment is not usable: ${problems.join('; ')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings from `env`. Empty values count as absent.
 * @throws ConfigError when a setting is missing or out of bounds
 */
export function readConfig(env: Environment): Config {
  const settings = new Settings(env)
  const config: Config = {
    logLevel: settings.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    region: settings.token('REGION'),
    zone: settings.token('ZONE'),
    node: settings.token('NODE'),
    host: settings.given('HOST') ?? '0.0.0.0',
    port: settings.integer('PORT', 8080, 0, 65_535),
    databaseWriteUrl: settings.databaseUrl('DATABASE_WRITE_URL'),
    databaseReadUrl: settings.databaseUrl('DATABASE_READ_URL'),
    writeDeadlineMs: settings.integer('WRITE_DEADLINE_MS', 2_000, 10, 60_000),
    readDeadlineMs: settings.integer('READ_DEADLINE_MS', 1_000, 10, 60_000),
    poolWriteMax: settings.integer('POOL_WRITE_MAX', 16, 1, 500),
    poolReadMax: settings.integer('POOL_READ_MAX', 6, 1, 500),
    queueMax: settings.integer('QUEUE_MAX', 1_000, 1, 100_000),
    policies: settings.integer('POLICIES', 0, 0, 1_000),
    drainNoticeMs: settings.integer('DRAIN_NOTICE_MS', 1_000, 0, 600_000),
    drainLimitMs: settings.integer('DRAIN_LIMIT_MS', 30_000, 0, 600_000),
    store: storeIn(settings),
  }
  if (settings.problems.length > 0) throw new ConfigError(settings.problems)
  return config
}

function storeIn(settings: Settings): StoreConfig | undefined {
  const sentinels = settings.endpoints('STORE_SENTINELS')
  const [near, another] = settings.endpoints('STORE_NEAR')
  if (another) settings.problems.push('STORE_NEAR must be one node')
  if (near && settings.given('STORE_SENTINELS') === undefined)
    settings.problems.push('STORE_NEAR is of no use without STORE_SENTINELS')
  return sentinels.length > 0
    ? { sentinels, name: settings.given('STORE_NAME') ?? 'ledger', password: settings.secret('STORE_PASSWORD'), near }
    : undefined
}

/** Reads one setting at a time, and collects what is wrong with each. */
class Settings {
  readonly problems: string[] = []
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  given(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined
  }

  /** A password may begin and end with spaces. */
  secret(name: string): string | undefined {
    return this.#env[name] || undefined
  }

  oneOf(name: string, allowed: readonly string[], fallback: string): string {
    const value = this.given(name) ?? fallback
    if (!allowed.includes(value)) this.problems.push(`${name} must be one of ${allowed.join(', ')}, not "${value}"`)
    return value
  }

  /** A name that travels in response headers, so it must be a plain token. */
  token(name: string): string {
    const value = this.given(name)
    if (value === undefined) this.problems.push(`${name} is missing`)
    else if (!/^[A-Za-z0-9._-]{1,64}$/.test(value))
      this.problems.push(`${name} must be 1 to 64 of [A-Za-z0-9._-], not "${value}"`)
    return value ?? ''
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.given(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max) {
      this.problems.push(`${name} must be a whole number from ${min} to ${max}, not "${text}"`)
    }
    return value
  }

  databaseUrl(name: string): string {
    const text = this.given(name)
    if (text === undefined) {
      this.problems.push(`${name} is missing`)
      return ''
    }
    // Never repeat the value in the message: it may hold a password.
    const url = URL.parse(text)
    if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol) || url.hostname === '') {
      this.problems.push(`${name} must be a URL like postgres://user:password@host:5432/database`)
      return text
    }
    const password = this.secret('DATABASE_PASSWORD')
    if (password === undefined) return text
    url.password = encodeURIComponent(password)
    return url.href
  }

  endpoints(name: string): Endpoint[] {
    return (this.given(name)?.split(',') ?? []).flatMap((text) => {
      const [, host, port] = /^([A-Za-z0-9._-]{1,253}):(\d{1,5})$/.exec(text.trim()) ?? []
      if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return [{ host, port: Number(port) }]
      this.problems.push(`${name} must be like host:port, not "${text}"`)
      return []
    })
  }
}
