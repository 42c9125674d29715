// Goal: a node of the store is ready when it answers a PING, and not before.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { answersAtAll } from '../../../chaos/stack/ports.ts'
import type { Node, Topology } from '../../../chaos/topology/topology.ts'
import { isAbout, notReady } from '../../../chaos/world/ready.ts'

const node = (ports: Node['ports']): Node => ({
  name: 'redis-east',
  role: 'store',
  site: 'east',
  ports,
  attributes: {},
})
const world = (store: Node): Topology => ({
  world: 'w',
  sites: [{ name: 'east', kind: 'region' }],
  nodes: [store],
  links: [],
  timeouts: {},
})

async function saying(answer: string) {
  const heard: string[] = []
  const server = createServer((socket) =>
    socket
      .on('error', () => {})
      .on('data', (chunk) => {
        heard.push(chunk.toString())
        socket.write(answer)
      }),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { heard, port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() }
}

afterEach(() => vi.unstubAllEnvs())

test('a node that answers is ready', async () => {
  using redis = await saying('+PONG\r\n')
  expect(await notReady(world(node({ redis: redis.port })))).toEqual([])
  expect(redis.heard.join('')).toBe('*1\r\n$4\r\nPING\r\n')
})

test('a password is sent with its length, whatever it is made of', async () => {
  vi.stubEnv('BLACKSTART_PASSWORD_STORE', `a b"'\\ü`)
  using redis = await saying('+OK\r\n+PONG\r\n')
  expect(
    await notReady(
      world({ ...node({ redis: redis.port }), attributes: { 'store.password': 'BLACKSTART_PASSWORD_STORE' } }),
    ),
  ).toEqual([])
  expect(redis.heard.join('')).toBe(`*2\r\n$4\r\nAUTH\r\n$8\r\na b"'\\ü\r\n*1\r\n$4\r\nPING\r\n`)
})

test('one that is loading is not, though it answers', async () => {
  using redis = await saying('-LOADING Redis is loading the dataset in memory\r\n')
  const loading = node({ redis: redis.port })
  expect(await notReady(world(loading))).toEqual([
    'redis-east answers "-LOADING Redis is loading the dataset in memory" to PING',
  ])
  expect(await answersAtAll(loading)).toBe(true)
})

describe('a sentinel', () => {
  const master = (replicas: number, others: number) =>
    `*4\r\n$10\r\nnum-slaves\r\n$1\r\n${replicas}\r\n$19\r\nnum-other-sentinels\r\n$1\r\n${others}\r\n`
  const problems = async (answer: string) => {
    using sentinel = await saying(answer)
    return await notReady(world({ ...node({ redis: sentinel.port }), attributes: { 'store.watches': 'ledger' } }))
  }

  test('is ready when it knows whom to replace the primary by, and whom to ask', async () => {
    expect(await problems(master(1, 2))).toEqual([])
  })

  test.each([
    [master(0, 2), 'redis-east knows no replica of ledger'],
    [master(1, 0), 'redis-east knows no other sentinel of ledger'],
    ['-IDONTKNOW\r\n', 'redis-east knows no replica of ledger'],
  ])('%j: %s', async (answer, problem) => {
    expect(await problems(answer)).toEqual([problem])
  })
})

test('one that is gone, or publishes nothing, is not', async () => {
  const { port, [Symbol.dispose]: close } = await saying('')
  close()
  for (const ports of [{ redis: port }, {}]) {
    expect(await notReady(world(node(ports)))).toEqual(['redis-east does not answer to PING'])
    expect(await answersAtAll(node(ports))).toBe(false)
  }
})

test.each([
  ['router-1 is exited', 'router-1', true],
  ['pg-east-a: no answer', 'pg-east-a', true],
  ['router-10 is exited', 'router-1', false],
  ['pg-east-a-2 is exited', 'pg-east-a', false],
])('"%s" is about %s: %s', (line, node, about) => {
  expect(isAbout(line, node)).toBe(about)
})
