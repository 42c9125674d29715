// Goal: a node of the store starts, is spoken to, and starts again, whatever its password is made of.
// Method: a real Redis and a real sentinel, started as in the world, and asked as the harness asks. A sentinel writes
// its configuration anew as soon as it runs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GenericContainer } from 'testcontainers'
import { beforeEach, expect, test, vi } from 'vitest'
import { packageRoot } from '../../chaos/roots.ts'
import type { Node } from '../../chaos/topology/topology.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { notReady } from '../../chaos/world/ready.ts'

const password = `/&@"'\\%:$# {}`
beforeEach(() => {
  vi.stubEnv('BLACKSTART_PASSWORD_STORE', password)
})

test.for([
  ['redis', 6371],
  ['sentinel', 26371],
] as const)('a %s with a password that was made by hand', async ([what, port]) => {
  const files = ['store.sh', 'redis.conf', 'sentinel.conf'].map((name) => ({
    content: readFileSync(join(packageRoot, 'regions/config', name), 'utf8'),
    target: `/etc/blackstart/${name}`,
  }))
  const container = await new GenericContainer('blackstart/store')
    .withEntrypoint(['bash', '/etc/blackstart/store.sh'])
    .withCommand([what])
    .withCopyContentToContainer(files)
    .withEnvironment({
      NODE: 'redis-east',
      PORT: String(port),
      PASSWORD: password,
      SENTINELS: '127.0.0.1:9,127.0.0.1:9',
    })
    .withExtraHosts([{ host: 'redis-east', ipAddress: '127.0.0.1' }])
    .withLabels({ 'blackstart.world': `contract-store-${process.pid}` })
    .withExposedPorts(port)
    .start()
  const ready = () =>
    waitUntil(
      async () => {
        const node: Node = {
          name: what,
          role: 'store',
          site: 'east',
          ports: { redis: container.getMappedPort(port) },
          attributes: { 'store.password': 'BLACKSTART_PASSWORD_STORE' },
        }
        const [problem] = await notReady({
          world: 'w',
          sites: [{ name: 'east', kind: 'region' }],
          nodes: [node],
          links: [],
          timeouts: {},
        })
        return problem === undefined ? { done: true, value: true } : { done: false, seen: problem }
      },
      { until: `the ${what} answers`, limitMs: 20_000 },
    )
  try {
    expect(await ready()).toBe(true)
    await container.restart()
    expect(await ready()).toBe(true)
  } finally {
    await container.stop()
  }
})
