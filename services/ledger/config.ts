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

/**
 * Reads the settings from `env`. Empty values count as absent.
 * @throws ConfigError when a setting is missing or out of bounds
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const given = (name: string): string | undefined => env[name]?.trim() || undefined
  // A password may begin and end with spaces.
  const secret = (name: string): string | undefined => env[name] || undefined

  // The names travel in response headers, so they must be plain tokens.
  const token = (name: string): string => {
    const value = given(name)
    if (value === undefined) problems.push(`${name} is missing`)
    else if (!/^[A-Za-z0-9._-]{1,64}$/.test(value))
      problems.push(`${name} must be 1 to 64 of [A-Za-z0-9._-], not "${value}"`)
    return value ?? ''
  }

  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const text = given(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max) {
      problems.push(`${name} must be a whole number from ${min} to ${max}, not "${text}"`)
    }
    return value
  }

  const databaseUrl = (name: string): string => {
    const text = given(name)
    if (text === undefined) {
      problems.push(`${name} is missing`)
      return ''
    }
    // Never repeat the value in the message: it may hold a password.
    const url = URL.parse(text)
    if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol) || url.hostname === '') {
      problems.push(`${name} must be a URL like postgres://user:password@host:5432/database`)
      return text
    }
    const password = secret('DATABASE_PASSWORD')
    if (password === undefined) return text
    url.password = encodeURIComponent(password)
    return url.href
  }

  const endpoints = (name: string): Endpoint[] =>
    (given(name)?.split(',') ?? []).flatMap((text) => {
      const [, host, port] = /^([A-Za-z0-9._-]{1,253}):(\d{1,5})$/.exec(text.trim()) ?? []
      if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return [{ host, port: Number(port) }]
      problems.push(`${name} must be like host:port, not "${text}"`)
      return []
    })

  const store = (): StoreConfig | undefined => {
    const sentinels = endpoints('STORE_SENTINELS')
    const [near, another] = endpoints('STORE_NEAR')
    if (another) problems.push('STORE_NEAR must be one node')
    if (near && given('STORE_SENTINELS') === undefined) problems.push('STORE_NEAR is of no use without STORE_SENTINELS')
    return sentinels.length > 0
      ? { sentinels, name: given('STORE_NAME') ?? 'ledger', password: secret('STORE_PASSWORD'), near }
      : undefined
  }

  const logLevel = given('LOG_LEVEL') ?? 'info'
  if (!LOG_LEVELS.includes(logLevel))
    problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}"`)

  const config: Config = {
    region: token('REGION'),
    zone: token('ZONE'),
    node: token('NODE'),
    host: given('HOST') ?? '0.0.0.0',
    port: integer('PORT', 8080, 0, 65_535),
    databaseWriteUrl: databaseUrl('DATABASE_WRITE_URL'),
    databaseReadUrl: databaseUrl('DATABASE_READ_URL'),
    writeDeadlineMs: integer('WRITE_DEADLINE_MS', 2_000, 10, 60_000),
    readDeadlineMs: integer('READ_DEADLINE_MS', 1_000, 10, 60_000),
    poolWriteMax: integer('POOL_WRITE_MAX', 16, 1, 500),
    poolReadMax: integer('POOL_READ_MAX', 6, 1, 500),
    queueMax: integer('QUEUE_MAX', 1_000, 1, 100_000),
    drainNoticeMs: integer('DRAIN_NOTICE_MS', 1_000, 0, 600_000),
    drainLimitMs: integer('DRAIN_LIMIT_MS', 30_000, 0, 600_000),
    logLevel,
    store: store(),
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}
