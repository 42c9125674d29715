import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { BoundedPool } from './database/pool.ts'
import { applySchema } from './database/schema.ts'
import { buildApp } from './http/app.ts'
import { Metrics } from './http/metrics.ts'
import { SqlLedger } from './ledger.ts'
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
  const pool = (
    name: 'write' | 'read' | 'readiness',
    url: string,
    connectionsMax: number,
    limitMs: number,
  ): BoundedPool =>
    new BoundedPool({
      url,
      applicationName: `ledger ${config.node} ${name}`,
      connectionsMax,
      limitMs,
      lifetimeSeconds: name === 'write' ? 300 : 30,
      onError: (error) => {
        metrics.idleError(name)
        server.log.debug({ pool: name, reason: error.message }, 'an idle database connection broke')
      },
    })
  const writes = pool('write', config.databaseWriteUrl, config.poolWriteMax, config.writeDeadlineMs)
  const reads = pool('read', config.databaseReadUrl, config.poolReadMax, config.readDeadlineMs)
  const probes = pool('readiness', config.databaseReadUrl, 1, 1_500)

  const readiness = new Readiness({
    reads: probes,
    // Routers send a fresh replica requests at once, and a connection takes several round trips and a new server
    // process.
    warmUp: async () => {
      await Promise.all([writes.warm(4), reads.warm(2)])
    },
    onChange: (status) => {
      if (status.ready) server.log.info({ database: status.answeredBy }, 'ready')
      else server.log.warn({ code: status.code, reason: status.reason }, 'not ready')
    },
  })
  const ledger = new SqlLedger({
    writes,
    reads,
    writeDeadlineMs: config.writeDeadlineMs,
    readDeadlineMs: config.readDeadlineMs,
    onAttempt: (name, result) => metrics.attempt(name, result),
  })
  const stores =
    config.store &&
    openStores(config.store, (which, isAway) => {
      if (isAway) server.log.warn({ store: which }, 'the store is away')
      else server.log.info({ store: which }, 'the store is back')
    })
  const cache = stores && new AccountCache({ ...stores, onRead: (result) => metrics.cacheRead(result) })
  const sessions = new Sessions(stores?.primary, (result) => metrics.session(result))
  const { server, inFlight } = buildApp({ config, ledger, cache, sessions, readiness, metrics })
  metrics.observe({
    inFlight: () => inFlight.count,
    ready: () => readiness.status.ready,
    pools: () => [
      ['write', writes.counts],
      ['read', reads.counts],
      ['readiness', probes.counts],
    ],
  })

  const stopping = new AbortController()
  const applyingSchema = async (): Promise<void> => {
    const applied = await applySchema({
      url: config.databaseWriteUrl,
      applicationName: `ledger ${config.node} schema`,
      signal: stopping.signal,
      onFailure: (reason) => server.log.warn({ reason }, 'the schema cannot be applied yet; trying on'),
    })
    if (applied) server.log.info('the schema is applied')
  }

  return {
    log: server.log,
    async start() {
      const address = await server.listen({ host: config.host, port: config.port })
      readiness.start()
      void applyingSchema()
      return address
    },
    async drain() {
      readiness.drain()
      stopping.abort()
      await pause(config.drainNoticeMs)
      const closed = server.close().then(() => 0)
      const cutOff = pause(config.drainLimitMs).then(() => {
        // At least one connection is left, if only one on which a request was still arriving.
        const left = Math.max(1, inFlight.count)
        server.server.closeAllConnections()
        return left
      })
      const left = await Promise.race([closed, cutOff])
      stores?.end()
      await Promise.all([readiness.stop(), ...[writes, reads, probes].map((each) => each.end(500))])
      return left
    },
  }
}

function pause(durationMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, durationMs)
  return promise
}
