// Goal: of the two routers at the edge one has the clients' address, and one that stood still does not take it back.
// Method: both routers of the reference world, and nothing else of it. The one that has the address is frozen until the
// other one has it. Then it goes on, and believes that it still has it. Both in turn, for one has the higher priority.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { execIn } from '../../chaos/engine/docker/exec.ts'
import { logOf } from '../../chaos/engine/docker/logs.ts'
import type { Container } from '../../chaos/engine/engine.ts'
import { packageRoot } from '../../chaos/roots.ts'
import { down } from '../../chaos/world/down.ts'
import { chooseSettings, environmentOf } from '../../chaos/world/settings.ts'

const world = 'blackstart-test-shared-address'
const engine = new DockerEngine()
let routers: Container[]
let address: string
beforeAll(async () => {
  await down(engine, world)
  const settings = await chooseSettings(world, engine, [`${packageRoot}/docker-compose.yml`])
  const args = ['compose', '-p', world, 'up', '--detach', '--no-deps', 'router-1', 'router-2']
  const env = { ...process.env, ...environmentOf(world, settings) }
  await promisify(execFile)('docker', args, { cwd: packageRoot, env })
  routers = (await engine.containers(world)).filter(({ service }) => service.startsWith('router-'))
  address = new URL((await engine.topology(world)).nodes[0]?.attributes['router.entry'] ?? '').hostname
})
afterAll(async () => {
  await down(engine, world)
})

const run = (router: Container, command: string) => execIn(engine, router, ['bash', '-c', command])

async function holders(): Promise<string[]> {
  const has = await Promise.all(routers.map((router) => run(router, 'ip -4 -oneline address show dev eth0')))
  return routers.filter((_, index) => has[index]?.includes(` ${address}/`)).map(({ service }) => service)
}

/** How often it became the spare, by its own log: once at its start. */
async function timesSpare(router: Container): Promise<number> {
  return (await logOf(engine, router, { lines: 1_000 })).split('Entering BACKUP STATE').length - 1
}

test.each(['first', 'second'])('the router that has the address freezes and goes on (%s)', async () => {
  await expect.poll(holders).toHaveLength(1)
  const [holder] = await holders()
  const frozen = routers.find(({ service }) => service === holder) as Container
  const other = routers.find(({ service }) => service !== holder) as Container
  const client = (await run(other, 'hostname -i')).trim()
  // Two connections that the other router has to this one: of one it is remembered that it was closed.
  await run(other, `exec 3<> /dev/tcp/${address}/8080; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`)
  await run(other, `(exec 3<> /dev/tcp/${address}/8080; sleep 60) > /dev/null 2>&1 &`)
  const connections = () => run(frozen, `ss -Htan src ${address} dst ${client}`)
  await expect.poll(connections).toMatch(/ESTAB[^]*TIME-WAIT|TIME-WAIT[^]*ESTAB/)
  const container = engine.docker.getContainer(frozen.id)
  const [frozenBefore, otherBefore] = await Promise.all([timesSpare(frozen), timesSpare(other)])
  await container.pause()
  try {
    await expect.poll(() => run(other, 'ip -4 -oneline address show dev eth0')).toContain(` ${address}/`)
  } finally {
    await container.unpause()
  }
  await expect.poll(holders).toEqual([other.service])
  await expect.poll(() => timesSpare(frozen)).toBe(frozenBefore + 1)
  expect(await holders()).toEqual([other.service])
  expect(await timesSpare(other), 'the other one kept it throughout').toBe(otherBefore)
  if (!(await logOf(engine, frozen, { lines: 1_000 })).includes('this kernel keeps connections'))
    await expect.poll(connections, { timeout: 2_000, message: 'it knows nothing of those that it had' }).toBe('')
})

test('a router that asks for a neighbour never says that it has the address', async () => {
  for (const router of routers)
    expect((await run(router, 'cat /proc/sys/net/ipv4/conf/all/arp_announce')).trim(), router.service).toBe('2')
})
