/** Acts on links: packets dropped in their network namespace, toxics on what they relay, or their proxies disabled. */
import { swallow } from '../faults/hang.ts'
import type { CuttingKind } from '../faults/reach.ts'
import { type Link, routesPackets } from '../topology/topology.ts'
import type { Ground } from './prepared.ts'
import { ruleSwitch } from './rules.ts'
import type { Switch } from './switch.ts'
import { refusingSwitch, toxicSwitch } from './toxics.ts'

/** What takes a link down as a whole, by kind. */
export const cuts: Record<CuttingKind, (links: Link[], ground: Ground) => Promise<Switch>> = {
  blackhole: packetSwitch,
  hang: (links, ground) => toxicSwitch(links, ground, swallow),
  refuse: refusingSwitch,
}

/** Drops every packet of these links. */
function packetSwitch(links: Link[], ground: Ground): Promise<Switch> {
  return ruleSwitch(links, ground, () => 'all')
}

/** Drops a share of the packets that come to these links, each from the sites that `from` names. */
export function losing(links: Link[], ground: Ground, share: number, from: (link: Link) => string[]): Promise<Switch> {
  return ruleSwitch(links, ground, (link) => ({
    is: 'lose',
    share,
    from: from(link),
    ...(!routesPackets(link, ground.topology) && { relays: true }),
  }))
}
