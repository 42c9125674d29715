// Goal: a region's proxy says that the primary is in its region where one of the region's nodes is primary and the
// region reaches a majority of the DCS, and not otherwise.
// Method: the proxy's own HAProxy and configuration, before a container that answers for both nodes of the region and
// for its member of the DCS. Nothing stands for the other region, nor for the witness.

import { join } from 'node:path'
import { GenericContainer, Wait } from 'testcontainers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { packageRoot } from '../../chaos/roots.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { down } from '../../chaos/world/down.ts'

const world = 'blackstart-test-where'
const engine = new DockerEngine()
/** "/is?a,dcs" makes node a primary, and gives the DCS a majority. */
const program = `
  let is = []
  const listen = (port, answer) => require('node:http').createServer(answer).listen(port)
  for (const [node, port] of [['a', 8401], ['b', 8402]])
    listen(port, ({ url }, response) => response.writeHead(url !== '/primary' || is.includes(node) ? 200 : 503).end())
  listen(2381, (_, response) => response.end(JSON.stringify({ health: String(is.includes('dcs')) })))
  listen(8080, ({ url }, response) => {
    is = url.split('?')[1]?.split(',') ?? []
    response.end()
  })`

let stub: string
let where: string
beforeAll(async () => {
  await down(engine, world)
  await engine.docker.createNetwork({ Name: `${world}-east`, Labels: { 'blackstart.world': world } })
  const labelled = (image: string) =>
    new GenericContainer(image).withNetworkMode(`${world}-east`).withLabels({ 'blackstart.world': world })
  const region = await labelled('blackstart/services')
    .withCommand(['-e', program])
    .withNetworkAliases('pg-east-a', 'pg-east-b', 'etcd-east', 'pg-west-a', 'pg-west-b', 'etcd-west', 'etcd-witness')
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp('/', 8080))
    .start()
  const proxy = await labelled('blackstart/router')
    .withEnvironment({
      ...{ LOCAL_A: 'pg-east-a', LOCAL_A_SQL: '5401', LOCAL_A_REST: '8401' },
      ...{ LOCAL_B: 'pg-east-b', LOCAL_B_SQL: '5402', LOCAL_B_REST: '8402' },
      ...{ FAR_A: 'pg-west-a', FAR_A_SQL: '5403', FAR_A_REST: '8403' },
      ...{ FAR_B: 'pg-west-b', FAR_B_SQL: '5404', FAR_B_REST: '8404' },
      ...{ LOCAL_DCS: 'etcd-east', LOCAL_DCS_CLIENT: '2381', FAR_DCS: 'etcd-west', FAR_DCS_CLIENT: '2382' },
    })
    .withExposedPorts(5002)
    .withCopyFilesToContainer([
      { source: join(packageRoot, 'regions/config/haproxy.cfg'), target: '/etc/haproxy/haproxy.cfg' },
    ])
    .start()
  stub = `http://127.0.0.1:${region.getMappedPort(8080)}`
  where = `http://127.0.0.1:${proxy.getMappedPort(5002)}/primary`
})
afterAll(async () => {
  await down(engine, world)
})

test.each([
  ['a,dcs', 200],
  ['dcs', 503],
  ['b,dcs', 200],
  ['b', 503],
  ['a,dcs', 200],
  ['', 503],
])('a region whose nodes and DCS are "%s" answers %i', async (is, expected) => {
  await fetch(`${stub}/is?${is}`)
  await waitUntil(
    async () => {
      const { status } = await fetch(where)
      return status === expected ? { done: true, value: undefined } : { done: false, seen: String(status) }
    },
    { until: `the proxy answers ${expected}`, limitMs: 10_000, everyMs: 50 },
  )
  expect((await fetch(where)).status).toBe(expected)
})
