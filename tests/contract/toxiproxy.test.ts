// Goal: hang and refuse look to a client as their headers say: on an existing connection, on a new one, and after the heal.
// Method: a real Toxiproxy in front of an echo server; our faults through the client library, as in a trial.
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { GenericContainer, Wait } from 'testcontainers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onEveryProxy, proxiesOf } from '../../chaos/faults/toxiproxy.ts'
import { Engine } from '../../chaos/world/engine.ts'
import { down } from '../../chaos/world/up.ts'
import { removeToxics, enableProxies } from '../../chaos/world/heal.ts'
import type { Topology } from '../../chaos/topology/topology.ts'

const world = 'blackstart-test-toxiproxy'
const labels = { 'blackstart.world': world }
const engine = new Engine()
let topology: Topology
let port: number

beforeAll(async () => {
  await down(engine, world)
  await engine.docker.createNetwork({ Name: world, Labels: labels })
  await new GenericContainer('blackstart/services').withNetworkMode(world).withName(`${world}-echo`).withLabels(labels)
    .withCommand(['-e', 'require("node:net").createServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(7000)']).start()
  const link = await new GenericContainer('ghcr.io/shopify/toxiproxy:2.12.0').withNetworkMode(world).withLabels(labels).withExposedPorts(8474, 7000)
    // The other port opens with the proxy.
    .withWaitStrategy(Wait.forHttp('/version', 8474)).start()
  port = link.getMappedPort(7000)
  const api = `http://127.0.0.1:${link.getMappedPort(8474)}`
  await fetch(`${api}/proxies`, { method: 'POST', body: JSON.stringify({ name: 'echo.tcp', listen: '0.0.0.0:7000', upstream: `${world}-echo:7000`, enabled: true }) })
  topology = {
    world, sites: [], timeouts: {}, links: [{ name: 'link', sites: ['a', 'b'], latencyMs: 0 }],
    nodes: [{ name: 'link', role: 'link', site: '', ports: { api: link.getMappedPort(8474) }, attributes: {} }],
  }
})
afterAll(async () => { await down(engine, world) })

async function open(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** What comes back within half a second: the text, "silence" or "closed". */
async function say(socket: Socket, text: string): Promise<string> {
  if (socket.destroyed || socket.readableEnded) return 'closed'
  const answer = Promise.race([
    once(socket, 'data').then(([chunk]) => String(chunk)),
    once(socket, 'close').then(() => 'closed'),
    new Promise<string>((resolve) => setTimeout(resolve, 500, 'silence')),
  ])
  socket.write(text)
  return answer
}

test('hang: existing and new connections go silent, and the heal closes those that hung', async () => {
  const existing = await open()
  expect(await say(existing, 'before')).toBe('before')
  const groups = await proxiesOf(topology.links, topology)
  await onEveryProxy(groups, 'silencing', (proxy) => Promise.all((['upstream', 'downstream'] as const).map((stream) =>
    proxy.addToxic({ name: `blackstart-f1-${stream}`, type: 'timeout', stream, toxicity: 1, attributes: { timeout: 0 } }))))
  expect(await say(existing, 'during')).toBe('silence')
  const fresh = await open()
  expect(await say(fresh, 'hello')).toBe('silence')
  expect(await removeToxics(topology)).toHaveLength(2)
  expect(await say(existing, 'after')).toBe('closed')
  expect(await say(await open(), 'again')).toBe('again')
  expect(await removeToxics(topology)).toEqual([])
})

test('refuse: existing connections are closed, new ones refused, until the heal', async () => {
  const existing = await open()
  expect(await say(existing, 'before')).toBe('before')
  const groups = await proxiesOf(topology.links, topology)
  await onEveryProxy(groups, 'disabling', (proxy) => proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream }))
  expect(await say(existing, 'during')).toBe('closed')
  const fresh = connect({ host: '127.0.0.1', port })
  fresh.on('error', () => {})
  // Docker's own port forwarder accepts and then finds nobody: what reaches the client is a close.
  await once(fresh, 'close')
  expect(await enableProxies(topology)).toEqual(['link echo.tcp: enabled'])
  expect(await say(await open(), 'again')).toBe('again')
})

test('a Toxiproxy that does not answer is named', async () => {
  const gone: Topology = { ...topology, nodes: [{ name: 'link', role: 'link', site: '', ports: { api: 1 }, attributes: {} }] }
  await expect(proxiesOf(topology.links, gone)).rejects.toThrow('Toxiproxy of link does not answer')
})
