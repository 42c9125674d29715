/** Which of a world's routers serves its clients. */
import { isIP } from 'node:net'
import type { Engine } from '../engine/engine.ts'
import { hasAddress } from '../host/addresses.ts'
import type { Node, Topology } from '../topology/topology.ts'

/**
 * The router that clients use now: if several share the address that `blackstart.router.entry` names, the one that has
 * it. The first, if none has it, or if each has a name of its own.
 */
export async function activeRouter(engine: Engine, topology: Topology): Promise<Node | undefined> {
  const entries = topology.nodes.filter((node) => node.attributes['router.entry'])
  const [first] = entries
  const address = new URL(first?.attributes['router.entry'] ?? 'http://nowhere').hostname
  if (entries.length < 2 || !isIP(address)) return first
  const containers = await engine.containers(topology.world)
  const holders = await Promise.all(
    entries.map(async (node) => {
      const container = containers.find(({ service, state }) => service === node.name && state === 'running')
      return (
        container &&
        engine.exec(container, hasAddress(address)).then(
          () => node,
          () => undefined,
        )
      )
    }),
  )
  return holders.find((node) => node !== undefined) ?? first
}
