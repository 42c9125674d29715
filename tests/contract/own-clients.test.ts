// Goal: requests that a world file declares, and a script of the user's, reach a service and the journal; an entry that
// refuses costs no request.
// Method: real k6 on a labelled network against a small service of items; the first entry has nobody behind it.
import { GenericContainer } from 'testcontainers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { EventBody, EventOf } from '../../chaos/journal/schema.ts'
import { startLoad } from '../../chaos/load/generator.ts'
import type { Clients } from '../../chaos/load/program.ts'
import { writeShareOf } from '../../chaos/load/program.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { down } from '../../chaos/world/down.ts'
import { clientsSchema } from '../../chaos/worldfile/schema.ts'

const world = 'blackstart-test-clients'
const engine = new DockerEngine()
/** PUT answers 202 where the number ends in 3, else 201; GET answers 200 or 404. */
const program = `const items = new Map()
require("node:http").createServer((request, response) => {
  if (request.method === "PUT") {
    items.set(request.url, 1)
    return void response.writeHead(request.url.endsWith("3") ? 202 : 201).end()
  }
  response.writeHead(items.has(request.url) ? 200 : 404).end()
}).listen(8080)`
const topology: Topology = {
  world,
  sites: [{ name: 'edge', kind: 'edge' }],
  links: [],
  timeouts: {},
  nodes: [],
}
const enter = [`http://${world}-server:8081`, `http://${world}-server:8080`]

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

async function play(clients: Clients): Promise<{
  requests: Omit<EventOf<'request'>, 'seq' | 'atMs'>[]
  ended: Omit<EventOf<'load.ended'>, 'seq' | 'atMs'>
}> {
  const events: EventBody[] = []
  const startMs = performance.now()
  const load = await startLoad({
    engine,
    topology,
    trialId: `g${Date.now().toString(36)}`,
    durationMs: 2_000,
    wallStartMs: Date.now(),
    clients,
    load: { ratePerSecond: 50, writeShare: writeShareOf(clients) ?? 0.5, timeoutMs: 1_000, maxVirtualUsers: 40 },
    instruments: { now: () => performance.now() - startMs, record: (body) => void events.push(body) },
  })
  await load.started
  await load.ended
  return {
    requests: events.filter((event) => event.kind === 'request') as Omit<EventOf<'request'>, 'seq' | 'atMs'>[],
    ended: events.find((event) => event.kind === 'load.ended') as Omit<EventOf<'load.ended'>, 'seq' | 'atMs'>,
  }
}

test('declared requests, with a first entry that refuses', async () => {
  const { requests, ended } = await play(
    clientsSchema.parse({
      enter,
      requests: [
        {
          name: 'put',
          share: 0.4,
          write: true,
          method: 'PUT',
          path: '/items/{{key}}',
          body: '{"n":{{n}}}',
          acknowledged: [201],
        },
        { name: 'get', share: 0.6, path: '/items/{{recentKey}}', acknowledged: [200, 404] },
      ],
    }),
  )
  expect(ended).toMatchObject({ exitCode: 0, dropped: 0, iterations: requests.length })
  const writes = requests.filter(({ op }) => op === 'write')
  expect(Math.abs(writes.length - requests.length * 0.4)).toBeLessThan(1)
  for (const { n, op, outcome, status } of requests)
    expect([outcome, status], `${op} ${n}`).toEqual(
      op === 'write' ? (n % 10 === 3 ? ['unknown', 202] : ['acked', 201]) : ['acked', expect.any(Number)],
    )
  // Reads find what was written shortly before.
  expect(requests.filter(({ op, status }) => op === 'read' && status === 200).length).toBeGreaterThan(30)
})

describe('a script of the user', () => {
  const script = (body: string) => `import http from 'k6/http'
import { attempt } from 'blackstart/k6'
export const options = { thresholds: { http_req_duration: ['max<0.001'] } }
export default function () {
  const put = ({ entry, key, timeout }) => http.put(entry + '/items/' + key, 'x', { timeout })
  ${body}
}
`
  const own = (body: string): Clients => ({
    ...clientsSchema.parse({ enter }),
    script: 'mine.js',
    scriptText: script(body),
  })

  test('is measured like our own, and its broken threshold ends with status 99', async () => {
    const { requests, ended } = await play(own('attempt({ write: true }, put)'))
    expect(ended).toMatchObject({ exitCode: 99, dropped: 0, iterations: requests.length })
    expect(requests.length).toBeGreaterThanOrEqual(99)
    expect(requests.every(({ op, status }) => op === 'write' && status > 200)).toBe(true)
  })

  test('that reports one arrival twice is told so', async () => {
    const { requests, ended } = await play(own('attempt({ write: true }, put); attempt({ write: true }, put)'))
    expect(ended.reason).toContain('attempt was called twice for one arrival')
    expect(new Set(requests.map(({ n }) => n)).size).toBe(requests.length)
  })

  test('that throws before it asks makes no request: the harness says what it threw', async () => {
    await expect(play(own('throw new Error("no such house")'))).rejects.toThrow('no such house')
  })

  test('that never calls attempt is told so', async () => {
    await expect(play(own('put({ entry: "http://localhost:1", key: "1" })'))).rejects.toThrow(
      'a script reports its arrivals by calling attempt',
    )
  })
})
