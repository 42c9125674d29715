import type { PoolClient, PoolConfig, QueryResult, QueryResultRow } from 'pg'
import { Pool } from 'pg'
import { LedgerClient } from './client.ts'
import { conclude, isDoubt, late, UnconfirmedCommit } from './failures.ts'

/**
 * A connection must be open within this time, in ms, whatever its request's deadline: one that arrives late serves the
 * next request.
 */
const connectLimitMs = 3_000
/** A connection that gives no answer for this long after its request gave up is cut off. */
const silenceLimitMs = 2_000
/**
 * A connection to a node that is not the primary is kept for this long, in ms. The router may have led to the node that
 * is being promoted. To ask that one again costs almost nothing, while a new connection costs it a process just when it
 * is busy.
 */
const notYetPrimaryMs = 1_000
/** A connection that answered within this time, in ms, does not lead to a node that is gone: that node is only slow. */
const provedMs = 500

export interface Statement {
  /** Prepared under this name once a connection. */
  name: string
  text: string
  values?: readonly unknown[]
}

export interface BoundedPoolOptions {
  url: string
  applicationName: string
  connectionsMax: number
  /** Limit for each statement on the server's side. */
  limitMs: number
  /** Connections older than this are replaced, so that after a recovery the nearest server gets its clients back. */
  lifetimeSeconds: number
  onError: (error: Error) => void
}

/** A pool in which nothing waits without a limit: not for a connection, not for an answer, not for the end. */
export class BoundedPool {
  readonly #pool: Pool
  /** Since when a connection has led to a node that is not the primary. */
  readonly #readOnlySinceMs = new WeakMap<PoolClient, number>()
  readonly #answeredAtMs = new WeakMap<PoolClient, number>()

  constructor(options: BoundedPoolOptions) {
    const config: PoolConfig = {
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.connectionsMax,
      connectionTimeoutMillis: connectLimitMs,
      // The server has the limit too: a statement that waits for a lock on behalf of a client that has left would hold
      // a backend.
      statement_timeout: options.limitMs,
      lock_timeout: options.limitMs,
      idleTimeoutMillis: 60_000,
      maxLifetimeSeconds: options.lifetimeSeconds,
      keepAlive: true,
      keepAliveInitialDelayMillis: 1_000,
      Client: LedgerClient,
    }
    this.#pool = new Pool(config)
    this.#pool.on('error', options.onError)
    this.#pool.on('connect', (client) => {
      this.#answeredAtMs.set(client, performance.now())
    })
  }

  get counts(): { total: number; idle: number; waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount }
  }

  /**
   * Runs one autocommit statement. Waiting for a connection and for the answer take `limitMs` together, and the
   * connection at most half of it. A statement that begins in the last moment would be cut off. Under overload every
   * request waits until it is nearly late, so every connection would be cut off before it is of use.
   * @param suspectMs the limit where the connection may lead to a node that is gone: it has not answered within the
   * last half second
   * @returns the rows
   * @throws UnconfirmedCommit when the commit came back with a warning about its replication
   * @throws QueryFailed in every other case
   */
  async run<Row extends QueryResultRow>(statement: Statement, limitMs: number, suspectMs = Infinity): Promise<Row[]> {
    const startedMs = performance.now()
    const suspectLimitMs = Math.min(limitMs, suspectMs)
    const client = await this.#acquire(suspectLimitMs / 2)
    const proved = performance.now() - (this.#answeredAtMs.get(client) ?? -Infinity) < provedMs
    const answerLimitMs = proved ? limitMs : suspectLimitMs

    let warning: string | undefined
    const onNotice = (notice: {
      code?: string | undefined
      severity?: string | undefined
      message?: string | undefined
    }): void => {
      if (isDoubt(notice)) warning = notice.message ?? notice.code ?? 'warning without a text'
    }
    const { name, text, values = [] } = statement
    client.on('notice', onNotice)
    const query = client.query<Row>({ name, text, values: [...values] })
    const outcome = await outcomeWithin(query, Math.max(1, startedMs + answerLimitMs - performance.now()))
    client.off('notice', onNotice)
    if (outcome === 'late') {
      void letFinish(client, query)
      throw late(`no answer from the database within ${Math.round(answerLimitMs)} ms`, true)
    }
    this.#answeredAtMs.set(client, performance.now())
    const failure =
      'error' in outcome
        ? conclude(outcome.error, true)
        : warning !== undefined
          ? new UnconfirmedCommit(warning)
          : undefined
    const spoilt = failure?.readOnly ? this.#isReadOnlyForTooLong(client) : (failure?.connectionSpoilt ?? false)
    if (!failure?.readOnly) this.#readOnlySinceMs.delete(client)
    if (spoilt) cutOff(client)
    client.release(spoilt)
    if (failure !== undefined) throw failure
    return 'rows' in outcome ? outcome.rows : []
  }

  /**
   * Opens `connections` of them ahead of the first request. Never throws: a connection that could not be opened is
   * opened when it is needed.
   */
  async warm(connections: number): Promise<void> {
    const opened = await Promise.all(
      Array.from({ length: connections }, () => this.#pool.connect().catch(() => undefined)),
    )
    for (const client of opened) client?.release()
  }

  /** Closes all connections; those in use are cut off after `limitMs`. */
  async end(limitMs: number): Promise<void> {
    const { promise: overdue, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, limitMs)
    await Promise.race([this.#pool.end(), overdue])
    clearTimeout(timer)
  }

  /** Whether this connection has led to a node that is not the primary for too long to be kept. */
  #isReadOnlyForTooLong(client: PoolClient): boolean {
    const sinceMs = this.#readOnlySinceMs.get(client) ?? performance.now()
    this.#readOnlySinceMs.set(client, sinceMs)
    return performance.now() - sinceMs > notYetPrimaryMs
  }

  /** A connection within `limitMs`. One that arrives later goes back to the pool. */
  #acquire(limitMs: number): Promise<PoolClient> {
    return new Promise((resolve, reject) => {
      let gone = false
      const timer = setTimeout(() => {
        gone = true
        reject(late(`no database connection within ${Math.round(limitMs)} ms`, false))
      }, limitMs)
      this.#pool.connect().then(
        (client) => {
          clearTimeout(timer)
          if (gone) client.release()
          else resolve(client)
        },
        (error: unknown) => {
          clearTimeout(timer)
          reject(conclude(error, false))
        },
      )
    })
  }
}

/** How a query ended within `limitMs`, or that it has not ended yet. */
async function outcomeWithin<Row extends QueryResultRow>(
  query: Promise<QueryResult<Row>>,
  limitMs: number,
): Promise<{ rows: Row[] } | { error: unknown } | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, limitMs, 'late')
  })
  const ended = query.then(
    ({ rows }) => ({ rows }),
    (error: unknown) => ({ error }),
  )
  const outcome = await Promise.race([ended, overdue])
  clearTimeout(timer)
  return outcome
}

/**
 * A connection whose request gave up is free again when its answer comes; it is cut off only if it stays silent. To cut
 * it off at once would turn a slow moment into a storm of new connections, which keeps everything slow.
 */
async function letFinish(client: PoolClient, query: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => cutOff(client), silenceLimitMs)
  const failure = await query.then(
    () => undefined,
    (error: unknown) => conclude(error, true),
  )
  clearTimeout(timer)
  client.release(failure?.connectionSpoilt ?? false)
}

function cutOff(client: PoolClient): void {
  if (client instanceof LedgerClient) client.destroy()
}
