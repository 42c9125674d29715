// Goal: the items service acknowledges what its store acknowledged, and nothing else, whatever the store does.
// Method: the service itself, on a port, over stores that fail in one way each; and the choice among servers.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type App, createApp } from '../../../stacks/items/app.ts'
import { Members, type Server } from '../../../stacks/items/members.ts'
import type { Store } from '../../../stacks/items/store.ts'

const limits = { limitMs: 500, pauseMs: 10 }
let app: App | undefined
afterEach(() => void app?.server.close())

async function serve(
  store: Partial<Store>,
  more = {},
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const none = () => Promise.reject(new Error('not asked for'))
  app = createApp({ put: none, get: none, ready: none, close: async () => {}, ...store }, { ...limits, ...more })
  app.server.listen(0, '127.0.0.1')
  await once(app.server, 'listening')
  const { port } = app.server.address() as AddressInfo
  return (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init)
}

const put = (body = 'x') => ({ method: 'PUT', body })

test('an item that was acknowledged can be read', async () => {
  const items = new Map<string, string>()
  const ask = await serve({
    put: async (key, body) => void items.set(key, body),
    get: async (key) => items.get(key),
  })
  expect((await ask('/items/a')).status).toBe(404)
  expect((await ask('/items/a', put('one'))).status).toBe(201)
  expect(await (await ask('/items/a')).text()).toBe('one')
})

test('a store that fails is tried again, and the client sees one answer', async () => {
  let attempts = 0
  const ask = await serve({
    put: async () => {
      attempts += 1
      if (attempts < 3) throw new Error('the primary is gone')
    },
  })
  expect((await ask('/items/a', put())).status).toBe(201)
  expect(attempts).toBe(3)
})

test('without retries, the first failure is the answer', async () => {
  let attempts = 0
  const put = async () => {
    attempts += 1
    throw new Error('the primary is gone')
  }
  const ask = await serve({ put }, { retryMs: 0 })
  expect((await ask('/items/a', { method: 'PUT', body: 'x' })).status).toBe(503)
  expect(attempts).toBe(1)
})

test('nothing is acknowledged that the store did not acknowledge in time', async () => {
  const ask = await serve({ put: () => new Promise(() => {}) })
  const response = await ask('/items/a', put())
  expect([response.status, await response.text()]).toEqual([503, 'gave up after 500 ms: no answer'])
})

test('the last failure is what a client is told', async () => {
  const ask = await serve({ put: () => Promise.reject(new Error('none of db-1, db-2 takes writes')) })
  expect(await (await ask('/items/a', put())).text()).toBe('gave up after 500 ms: none of db-1, db-2 takes writes')
})

test.for([
  ['/items/', 'PUT', 404],
  ['/items/a%2Fb', 'PUT', 404],
  ['/other', 'GET', 404],
  ['/items/a', 'DELETE', 405],
] as const)('%s by %s is refused', async ([path, method, status]) => {
  const ask = await serve({})
  expect((await ask(path, { method })).status).toBe(status)
})

test('an item that is too long is refused', async () => {
  const ask = await serve({})
  expect((await ask('/items/a', put('x'.repeat(70_000)))).status).toBe(413)
})

test('it is alive without its store, and ready only with it, until it drains', async () => {
  let isThere = false
  const ask = await serve({ ready: async () => (isThere ? undefined : Promise.reject(new Error('no store'))) })
  expect((await ask('/livez')).status).toBe(200)
  expect((await ask('/readyz')).status).toBe(503)
  isThere = true
  expect((await ask('/readyz')).status).toBe(200)
  app?.drain()
  const last = await ask('/readyz')
  expect([last.status, last.headers.get('connection')]).toEqual([503, 'close'])
})

function server(name: string, takes: boolean): Server & { takes: boolean } {
  return {
    name,
    takes,
    async takesWrites() {
      return this.takes
    },
    close: async () => {},
  }
}

test('of several servers the first that takes writes is used, and what waits for it is let go when it stops', async () => {
  const one = server('db-1', true)
  const two = server('db-2', false)
  const members = new Members([one, two], { everyMs: 5, limitMs: 100 })
  const never = new AbortController().signal
  const used = () => members.use(async ({ name }) => name, never)
  await expect.poll(used).toBe('db-1')
  const waiting = members.use(
    (_, signal) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    never,
  )
  one.takes = false
  await expect(waiting).rejects.toThrow('db-1 does not take writes any more')
  await expect(used()).rejects.toThrow('none of db-1, db-2 takes writes')
  two.takes = true
  await expect.poll(() => used().catch(() => undefined)).toBe('db-2')
  one.takes = true
  expect(await used(), 'it stays with whom it has').toBe('db-2')
  await members.close()
})
