/** Acts on links: packets dropped in their network namespace, toxics on what they relay, or their proxies disabled. */
import { able } from '../engine/engine.ts'
import { swallow } from '../faults/hang.ts'
import type { CuttingKind } from '../faults/reach.ts'
import type { Link } from '../topology/topology.ts'
import type { Ground } from './prepared.ts'
import type { Switch } from './switch.ts'
import { refusingSwitch, toxicSwitch } from './toxics.ts'

/** What takes a link down as a whole, by kind. */
export const cuts: Record<CuttingKind, (links: Link[], ground: Ground) => Promise<Switch>> = {
  blackhole: packetSwitch,
  hang: (links, ground) => toxicSwitch(links, ground, swallow),
  refuse: refusingSwitch,
}

/** Drops every packet of these links, through a helper that waits at each. */
async function packetSwitch(links: Link[], { engine, topology }: Ground): Promise<Switch> {
  const names = links.map((link) => link.name)
  const ready = await able(engine.can.cutLinks).ready(topology.world, names)
  return {
    undo: { do: 'remove-rules', links: names },
    async on(faultId) {
      await ready.cut(faultId)
      return names.length
    },
    off: (faultId) => ready.restore(faultId),
    dispose: () => ready.dispose(),
  }
}
