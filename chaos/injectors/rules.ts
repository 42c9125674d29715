/** Netfilter rules at links or nodes as a switch: a table for each fault, through a helper that waits at each. */
import { able, type Cut } from '../engine/engine.ts'
import type { Ground } from './prepared.ts'
import type { Switch } from './switch.ts'

export async function ruleSwitch<At extends { name: string }>(
  links: readonly At[],
  { engine, topology }: Ground,
  how: (link: At) => Cut,
): Promise<Switch> {
  const cuts = new Map(links.map((link) => [link.name, how(link)]))
  const names = [...cuts.keys()]
  const ready = await able(engine.can.cutLinks).ready(topology.world, names, (link) => cuts.get(link) ?? 'all')
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
