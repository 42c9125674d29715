/**
 * Faults of links that pass packets on (via: route), by netfilter rules where the packets pass. What Toxiproxy does to bytes
 * is done to the packets that carry them.
 */
import { CannotRun } from '../engine/engine.ts'
import type { Relay, Stream, Toxic } from '../faults/reach.ts'
import { cannotDelay } from '../faults/relayed.ts'
import { type Link, routesPackets, type Topology } from '../topology/topology.ts'
import type { Ground } from './prepared.ts'
import { ruleSwitch } from './rules.ts'
import type { Switch } from './switch.ts'

/** Those that relay what they carry, and those that only pass packets on. */
export function apart(links: Link[], topology: Topology): { relaying: Link[]; routing: Link[] } {
  const routes = (link: Link) => routesPackets(link, topology)
  return { relaying: links.filter((link) => !routes(link)), routing: links.filter(routes) }
}

/** The same as a toxic, on links that route. @throws CannotRun where packets cannot be treated so */
export function routedToxic(
  links: Link[],
  ground: Ground,
  toxic: Toxic,
  on?: (relay: Relay, link: Link) => Stream[],
): Promise<Switch> {
  const is = toxic.type === 'timeout' ? 'swallow' : toxic.type === 'reset_peer' ? 'reset' : undefined
  if (is === undefined)
    throw new CannotRun(cannotDelay(links, ground.topology) ?? `packets cannot be given ${toxic.type}`)
  return ruleSwitch(links, ground, (link) => ({ is, to: subnetsOf(link, ground.topology, on) }))
}

export function routedRefusal(links: Link[], ground: Ground): Promise<Switch> {
  return ruleSwitch(links, ground, (link) => ({ is: 'refuse', to: subnetsOf(link, ground.topology) }))
}

const cidr = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/

/** The subnets to which packets are to be treated: of the sites that `on` means, or of both. */
function subnetsOf(link: Link, topology: Topology, on?: (relay: Relay, link: Link) => Stream[]): string[] {
  const value = topology.nodes.find(({ name }) => name === link.name)?.attributes['link.subnets'] ?? ''
  const subnets = new Map(value.split(',').map((entry) => entry.trim().split('=') as [string, string]))
  // What is upstream for a node at a site is what goes to that site.
  const meant = on ? link.sites.filter((site) => on({ node: '', site }, link).includes('upstream')) : link.sites
  return meant.map((site) => {
    const subnet = subnets.get(site)
    if (subnet === undefined || !cidr.test(subnet))
      throw new CannotRun(
        `${link.name} has the label blackstart.link.subnets="${value}", which does not say the subnet of ${site}: expected <site>=<subnet>,<site>=<subnet>`,
      )
    return subnet
  })
}

/** Two switches as one; what is missing is left out. */
export function together(switches: Switch[]): Switch {
  const [first, ...others] = switches
  if (first && others.length === 0) return first
  return {
    undo: { do: 'several', undos: switches.flatMap(({ undo }) => (undo.do === 'several' ? undo.undos : [undo])) },
    on: async (faultId) =>
      (await Promise.all(switches.map((each) => each.on(faultId)))).reduce((sum, acts) => sum + acts, 0),
    async off(faultId) {
      await Promise.all(switches.map((each) => each.off(faultId)))
    },
    async dispose() {
      await Promise.all(switches.map((each) => each.dispose()))
    },
  }
}
