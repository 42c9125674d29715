// Goal: who has not said yet what clients ask is told so when the world is up, not by a trial in which all fails.
// Method: a real server, and the world file that adopt writes first.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unansweredReads } from '../../../chaos/cli/first-answers.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'
import { clientsSchema } from '../../../chaos/worldfile/schema.ts'

let server: Server
const entry = 'http://gateway:8080'

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    response.writeHead(url === '/' ? 404 : url === '/moved' ? 302 : 200).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => server.close())

function worldAt(port: number): Topology {
  const gateway = {
    name: 'gateway',
    role: 'router',
    site: 'edge',
    ports: { http: port },
    attributes: { 'router.entry': entry },
  } as const
  return { world: 'w', sites: [], links: [], timeouts: {}, nodes: [gateway] }
}
const told = (requests: object[], port = (server.address() as AddressInfo).port) =>
  unansweredReads(worldAt(port), clientsSchema.parse({ enter: [entry], requests }))

test('a read that is answered 404 is told, with where to change it', async () => {
  expect(await told([{ name: 'get', share: 1, path: '/' }])).toEqual([
    expect.stringMatching(/^GET \/ is answered 404: clients would fail\. "clients.requests" of blackstart.yaml/),
  ])
})

test('what is good is not told, nor asked where it needs a key or writes', async () => {
  const requests = [
    { name: 'good', share: 0.2, path: '/moved' },
    { name: 'said', share: 0.2, path: '/', acknowledged: [404] },
    { name: 'key', share: 0.3, path: '/{{recentKey}}' },
    { name: 'put', share: 0.3, write: true, method: 'PUT', path: '/' },
  ]
  expect(await told(requests)).toEqual([])
})

test('nobody there', async () => {
  const gone = createServer()
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
  const { port } = gone.address() as AddressInfo
  await new Promise((resolve) => gone.close(resolve))
  expect(await told([{ name: 'get', share: 1, path: '/' }], port)).toEqual([expect.stringContaining('ECONNREFUSED')])
})
