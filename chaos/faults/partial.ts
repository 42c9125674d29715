/**
 * partial: a site is cut off from some of the others, by blackhole, and keeps its other links.
 *
 * Models: the loss of one of several paths, after which the sites disagree about who is there.
 * Does not model: what blackhole does not.
 * Heals by: removing the fault's netfilter tables.
 */
import type { Topology } from '../topology/topology.ts'
import { blackhole, packetSwitch } from './blackhole.ts'
import type { Fault, Order } from './fault.ts'
import { bothWays } from './links.ts'
import { switchedOn } from './switch.ts'
import { siteNamed } from './targets.ts'

export const partial: Fault<'partial'> = {
  kind: 'partial',
  models: 'the site is cut off from some of the others and keeps its other links (packets dropped, both directions)',
  doesNotModel: blackhole.doesNotModel,
  actsOn: 'links',
  unavailable(order, topology) {
    const { target, spec } = order
    if (target.site === undefined || target.nodes.length === 0)
      return `partial acts on a site: give it a region or a site, not ${target.name}`
    const sites = spec.with.from.map((name) => siteNamed(name, topology, order.roles))
    const missing = sites.find(
      (site) => !target.links.some((link) => link.sites.includes(site)) || site === target.site,
    )
    return missing === undefined ? undefined : `${target.name} has no link to ${missing}`
  },
  effect: (order, topology) => ({ silent: bothWays(linksCut(order, topology)) }),
  async prepare(order, context) {
    return switchedOn(await packetSwitch(linksCut(order, context.topology), context), context)
  },
}

export function linksCut({ target, spec, roles }: Order<'partial'>, topology: Topology) {
  const sites = spec.with.from.map((name) => siteNamed(name, topology, roles))
  return target.links.filter((link) => link.sites.some((site) => site !== target.site && sites.includes(site)))
}
