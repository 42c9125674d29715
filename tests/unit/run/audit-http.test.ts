// Goal: what a service shows over HTTP is read as it is, and an answer that is none is never taken for an absence.
// Method: a real server on loopback that holds the writes of the test.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { readByHttp } from '../../../chaos/run/audit-http.ts'
import { auditorsOf } from '../../../chaos/run/auditors.ts'
import { type Node, nodesAskedByHttp, type Topology } from '../../../chaos/topology/topology.ts'
import { worldFileSchema } from '../../../chaos/worldfile/schema.ts'

let server: Server
afterEach(() => void server?.close())

/** `answer`: the status for arrival n. */
async function appThat(answer: (n: number) => number): Promise<Node> {
  server = createServer((request, response) => {
    response.writeHead(answer(Number(/-(\d+)$/.exec(request.url ?? '')?.[1]))).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    name: 'app-1',
    role: 'app',
    site: 'east',
    ports: { http: port },
    attributes: {},
  }
}

const read = (node: Node, options: { writes: number[]; allMs?: number }) =>
  readByHttp(node, { http: { path: '/items/{{key}}', present: 200 }, trialId: 't1', nowMs: () => 7, ...options })
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

test('present and absent writes', async () => {
  const node = await appThat((n) => (n === 3 ? 404 : 200))
  expect(await read(node, { writes: [1, 2, 3, 4] })).toMatchObject({ kind: 'audit.read', rows: 3, writes: '1-2,4' })
})

test('a service that shows nothing is read, and holds nothing', async () => {
  const node = await appThat(() => 404)
  expect(await read(node, { writes: [1, 2] })).toMatchObject({ kind: 'audit.read', rows: 0, writes: '' })
})

test.each([500, 401, 302])('%i is no answer', async (status) => {
  const node = await appThat((n) => (n === 9 ? status : 200))
  const reading = await read(node, { writes: upTo(20) })
  expect(reading).toMatchObject({
    kind: 'audit.failed',
    reason: expect.stringContaining(`was answered with ${status}`),
  })
})

test('nobody there', async () => {
  const node = await appThat(() => 200)
  server.close()
  expect(await read(node, { writes: [1] })).toMatchObject({
    kind: 'audit.failed',
    reason: expect.stringContaining('ECONNREFUSED'),
  })
})

test('a million keys end in time, and say how far they came', async () => {
  const node = await appThat(() => 200)
  const reading = await read(node, { writes: upTo(1_000_000), allMs: 300 })
  expect(reading).toMatchObject({
    kind: 'audit.failed',
    reason: expect.stringMatching(/of 1000000 keys were asked for in 0.3 s/),
  })
})

test('who reads: apps that answer HTTP, or else routers; nobody where the file is silent', async () => {
  const app = await appThat(() => 200)
  const router = { ...app, name: 'gateway', role: 'router' as const }
  const topology = (nodes: Node[]) => ({ world: 'w', sites: [], links: [], timeouts: {}, nodes }) as Topology
  expect(nodesAskedByHttp(topology([app, router]))).toEqual([app])
  expect(nodesAskedByHttp(topology([router]))).toEqual([router])
  const file = (audit?: object) => worldFileSchema.parse({ sites: {}, ...(audit && { audit }) })
  expect(auditorsOf(topology([app]), undefined)).toBeUndefined()
  expect(auditorsOf(topology([app]), file())).toEqual({ by: 'nobody', nodes: [] })
  expect(auditorsOf(topology([app]), file({ writes: { http: { path: '/x/{{key}}' } } }))).toEqual({
    by: 'http',
    nodes: ['app-1'],
  })
})
