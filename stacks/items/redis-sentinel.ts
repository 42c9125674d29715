/**
 * Redis behind Sentinel: the sentinels know the primary, and ioredis asks them each time it connects. A write counts once
 * replicas have it as well: a primary that dies takes with it what it alone has. It waits for WAIT_REPLICAS of them (2)
 * for a moment, because a sentinel may promote any of them, and then takes one for enough, so that a region may be down.
 */
import { Redis, type RedisOptions } from 'ioredis'
import { abortable } from './abortable.ts'
import type { Store } from './store.ts'
import { SettingError, type StoreUrl } from './store-url.ts'

/** Of a command, and for the replicas. */
const limits = { commandMs: 1_500, waitMs: 100 }
/** After a wait in vain for all of them, one is enough for so long: otherwise each write of an outage would wait. */
const ONE_IS_ENOUGH_MS = 5_000
/** A connection does nothing else while it waits for replicas. */
const WRITERS = 4

export function openRedisSentinel({ addresses, name, password }: StoreUrl): Store {
  const replicas = replicasFrom(process.env['WAIT_REPLICAS'])
  const options: RedisOptions = {
    sentinels: addresses,
    name,
    role: 'master',
    ...(password !== undefined && { password }),
    // A sentinel that tells of a new primary ends the connection to the old one.
    failoverDetector: true,
    connectTimeout: 1_000,
    commandTimeout: limits.commandMs,
    // The service itself tries again, with its own limit. Nor may a WAIT be sent again by itself: on another connection
    // it would speak of that one's writes, of which there are none.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 200,
    sentinelRetryStrategy: () => 200,
    // A primary that was made a replica: connect anew, by way of the sentinels.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  }
  const reader = new Redis(options)
  const writers = Array.from({ length: WRITERS }, () => new Redis(options))
  const all = [reader, ...writers]
  for (const redis of all) redis.on('error', () => {})
  const keyOf = (key: string) => `item:${key}`
  let turn = 0
  let oneIsEnoughUntilMs = 0
  const put = async (key: string, body: string) => {
    const writer = writers[turn++ % WRITERS] ?? reader
    const wanted = performance.now() < oneIsEnoughUntilMs ? Math.min(replicas, 1) : replicas
    // Together, so that both go the same way.
    const batch = writer.pipeline().set(keyOf(key), body)
    const answers = await (wanted > 0 ? batch.wait(wanted, limits.waitMs) : batch).exec()
    const failure = answers?.find(([error]) => error)?.[0]
    if (failure) throw failure
    if (wanted === 0) return
    const heard = Number(answers?.[1]?.[1])
    if (heard < wanted) oneIsEnoughUntilMs = performance.now() + ONE_IS_ENOUGH_MS
    if (!(heard > 0)) throw new Error('no replica has it yet')
  }
  return {
    put: (key, body, signal) => abortable(put(key, body), signal),
    get: async (key, signal) => (await abortable(reader.get(keyOf(key)), signal)) ?? undefined,
    ready: async (signal) => void (await abortable(Promise.all(all.map((redis) => redis.ping())), signal)),
    close: async () => {
      for (const redis of all) redis.disconnect()
    },
  }
}

function replicasFrom(text = '2'): number {
  if (!/^\d$/.test(text)) throw new SettingError(`WAIT_REPLICAS is "${text}": a number of replicas, such as 2`)
  return Number(text)
}
