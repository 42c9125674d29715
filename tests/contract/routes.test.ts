// Goal: the nodes of a world have their routes from its first start on, also where nothing but labels tells of them: before
// Compose has made a container nobody can know that there will be one that needs any.
//   keepRoutes (no container yet) ── start event, with labels ──► helper ──► a route in the node's namespace
// Method: a real engine, a network of ours, and one container with the label, made after the watching has begun.
import { GenericContainer } from 'testcontainers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { down } from '../../chaos/world/down.ts'

const world = 'blackstart-test-routes'
const engine = new DockerEngine()
const elsewhere = '198.19.0.0/27'
/** The same address as /proc/net/route has it. */
const elsewhereInHex = '000013C6'

beforeAll(async () => void (await down(engine, world)))
afterAll(async () => void (await down(engine, world)))

test('a node that is made after the watching began has its routes while it runs', async () => {
  const network = await engine.makeNetwork(world, 'east')
  const { IPAM } = await engine.docker.getNetwork(network).inspect()
  const gateway = IPAM?.Config?.[0]?.['Gateway'] ?? ''
  await using _routes = await engine.keepRoutes(world)
  const node = await new GenericContainer('blackstart/services')
    .withNetworkMode(network)
    .withLabels({ 'blackstart.world': world, 'blackstart.routes': `${elsewhere} via ${gateway}` })
    .withCommand(['-e', 'setInterval(() => {}, 1e6)'])
    .start()
  const routes = async () => (await node.exec(['cat', '/proc/net/route'])).output
  await expect.poll(routes, { timeout: 20_000 }).toContain(elsewhereInHex)
})
