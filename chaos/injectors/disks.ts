/**
 * Fills the disk of a node, if the node has a disk of its own: volumes on the engine's disk share it with everything
 * else, and filling that disk would break the world, the engine and Blackstart itself. Or takes what a node has stored.
 */
import { able, CannotRun } from '../engine/engine.ts'
import { namesOf, type PreparedFault } from '../faults/fault.ts'
import type { Node } from '../topology/topology.ts'
import { type Ground, healOnce, singleAct } from './prepared.ts'

/** A disk of more than this is taken for the engine's own. */
const largestBytes = 8 * 2 ** 30

export async function fillDisk(nodes: Node[], pathOf: (node: Node) => string, ground: Ground): Promise<PreparedFault> {
  const { engine, topology } = ground
  const disks = nodes.map((node) => ({ service: node.name, path: pathOf(node) }))
  const { rooms, fill } = await able(engine.can.fillDisk).ready(topology.world, disks)
  for (const [index, { size, mountedAt }] of rooms.entries()) {
    const { service = '', path } = disks[index] ?? {}
    if (size <= largestBytes && mountedAt === path) continue
    throw new CannotRun(
      `the data of ${service} is not on a disk of its own (${path} is part of one of ${(size / 2 ** 30).toFixed(0)} GiB, mounted at ${mountedAt}): filling it would harm everything else on this machine; regions/small-disks.yml gives each database a small one`,
    )
  }
  return singleAct(ground, {
    undo: { do: 'remove-balloons', disks },
    async act() {
      await fill()
      return disks.length
    },
  })
}

/** The nodes die first: what runs would write on. */
export async function loseDisk(nodes: Node[], { engine, topology, undo, now }: Ground): Promise<PreparedFault> {
  const names = namesOf(nodes)
  await using prepared = new AsyncDisposableStack()
  const volumes = await able(engine.can.loseDisk).ready(topology.world, names)
  prepared.defer(() => volumes.dispose())
  const ready = await able(engine.can.kill).ready(topology.world, names, { now })
  prepared.defer(() => ready.dispose())
  const held = prepared.move()
  return {
    async inject(faultId) {
      await undo.write(faultId, { do: 'start-emptied', containers: names })
      const times = await ready.kill()
      await volumes.empty().finally(() => volumes.dispose())
      return { acts: names.length, ...times, ...healOnce(() => undo.undo(faultId)) }
    },
    dispose: () => held.disposeAsync(),
  }
}
