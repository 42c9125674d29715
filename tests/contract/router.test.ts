// Goal: a replica that falls silent costs a request one try. Where a router finds no replica ready, those that live are
// asked all the same, also for a request that was with one by then; a request that came while all are slow is not tried
// again and again; a replica learns since when a client has waited, whatever the client says; a write is tried in the
// primary's region first, and anywhere next; and the observer tells of the servers that are checked, and of no others.
// Method: the routers' own HAProxy and configuration, before four replicas in one container whose answers the test
// decides. The same container stands for the regions' proxies, which say where the primary is.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { GenericContainer, Wait } from 'testcontainers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { EventBody, EventOf } from '../../chaos/journal/schema.ts'
import { observeRouter } from '../../chaos/observers/router.ts'
import { packageRoot } from '../../chaos/roots.ts'
import type { Node } from '../../chaos/topology/topology.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { down } from '../../chaos/world/down.ts'
import { ageOf } from '../../services/ledger/http/requests.ts'

const world = 'blackstart-test-router'
const engine = new DockerEngine()
const replicas = { 'app-east-a': 8101, 'app-east-b': 8102, 'app-west-a': 8103, 'app-west-b': 8104 }
/**
 * Alive; ready until they get a write. They hold what they get; on "/break" they break that off, and serve from then
 * on, still not ready; "/reset" is where they began. "/tries" says how often each path was asked for. After "/hush" the
 * first of them answers one more check, and then nobody. After "/unready" those of the east live, serve, and are not
 * ready; after "/die" those of the west take each connection and close it 30 ms later, as a link does before a dead
 * node.
 */
const program = `
  const held = new Set()
  let [ready, serves, tries, hushed] = [true, false, {}, undefined]
  let [unready, died, primaryIn] = [false, false, []]
  const replica = ({ url, socket, headers }, response) => {
    const answer = (status) => response.writeHead(status).end(headers['x-request-start'])
    const isEast = socket.localPort < 8103
    if (url === '/reset') {
      [ready, serves, tries, hushed] = [true, false, {}, undefined];
      [unready, died, primaryIn] = [false, false, []]
      return answer(200)
    }
    if (url === '/unready') {
      unready = serves = true
      return answer(200)
    }
    if (url === '/die') {
      died = true
      return answer(200)
    }
    if (died && !isEast) {
      const key = headers['idempotency-key']
      if (key) tries[key] = (tries[key] ?? 0) + 1
      return void setTimeout(() => socket.destroy(), 30)
    }
    if (url === '/hush') return void (hushed = () => answer(200))
    if (url === '/break') {
      serves = true
      for (const each of held) each.destroy()
      return answer(200)
    }
    if (hushed && socket.localPort === 8101) {
      if (hushed === true) return
      if (url === '/readyz') {
        hushed()
        hushed = true
      }
    }
    if (url.startsWith('/primary-in?')) {
      primaryIn = url.slice(12).split(',')
      return answer(200)
    }
    if (url === '/who') return response.end(socket.localPort + ' ' + headers['x-primary-region'])
    if (url === '/livez') return answer(200)
    if (url === '/readyz') return answer(ready && !(unready && isEast) ? 200 : 503)
    if (url === '/tries') return response.end(JSON.stringify(tries))
    tries[url] = (tries[url] ?? 0) + 1
    if (serves) return answer(200)
    ready &&= url !== '/'
    held.add(socket)
  }
  for (const port of ${JSON.stringify(Object.values(replicas))}) require('node:http').createServer(replica).listen(port)
  for (const [region, port] of [['east', 5002], ['west', 5003]])
    require('node:http').createServer(({ url }, response) =>
      response.writeHead(url === '/primary' && primaryIn.includes(region) ? 200 : 503).end()).listen(port)`

let router: string
let replica: string
let node: Node
beforeAll(async () => {
  await down(engine, world)
  await engine.docker.createNetwork({ Name: `${world}-edge`, Labels: { 'blackstart.world': world } })
  const labelled = (image: string) =>
    new GenericContainer(image).withNetworkMode(`${world}-edge`).withLabels({ 'blackstart.world': world })
  const apps = await labelled('blackstart/services')
    .withCommand(['-e', program])
    .withNetworkAliases(...Object.keys(replicas), 'haproxy-east', 'haproxy-west')
    .withExposedPorts(8101)
    .withWaitStrategy(Wait.forHttp('/readyz', 8101))
    .start()
  const config = await readFile(join(packageRoot, 'regions/config/router.cfg'), 'utf8')
  const haproxy = await labelled('blackstart/router')
    .withExposedPorts(8080, 9101)
    .withCopyContentToContainer([
      { content: config.replace('haproxy-west:5002', 'haproxy-west:5003'), target: '/etc/haproxy/haproxy.cfg' },
    ])
    .start()
  router = `http://127.0.0.1:${haproxy.getMappedPort(8080)}/`
  replica = `http://127.0.0.1:${apps.getMappedPort(8101)}`
  node = {
    name: 'router-1',
    role: 'router',
    site: 'edge',
    ports: { stats: haproxy.getMappedPort(9101) },
    attributes: { 'router.write-backend': 'writes' },
  }
})
beforeEach(async () => {
  await fetch(`${replica}/reset`)
})
afterAll(async () => {
  await down(engine, world)
})

/** What the observer tells of the router's servers, until the end of the scope. */
function watchRouter() {
  const events: EventBody[] = []
  const observer = observeRouter(node, { now: () => performance.now(), record: (body) => void events.push(body) })
  const states = () => {
    const seen = events.filter((event) => event.kind === 'router.server') as Omit<
      EventOf<'router.server'>,
      'seq' | 'atMs'
    >[]
    return Object.fromEntries(seen.map(({ backend, server, state }) => [`${backend}/${server}`, state]))
  }
  /** All live, and are as `ready` says for writes; the primary is in the regions `primaryIn`. */
  const all = (ready: (server: string) => 'up' | 'down', primaryIn: readonly string[] = []) =>
    Object.fromEntries([
      ...Object.keys(replicas).flatMap((server) => [
        [`writes/${server}`, ready(server)],
        [`alive/${server}`, 'up'],
      ]),
      ...['east', 'west'].map((region) => [
        `has-primary/haproxy-${region}`,
        primaryIn.includes(region) ? 'up' : 'down',
      ]),
    ])
  const sees = (ready: (server: string) => 'up' | 'down', primaryIn: readonly string[] = []) =>
    waitUntil(
      async () =>
        isDeepStrictEqual(states(), all(ready, primaryIn))
          ? { done: true, value: undefined }
          : { done: false, seen: JSON.stringify(states()) },
      { until: 'the router sees each replica as it is', limitMs: 20_000, everyMs: 20 },
    )
  return { states, all, sees, [Symbol.asyncDispose]: () => observer.stop() }
}

test('while no replica can serve a write, one that falls silent costs it one try of 1.2 s and not two, for it is out before the second', async () => {
  await fetch(`${replica}/hush`)
  const hushedMs = performance.now()
  // Not in step with the tries, or each kind would have its own two of the four turns.
  const asked = Array.from({ length: 60 }, async (_, index) => {
    await delay(index * 20 + (index % 7) * 9)
    const startedMs = performance.now()
    const { status } = await fetch(`${router}${index}`, {
      method: 'POST',
      headers: { 'idempotency-key': String(index) },
    })
    return { status, tookMs: performance.now() - startedMs }
  })
  // As long as a change of primary takes.
  await delay(1_850 - (performance.now() - hushedMs))
  await fetch(`${replica}/break`)
  const answers = await Promise.all(asked)
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(2_200)
})

test('a write that all replicas break off after none was ready is served, and the observer saw who is ready and who lives', async () => {
  await using watch = watchRouter()
  await watch.sees(() => 'up')
  const startMs = Date.now()
  const write = fetch(router, {
    method: 'POST',
    headers: { 'idempotency-key': '1', 'x-request-start': 't=1000000000000' },
  })
  await watch.sees(() => 'down')
  await fetch(`${replica}/break`)
  const answer = await write
  expect(answer.status, 'the write that was under way').toBe(200)
  expect(
    Math.abs(ageOf(await answer.text()) - (Date.now() - startMs)),
    'its age, within what is rounded off',
  ).toBeLessThan(100)
  expect((await fetch(router, { method: 'POST' })).status, 'a new write').toBe(200)
  expect((await fetch(router)).status, 'a read').toBe(200)
  expect(watch.states()).toEqual(watch.all(() => 'down'))
})

test('requests that come when all ready replicas have just died are served by those that live, and not used up on the dead', async () => {
  await using watch = watchRouter()
  await watch.sees(() => 'up')
  await fetch(`${replica}/unready`)
  await watch.sees((server) => (server.startsWith('app-east') ? 'down' : 'up'))
  await fetch(`${replica}/die`)
  const asked = ['GET', 'POST'].flatMap((method) =>
    Array.from({ length: 20 }, async (_, index) => {
      await delay(index * 20)
      const { status } = await fetch(`${router}${index}`, { method, headers: { 'idempotency-key': String(index) } })
      return `${method} ${status}`
    }),
  )
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['GET 200', 'POST 200']))
})

/** Which replicas answer `count` requests, one after the other, and in which region each was told that the primary is. */
async function answering(method: 'GET' | 'POST', count: number) {
  const ports = new Set<number>()
  const told = new Set<string | undefined>()
  for (let n = 0; n < count; n += 1) {
    const headers = { 'idempotency-key': String(n), 'x-primary-region': 'elsewhere' }
    const [port, region] = (await (await fetch(`${router}who`, { method, headers })).text()).split(' ')
    ports.add(Number(port))
    told.add(region)
  }
  return { by: Object.entries(replicas).flatMap(([name, port]) => (ports.has(port) ? [name] : [])), told: [...told] }
}

const everyReplica = Object.keys(replicas)
test.each([
  [[], 'undefined', everyReplica],
  [['east'], 'east', ['app-east-a', 'app-east-b']],
  [['west'], 'west', ['app-west-a', 'app-west-b']],
  [['east', 'west'], 'undefined', everyReplica],
])(
  'where the primary is said to be in %j, writes are told %j and go to %j, and reads to all',
  async (primaryIn, told, by) => {
    await using watch = watchRouter()
    await fetch(`${replica}/primary-in?${primaryIn.join(',')}`)
    await watch.sees(() => 'up', primaryIn)
    expect(await answering('POST', 40)).toEqual({ by, told: [told] })
    expect((await answering('GET', 40)).by).toEqual(everyReplica)
  },
)

test("where the primary's region dies, a write has few tries there, and is served in the other region", async () => {
  await using watch = watchRouter()
  await fetch(`${replica}/primary-in?west`)
  await watch.sees(() => 'up', ['west'])
  await fetch(`${replica}/die`)
  expect((await answering('POST', 10)).by).toEqual(['app-east-a', 'app-east-b'])
  const tries = (await (await fetch(`${replica}/tries`)).json()) as Record<string, number>
  expect(Object.keys(tries).length).toBeGreaterThan(0)
  expect(Math.max(...Object.values(tries)), 'tries of one write at the dead').toBeLessThanOrEqual(4)
})

test("where the replicas of the primary's region are not ready, writes go to the others", async () => {
  await using watch = watchRouter()
  await fetch(`${replica}/primary-in?east`)
  await fetch(`${replica}/unready`)
  await watch.sees((server) => (server.startsWith('app-east') ? 'down' : 'up'), ['east'])
  expect(await answering('POST', 20)).toEqual({ by: ['app-west-a', 'app-west-b'], told: ['undefined'] })
})

test.each(['GET', 'POST'])(
  'a %s that comes while all others have waited for long is tried once, and those before it were tried again',
  async (method) => {
    // On connections of their own: one of an earlier test may be closed for idleness just as it is used again.
    const ask = (path: string) =>
      fetch(`${router}${path}`, { method, headers: { 'idempotency-key': path, connection: 'close' } })
    const tries = async (path: string) =>
      ((await (await fetch(`${replica}/tries`)).json()) as Record<string, number>)[`/${path}`] ?? 0
    const until = (what: string, holds: () => Promise<boolean>) =>
      waitUntil(async () => ((await holds()) ? { done: true, value: undefined } : { done: false, seen: 'not yet' }), {
        until: what,
        limitMs: 10_000,
        everyMs: 20,
      })
    const early = Promise.allSettled(Array.from({ length: 30 }, (_, index) => ask(`early-${index}`)))
    await until('the first of them is tried a third time', async () => (await tries('early-0')) > 2)
    const late = ask('late')
    await until('and twice more', async () => (await tries('early-0')) > 4)
    expect(await tries('late')).toBe(1)
    await fetch(`${replica}/break`)
    expect((await early)[0]).toMatchObject({ value: { status: 200 } })
    // What a replica broke off has its second try: it died, and was not slow.
    expect((await late).status).toBe(200)
  },
)
