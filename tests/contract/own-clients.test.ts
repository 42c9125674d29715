// Goal: requests that a world file declares, and a script of the user's, reach a service and the journal; an entry that
// refuses costs no request; what is stored is read back by a command in the service's container.
// Method: real k6 on a labelled network against a small service of items; the first entry has nobody behind it.
import { GenericContainer } from 'testcontainers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { EventBody, EventOf } from '../../chaos/journal/schema.ts'
import { startLoad } from '../../chaos/load/generator.ts'
import type { Clients } from '../../chaos/load/program.ts'
import { writeShareOf } from '../../chaos/load/program.ts'
import { commandLimits, readByCommand } from '../../chaos/run/audit-command.ts'
import type { Node, Topology } from '../../chaos/topology/topology.ts'
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
    // The image has the label of the service for which it was built.
    .withLabels({ 'blackstart.world': world, 'com.docker.compose.service': `${world}-server` })
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

describe('reading back by a command', () => {
  const server: Node = { name: `${world}-server`, role: 'app', site: 'edge', ports: {}, attributes: {} }
  const read = (run: string[], limits = commandLimits) =>
    readByCommand(server, {
      engine,
      world,
      trialId: 'g1',
      nowMs: () => 7,
      limits,
      command: { in: [server.name], run },
    })
  const node = (script: string) => ['node', '-e', script, '{{prefix}}']

  test('keys, and complaints that are none', async () => {
    const script = 'for (const n of [0, 1, 2, 5]) console.log(process.argv[1] + n); console.error("g1-7")'
    expect(await read(node(script))).toMatchObject({ kind: 'audit.read', rows: 4, writes: '0-2,5', unexpected: [] })
  })

  test('a million keys', async () => {
    const script =
      'let text = ""; for (let n = 0; n < 1e6; n++) text += process.argv[1] + n + "\\n"; process.stdout.write(text)'
    expect(await read(node(script))).toMatchObject({ kind: 'audit.read', rows: 1_000_000, writes: '0-999999' })
    expect(await read(node(script), { ...commandLimits, mostBytes: 2 ** 20 })).toMatchObject({
      kind: 'audit.failed',
      reason: expect.stringMatching(/printed more than 1 MiB, \d+ lines so far/),
    })
  })

  test.each([
    ['that fails', node('console.error("no such bucket"); process.exit(3)'), /ended with status 3: no such bucket$/],
    ['that does not end', node('setInterval(() => {}, 1e3)'), /was still running after 2 s/],
    ['that is not there', ['redis-cli', '--scan'], /^"redis-cli --scan".*(status 12[67]|not found)/s],
  ])('a command %s', async (_what, run, reason) => {
    expect(await read(run, { ...commandLimits, limitMs: 2_000 })).toMatchObject({
      kind: 'audit.failed',
      reason: expect.stringMatching(reason),
    })
  })
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

test('a container that does not run is not asked by a command', async () => {
  await engine.docker.getContainer(`${world}-server`).stop({ t: 0 })
  const server: Node = { name: `${world}-server`, role: 'app', site: 'edge', ports: {}, attributes: {} }
  const command = { in: [server.name], run: ['true'] }
  expect(await readByCommand(server, { engine, world, trialId: 'g1', nowMs: () => 7, command })).toMatchObject({
    kind: 'audit.failed',
    reason: `"true" was not run: the container of ${world}-server is exited, and a command runs only in one that runs`,
  })
})
