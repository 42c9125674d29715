/** Redis behind Sentinel: the sentinels know the primary, and ioredis asks them each time it connects. */
import { Redis } from 'ioredis'
import { abortable } from './abortable.ts'
import type { Store } from './store.ts'
import type { StoreUrl } from './store-url.ts'

export function openRedisSentinel({ addresses, name, password }: StoreUrl): Store {
  const redis = new Redis({
    sentinels: addresses,
    name,
    role: 'master',
    ...(password !== undefined && { password }),
    // A sentinel that tells of a new primary ends the connection to the old one.
    failoverDetector: true,
    connectTimeout: 1_000,
    commandTimeout: 1_500,
    // The service itself tries again, with its own limit.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 200,
    sentinelRetryStrategy: () => 200,
    // A primary that was made a replica: connect anew, by way of the sentinels.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  })
  redis.on('error', () => {})
  const keyOf = (key: string) => `item:${key}`
  return {
    put: async (key, body, signal) => void (await abortable(redis.set(keyOf(key), body), signal)),
    get: async (key, signal) => (await abortable(redis.get(keyOf(key)), signal)) ?? undefined,
    ready: async (signal) => void (await abortable(redis.ping(), signal)),
    close: async () => redis.disconnect(),
  }
}
