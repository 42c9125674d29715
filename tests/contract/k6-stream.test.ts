// Goal: every attempt that k6 makes reaches the journal once, on the schedule, with the outcome that a client saw.
// Method: real k6 on a labelled network against a server whose answer depends on the arrival's number.

import { GenericContainer } from 'testcontainers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { EventBody, EventOf } from '../../chaos/journal/schema.ts'
import { type LoadOptions, startLoad } from '../../chaos/load/generator.ts'
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

async function played(paced: Pick<LoadOptions, 'load' | 'durationMs' | 'surges' | 'clients'>) {
  const events: EventBody[] = []
  const startMs = performance.now()
  const load = await startLoad({
    engine,
    topology,
    trialId: `c${Date.now().toString(36)}`,
    wallStartMs: Date.now(),
    instruments: { now: () => performance.now() - startMs, record: (body) => void events.push(body) },
    ...paced,
  })
  await load.started
  await load.ended
  return {
    events,
    requests: events.filter((event) => event.kind === 'request') as Omit<EventOf<'request'>, 'seq' | 'atMs'>[],
    ended: events.find((event) => event.kind === 'load.ended') as Omit<EventOf<'load.ended'>, 'seq' | 'atMs'>,
  }
}

test('outcomes, schedule and count survive the stream', async () => {
  const { events, requests, ended } = await played({
    durationMs: 3_000,
    load: { ratePerSecond: 50, writeShare: 1, timeoutMs: 1_000, maxVirtualUsers: 80 },
  })
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

test.each<[string, LoadOptions['clients']]>([
  ['our own requests', undefined],
  [
    'declared requests',
    {
      enter: [`http://${world}-server:8080`],
      requests: [{ name: 'look', method: 'GET', path: '/', share: 1, write: false }],
    },
  ],
])('a surge of %s is made when it is due, and dated so', async (_, clients) => {
  const { events, requests, ended } = await played({
    durationMs: 4_000,
    load: { ratePerSecond: 10, writeShare: 0, timeoutMs: 1_000, maxVirtualUsers: 40 },
    surges: [{ fromMs: 1_525, toMs: 2_725, ratePerSecond: 50 }],
    clients,
  })
  const started = events.find((event) => event.kind === 'load.started') as Omit<EventOf<'load.started'>, 'seq' | 'atMs'>
  const [surge] = started.surges ?? []
  if (surge === undefined) throw new Error('no surge is on record')
  expect(ended).toMatchObject({ exitCode: 0, dropped: 0, iterations: requests.length })
  expect(events.filter((event) => event.kind === 'note').map(({ text }) => text)).toEqual([
    'the load rises to 50 requests/s',
    'the load is back at 10 requests/s',
  ])
  // 4 s of 10/s from the first one on, and 1.2 s of 40/s more. One is due at the very end, and may be made.
  expect([40 + 48, 40 + 48 + 1]).toContain(requests.length)
  // k6's own times, against what we think is due when: never early; and before, in and after the surge some are in time to
  // within half a slot of the usual rate, which a busy machine leaves them.
  const parts = Map.groupBy(
    requests,
    ({ scheduledMs }) => Number(scheduledMs >= surge.fromMs) + Number(scheduledMs >= surge.toMs),
  )
  for (const part of [0, 1, 2]) {
    const lateMs = parts.get(part)?.map(({ startedMs, scheduledMs }) => startedMs - scheduledMs) ?? []
    expect(Math.min(...lateMs), `the earliest of part ${part}`).toBeGreaterThan(-2)
    expect(Math.min(...lateMs), `the earliest of part ${part}`).toBeLessThan(50)
  }
  expect(requests.filter(({ scheduledMs }) => scheduledMs >= surge.fromMs && scheduledMs < surge.toMs)).toHaveLength(60)
})
