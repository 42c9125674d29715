// Goal: every attempt that k6 makes reaches the journal once, on the schedule, with the outcome that a client saw.
// Method: real k6 on a labelled network against a server whose answer depends on the arrival's number.

import { GenericContainer } from 'testcontainers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { EventBody, EventOf } from '../../chaos/journal/schema.ts'
import { startLoad } from '../../chaos/load/generator.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { down } from '../../chaos/world/down.ts'

const world = 'blackstart-test-k6'
const engine = new DockerEngine()
/** Answers by the last digit of the key: 1 → 409, 2 → 503, 3 → closes without an answer, 4 → after 2 s, else 201. */
const program = `require("node:http").createServer((request, response) => {
  const digit = Number((request.headers["idempotency-key"] ?? "0").at(-1))
  response.setHeader("x-blackstart-node", "app-1").setHeader("x-blackstart-region", "east").setHeader("x-blackstart-versions", "12:4,873:9")
  if (digit === 3) return void request.socket.destroy()
  setTimeout(() => response.writeHead({ 1: 409, 2: 503 }[digit] ?? 201).end("{}"), digit === 4 ? 2000 : 0)
}).listen(8080)`

beforeAll(async () => {
  await down(engine, world)
  await engine.docker.createNetwork({
    Name: `${world}-edge`,
    Labels: { 'blackstart.world': world, 'blackstart.site': 'edge' },
  })
  await new GenericContainer('blackstart/services')
    .withNetworkMode(`${world}-edge`)
    .withLabels({ 'blackstart.world': world })
    .withCommand(['-e', program])
    .withName(`${world}-server`)
    .start()
})
afterAll(async () => {
  await down(engine, world)
})

test('outcomes, schedule and count survive the stream', async () => {
  const topology: Topology = {
    world,
    sites: [{ name: 'edge', kind: 'edge' }],
    links: [],
    timeouts: {},
    nodes: [
      {
        name: 'router',
        role: 'router',
        site: 'edge',
        ports: {},
        attributes: { 'router.entry': `http://${world}-server:8080` },
      },
    ],
  }
  const events: EventBody[] = []
  const startMs = performance.now()
  const load = await startLoad({
    engine,
    topology,
    trialId: `c${Date.now().toString(36)}`,
    durationMs: 3_000,
    wallStartMs: Date.now(),
    load: { ratePerSecond: 50, writeShare: 1, timeoutMs: 1_000, maxVirtualUsers: 80 },
    instruments: { now: () => performance.now() - startMs, record: (body) => void events.push(body) },
  })
  await load.started
  await load.ended
  const requests = events.filter((event) => event.kind === 'request') as Omit<EventOf<'request'>, 'seq' | 'atMs'>[]
  const ended = events.find((event) => event.kind === 'load.ended') as Omit<EventOf<'load.ended'>, 'seq' | 'atMs'>
  expect(ended).toMatchObject({ exitCode: 0, dropped: 0, iterations: requests.length })
  expect(requests.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(requests.map((_, index) => index))
  expect(requests.length).toBeGreaterThanOrEqual(149)
  expect(requests.length).toBeLessThanOrEqual(151)
  expect(events.find((event) => event.kind === 'load.started')).toMatchObject({ ratePerSecond: 50, durationMs: 3_000 })
  for (const request of requests) {
    const expected = { 1: ['rejected', 409], 2: ['unknown', 503], 3: ['unknown', 0], 4: ['unknown', 0] }[
      request.n % 10
    ] ?? ['acked', 201]
    expect([request.outcome, request.status], `arrival ${request.n}`).toEqual(expected)
    if (request.status === 201) expect(request).toMatchObject({ node: 'app-1', region: 'east', op: 'write' })
    if (request.status === 201) expect(request).toMatchObject({ session: request.n, versions: [12, 4, 873, 9] })
    if (request.n % 10 === 4) expect(request.error).toBe('timeout')
  }
  const inOrder = requests.toSorted((a, b) => a.n - b.n)
  expect((inOrder.at(-1)?.scheduledMs ?? 0) - (inOrder[0]?.scheduledMs ?? 0)).toBeCloseTo((requests.length - 1) * 20, 0)
})
