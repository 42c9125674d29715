import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { BoundedPool } from './database/pool.ts'
import { applySchema } from './database/schema.ts'
import { buildApp } from './http/app.ts'
import type { InFlight } from './http/in-flight.ts'
import { Metrics } from './http/metrics.ts'
import { SqlLedger } from './ledger.ts'
import { Policies, policiesLimitMs } from './policies.ts'
import { Readiness } from './readiness.ts'
import { AccountCache } from './store/cache.ts'
import { openStores } from './store/open.ts'
import { Sessions } from './store/sessions.ts'

export interface Service {
  log: FastifyInstance['log']
  /** Listens at once; the database is waited for in the background. @returns the address, as a URL */
  start(): Promise<string>
  /**
   * Leaves without a client noticing: says "not ready" and serves on until routers have seen it, then stops listening
   * and finishes what is under way.
   * @returns how many requests were cut off after DRAIN_LIMIT_MS; normally 0
   */
  drain(): Promise<number>
}

/** Wires the parts together. Nothing but connecting to the store happens before `start`. */
export function createService(config: Config): Service {
  const metrics = new Metrics({ region: config.region, zone: config.zone, node: config.node })
  // The parts below write to a log that the last of them brings; they do so only once the service runs.
  const log = (): FastifyInstance['log'] => server.log
  const pools = openPools(config, metrics, log)
  const readiness = watchReadiness(pools, log)
  const policies = watchPolicies(config, pools, log)
  const ledger = new SqlLedger({
    writes: pools.write,
    reads: pools.read,
    writeDeadlineMs: config.writeDeadlineMs,
    readDeadlineMs: config.readDeadlineMs,
    onAttempt: (name, result) => {
      metrics.attempt(name, result)
      if (name === 'write' && result === 'ok') policies.used()
    },
  })
  const stores =
    config.store &&
    openStores(config.store, (which, isAway) => {
      if (isAway) log().warn({ store: which }, 'the store is away')
      else log().info({ store: which }, 'the store is back')
    })
  const cache = stores && new AccountCache({ ...stores, onRead: (result) => metrics.cacheRead(result) })
  const sessions = new Sessions(stores?.primary, (result) => metrics.session(result))
  const { server, inFlight } = buildApp({ config, ledger, cache, sessions, readiness, policies, metrics })
  metrics.observe({
    inFlight: () => inFlight.count,
    ready: () => readiness.status.ready && policies.known,
    pools: () => [
      ['write', pools.write.counts],
      ['read', pools.read.counts],
      ['readiness', pools.readiness.counts],
    ],
  })

  const stopping = new AbortController()
  return {
    log: server.log,
    async start() {
      const address = await server.listen({ host: config.host, port: config.port })
      readiness.start()
      policies.start()
      void applySchemaWhenPossible(config, server.log, stopping.signal)
      return address
    },
    async drain() {
      readiness.drain()
      stopping.abort()
      policies.stop()
      await pause(config.drainNoticeMs)
      const left = await closeWithin(server, inFlight, config.drainLimitMs)
      stores?.end()
      await Promise.all([readiness.stop(), ...Object.values(pools).map((pool) => pool.end(500))])
      return left
    },
  }
}

type PoolName = 'write' | 'read' | 'readiness' | 'policies'
type Pools = Record<PoolName, BoundedPool>
type Log = () => FastifyInstance['log']

function openPools(config: Config, metrics: Metrics, log: Log): Pools {
  const pool = (name: PoolName, url: string, connectionsMax: number, limitMs: number): BoundedPool =>
    new BoundedPool({
      url,
      applicationName: `ledger ${config.node} ${name}`,
      connectionsMax,
      limitMs,
      lifetimeSeconds: name === 'write' ? 300 : 30,
      onError: (error) => {
        metrics.idleError(name)
        log().debug({ pool: name, reason: error.message }, 'an idle database connection broke')
      },
    })
  return {
    write: pool('write', config.databaseWriteUrl, config.poolWriteMax, config.writeDeadlineMs),
    read: pool('read', config.databaseReadUrl, config.poolReadMax, config.readDeadlineMs),
    readiness: pool('readiness', config.databaseReadUrl, 1, 1_500),
    // One more than is used at a time: a read that was given up holds its connection until it is answered.
    policies: pool('policies', config.databaseWriteUrl, 2, policiesLimitMs),
  }
}

function watchReadiness(pools: Pools, log: Log): Readiness {
  return new Readiness({
    reads: pools.readiness,
    // Routers send a fresh replica requests at once, and a connection takes several round trips and a new server
    // process.
    warmUp: async () => {
      await Promise.all([pools.write.warm(4), pools.read.warm(2)])
    },
    onChange: (status) => {
      if (status.ready) log().info({ database: status.answeredBy }, 'ready')
      else log().warn({ code: status.code, reason: status.reason }, 'not ready')
    },
  })
}

function watchPolicies(config: Config, pools: Pools, log: Log): Policies {
  return new Policies({
    primary: pools.policies,
    count: config.policies,
    onChange: (reason) => {
      if (reason === undefined) log().info('the policies are known')
      else log().warn({ reason }, 'the policies are not known yet; trying on')
    },
  })
}

async function applySchemaWhenPossible(
  config: Config,
  log: FastifyInstance['log'],
  signal: AbortSignal,
): Promise<void> {
  const applied = await applySchema({
    url: config.databaseWriteUrl,
    applicationName: `ledger ${config.node} schema`,
    signal,
    onFailure: (reason) => log.warn({ reason }, 'the schema cannot be applied yet; trying on'),
  })
  if (applied) log.info('the schema is applied')
}

/** Stops listening and finishes what is under way. @returns how many requests were cut off at the limit */
async function closeWithin(server: FastifyInstance, inFlight: InFlight, limitMs: number): Promise<number> {
  const closed = server.close().then(() => 0)
  const cutOff = pause(limitMs).then(() => {
    // At least one connection is left, if only one on which a request was still arriving.
    const left = Math.max(1, inFlight.count)
    server.server.closeAllConnections()
    return left
  })
  return Promise.race([closed, cutOff])
}

function pause(durationMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, durationMs)
  return promise
}
