import type { CommonRedisOptions } from 'ioredis'
import { Redis } from 'ioredis'
import type { Endpoint, Store } from './store.ts'

/**
 * Between two tries to connect, in milliseconds. Longer than the limit of silence: the client's timer for that limit
 * may outlive its connection, and would then end the next one.
 */
const RETRY_MS = 300
/** To open a connection, to a sentinel too, in milliseconds. */
const CONNECT_LIMIT_MS = 500
/**
 * A connection on which nothing is heard for this long after a question is given up, in milliseconds. A shorter silence
 * may be one slow moment.
 */
const SILENCE_LIMIT_MS = 250

/** A node by its address, or whoever the sentinels call the primary of `name`. */
export type Whereabouts = Endpoint | { sentinels: readonly Endpoint[]; name: string }

/** A connection to Redis that queues nothing, waits for nothing without a limit, and comes back by itself. */
export class RedisStore implements Store {
  readonly #client: Redis

  /** Connects in the background. `limitMs`: for one command. `password`: of the nodes, and of the sentinels. */
  constructor(where: Whereabouts, { limitMs, password }: { limitMs: number; password?: string | undefined }) {
    const options: CommonRedisOptions & { disconnectTimeout: number } = {
      ...(password !== undefined && { password }),
      commandTimeout: limitMs,
      connectTimeout: CONNECT_LIMIT_MS,
      socketTimeout: SILENCE_LIMIT_MS,
      // A peer that has stopped answering does not take part in closing the connection.
      disconnectTimeout: 100,
      // A caller that asks while there is no connection is told so at once. Nothing is sent later on behalf of a caller
      // that has left.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: () => RETRY_MS,
      // A primary that became a replica refuses writes: the sentinels know the new one.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
      disableClientInfo: true,
    }
    this.#client =
      'sentinels' in where
        ? new Redis({
            ...options,
            sentinels: [...where.sentinels],
            name: where.name,
            ...(password !== undefined && { sentinelPassword: password }),
            role: 'master',
            sentinelCommandTimeout: CONNECT_LIMIT_MS,
            sentinelRetryStrategy: () => RETRY_MS,
            // The setting names all of them, this region's first.
            updateSentinels: false,
          })
        : new Redis({ ...options, host: where.host, port: where.port })
    // Without a listener an `error` would end the process. Each command that is lost with its connection is rejected as
    // well.
    this.#client.on('error', () => {})
  }

  get(key: string): Promise<string | null> {
    return this.#client.get(key)
  }

  set(key: string, value: string, ttlMs: number): Promise<unknown> {
    return this.#client.set(key, value, 'PX', ttlMs)
  }

  delete(...keys: string[]): Promise<unknown> {
    return this.#client.del(...keys)
  }

  end(): void {
    this.#client.disconnect()
  }
}
