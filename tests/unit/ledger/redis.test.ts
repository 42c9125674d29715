// Goal: the client has limits of its own, keeps nothing for later, and finds the primary again, whatever happens to it.
// Method: the real client over real sockets, against servers that know a few commands of Redis.
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { openStores } from '../../../services/ledger/store/open.ts'
import type { Whereabouts } from '../../../services/ledger/store/redis.ts'
import { RedisStore } from '../../../services/ledger/store/redis.ts'
import { FakeRedis } from './fake-redis.ts'

const limitMs = 100
const patience = { timeout: 10_000, interval: 20 }

const opened: { end(): void }[] = []
afterEach(() => {
  for (const each of opened.splice(0)) each.end()
})

function open(where: Whereabouts): RedisStore {
  const store = new RedisStore(where, { limitMs })
  opened.push(store)
  return store
}
const outcome = (answer: Promise<unknown>) =>
  answer.then(
    (value) => value,
    (error: Error) => error.message,
  )

describe('a node', () => {
  test('stores with a time to live, answers, and deletes', async () => {
    await using redis = await new FakeRedis().start()
    const store = open(redis.at)
    await expect.poll(() => outcome(store.set('k', 'v', 1_000)), patience).toBe('OK')
    expect([await store.get('k'), await store.get('other')]).toEqual(['v', null])
    expect(await store.delete('k')).toBe(1)
    expect(redis.asked).toContain('set k v PX 1000')
  })

  test('that is not there refuses at once, and is found when it comes', async () => {
    const redis = await new FakeRedis().start()
    await redis.die()
    const store = open(redis.at)
    // Not "timed out": nothing was waited for.
    await expect(store.get('k')).rejects.toThrow('writeable')
    await using _ = await redis.start()
    await expect.poll(() => outcome(store.get('k')), patience).toBe(null)
  })

  test('that falls silent costs the limit, is then let go of, and nothing asked meanwhile is sent later', async () => {
    await using redis = await new FakeRedis().start()
    const store = open(redis.at)
    await expect.poll(() => outcome(store.get('k')), patience).toBe(null)
    redis.silent = true
    const startedMs = performance.now()
    await expect(store.set('k', 'v', 1_000)).rejects.toThrow('timed out')
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(limitMs - 5)
    await expect.poll(() => outcome(store.get('k')), patience).toContain('writeable')
    redis.silent = false
    redis.asked.length = 0
    await expect.poll(() => outcome(store.get('k')), patience).toBe(null)
    expect(redis.asked.filter((question) => !/^(info|get k)$/.test(question))).toEqual([])
  })

  test('that dies and comes back many times is left with one connection', async () => {
    await using redis = await new FakeRedis().start()
    const store = open(redis.at)
    for (let life = 0; life < 3; life++) {
      await expect.poll(() => outcome(store.get('k')), patience).toBe(null)
      await redis.die()
      await redis.start()
    }
    await expect.poll(() => outcome(store.get('k')), patience).toBe(null)
    await wait(400)
    expect(redis.connections).toBe(1)
  })
})

describe('a primary', () => {
  test('is whom the sentinels name: the first that answers, and anew after a change', async () => {
    await using east = await new FakeRedis().start()
    await using west = await new FakeRedis().start()
    await using sentinel = await new FakeRedis().start()
    const dead = await new FakeRedis().start()
    await dead.die()
    sentinel.primary = east
    const store = open({ sentinels: [dead.at, sentinel.at], name: 'ledger' })
    await expect.poll(() => outcome(store.set('k', 'east', 1_000)), patience).toBe('OK')
    expect(east.values.get('k')).toBe('east')

    sentinel.primary = west
    await east.die()
    await expect.poll(() => outcome(store.set('k', 'west', 1_000)), patience).toBe('OK')
    expect(west.values.get('k')).toBe('west')
  })

  test('that stands still is left for its successor, past a sentinel that stands still as well', async () => {
    await using east = await new FakeRedis().start()
    await using west = await new FakeRedis().start()
    await using silent = await new FakeRedis().start()
    await using sentinel = await new FakeRedis().start()
    for (const each of [silent, sentinel]) each.primary = east
    const store = open({ sentinels: [silent.at, sentinel.at], name: 'ledger' })
    await expect.poll(() => outcome(store.set('k', 'v', 1_000)), patience).toBe('OK')
    for (const each of [east, silent]) each.silent = true
    // Long enough to meet the silent primary again before the sentinels have replaced it.
    const untilMs = performance.now() + 1_500
    while (performance.now() < untilMs) {
      await expect(store.set('k', 'v', 1_000)).rejects.toThrow()
      await wait(50)
    }
    sentinel.primary = west
    await expect.poll(() => outcome(store.set('k', 'v', 1_000)), patience).toBe('OK')
    expect(west.values.get('k')).toBe('v')
    expect(east.connections).toBe(0)
  })

  test('that became a replica is left for its successor', async () => {
    await using east = await new FakeRedis().start()
    await using west = await new FakeRedis().start()
    await using sentinel = await new FakeRedis().start()
    sentinel.primary = east
    const store = open({ sentinels: [sentinel.at], name: 'ledger' })
    await expect.poll(() => outcome(store.set('k', 'v', 1_000)), patience).toBe('OK')
    east.role = 'slave'
    sentinel.primary = west
    await expect(store.set('k', 'v', 1_000)).rejects.toThrow('READONLY')
    await expect.poll(() => outcome(store.set('k', 'v', 1_000)), patience).toBe('OK')
    expect(west.values.get('k')).toBe('v')
  })
})

test("the region's own node answers reads, the primary takes writes, and both are let go of at the end", async () => {
  await using east = await new FakeRedis().start()
  await using west = await new FakeRedis().start()
  await using sentinel = await new FakeRedis().start()
  sentinel.primary = east
  west.role = 'slave'
  west.values.set('k', 'from west')
  const stores = openStores({ sentinels: [sentinel.at], name: 'ledger', near: west.at }, () => {})
  opened.push(stores)
  await expect.poll(() => stores.near.get('k'), patience).toBe('from west')
  await expect.poll(() => stores.primary.set('k', 'v', 1_000), patience).toBe('OK')
  expect(east.values.get('k')).toBe('v')
  stores.end()
  await expect.poll(() => east.connections + west.connections, patience).toBe(0)
})
