// Goal: where a router finds no replica ready, those that live are asked all the same, also for a request that was with one by then;
// a replica learns since when a client has waited, whatever the client says; and the observer tells of the servers that are checked, and of no others.
// Method: the routers' own HAProxy and configuration, before four replicas in one container whose answers the test decides.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { GenericContainer, Wait } from 'testcontainers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventBody, EventOf } from '../../chaos/journal/schema.ts'
import { observeRouter } from '../../chaos/observers/router.ts'
import type { Node } from '../../chaos/topology/topology.ts'
import { ageOf } from '../../services/ledger/http/requests.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { Engine } from '../../chaos/world/engine.ts'
import { projectRoot } from '../../chaos/world/state.ts'
import { down } from '../../chaos/world/up.ts'

const world = 'blackstart-test-router'
const engine = new Engine()
const replicas = { 'app-east-a': 8101, 'app-east-b': 8102, 'app-west-a': 8103, 'app-west-b': 8104 }
/** Alive; ready until they get a write, which they hold; on "/break" they break off what they hold, and serve from then on, still not ready. */
const program = `
  const held = new Set()
  let [ready, serves] = [true, false]
  const replica = ({ url, socket, headers }, response) => {
    const answer = (status) => response.writeHead(status).end(headers['x-request-start'])
    if (url === '/livez') return answer(200)
    if (url === '/readyz') return answer(ready ? 200 : 503)
    if (url === '/break') {
      serves = true
      for (const each of held) each.destroy()
      return answer(200)
    }
    if (serves) return answer(200)
    ready = false
    held.add(socket)
  }
  for (const port of ${JSON.stringify(Object.values(replicas))}) require('node:http').createServer(replica).listen(port)`

let router: string
let replica: string
let node: Node
beforeAll(async () => {
  await down(engine, world)
  await engine.docker.createNetwork({ Name: `${world}-edge`, Labels: { 'blackstart.world': world } })
  const labelled = (image: string) => new GenericContainer(image).withNetworkMode(`${world}-edge`).withLabels({ 'blackstart.world': world })
  const apps = await labelled('blackstart/services').withCommand(['-e', program]).withNetworkAliases(...Object.keys(replicas)).withExposedPorts(8101)
    .withWaitStrategy(Wait.forHttp('/readyz', 8101)).start()
  const haproxy = await labelled('blackstart/router').withExposedPorts(8080, 9101)
    .withCopyFilesToContainer([{ source: join(projectRoot, 'regions/config/router.cfg'), target: '/etc/haproxy/haproxy.cfg' }]).start()
  router = `http://127.0.0.1:${haproxy.getMappedPort(8080)}/`
  replica = `http://127.0.0.1:${apps.getMappedPort(8101)}`
  node = { name: 'router-1', role: 'router', site: 'edge', ports: { stats: haproxy.getMappedPort(9101) }, attributes: { 'router.write-backend': 'writes' } }
})
afterAll(async () => { await down(engine, world) })

test('a write that all replicas break off after none was ready is served, and the observer saw who is ready and who lives', async () => {
  const events: EventBody[] = []
  const observer = observeRouter(node, { now: () => performance.now(), record: (body) => void events.push(body) })
  const states = () => {
    const seen = events.filter((event) => event.kind === 'router.server') as Omit<EventOf<'router.server'>, 'seq' | 'atMs'>[]
    return Object.fromEntries(seen.map(({ backend, server, state }) => [`${backend}/${server}`, state]))
  }
  const all = (ready: string) => Object.fromEntries(Object.keys(replicas).flatMap((server) => [[`writes/${server}`, ready], [`alive/${server}`, 'up']]))
  const sees = (ready: string) => waitUntil(
    async () => (isDeepStrictEqual(states(), all(ready)) ? { done: true, value: undefined } : { done: false, seen: JSON.stringify(states()) }),
    { until: `the replicas live, and are ${ready} for writes`, limitMs: 20_000, everyMs: 20 },
  )
  try {
    await sees('up')
    const startMs = Date.now()
    const write = fetch(router, { method: 'POST', headers: { 'idempotency-key': '1', 'x-request-start': 't=1000000000000' } })
    await sees('down')
    await fetch(`${replica}/break`)
    const answer = await write
    expect(answer.status, 'the write that was under way').toBe(200)
    expect(Math.abs(ageOf(await answer.text()) - (Date.now() - startMs)), 'its age, within what is rounded off').toBeLessThan(100)
    expect((await fetch(router, { method: 'POST' })).status, 'a new write').toBe(200)
    expect((await fetch(router)).status, 'a read').toBe(200)
    expect(states()).toEqual(all('down'))
  } finally {
    await observer.stop()
  }
})
