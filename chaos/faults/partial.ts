/**
 * partial: a site is cut off from some of the others, by blackhole, and keeps its other links.
 *
 * Models: the loss of one of several paths, after which the sites disagree about who is there.
 * Does not model: what blackhole does not.
 * Heals by: removing the fault's netfilter tables.
 */
import { z } from 'zod'
import { mostNames } from '../limits.ts'
import { siteNamed } from '../topology/resolve.ts'
import type { Link, Topology } from '../topology/topology.ts'
import { blackhole } from './blackhole.ts'
import { bothWays, faultKind, type Order } from './fault.ts'
import { siteName } from './options.ts'

type PartialOrder = Order<{ from: string[] }>

export const partial = faultKind({
  kind: 'partial',
  summary: 'The target is cut off from some sites, and keeps its other links',
  models: 'the site is cut off from some of the others and keeps its other links (packets dropped, both directions)',
  doesNotModel: blackhole.doesNotModel,
  actsOn: 'site',
  options: {
    from: z
      .array(siteName)
      .min(1)
      .max(mostNames)
      .describe('The sites that the target is cut off from; "primary" and "other" mean the regions'),
  },
  inWords: ({ from }, { site }) => `cut off from ${from.map(site).join(' and ')}`,
  examples: [{ target: { scope: 'region', name: 'primary' }, with: { from: ['witness'] } }],
  unavailable(order, topology) {
    const { target } = order
    const missing = sitesOf(order, topology).find(
      (site) => !target.links.some((link) => link.sites.includes(site)) || site === target.site,
    )
    return missing === undefined ? undefined : `${target.name} has no link to ${missing}`
  },
  effect: (order, topology) => ({ silent: bothWays(linksCut(order, topology)) }),
  named: (order, topology) => ({ ...order.options, from: sitesOf(order, topology) }),
  prepare: (order, { topology, injectors }) => injectors.cut(linksCut(order, topology)),
})

function sitesOf({ options, roles }: PartialOrder, topology: Topology): string[] {
  return options.from.map((name) => siteNamed(name, topology, roles))
}

function linksCut(order: PartialOrder, topology: Topology): Link[] {
  const sites = sitesOf(order, topology)
  const { links, site: cutOff } = order.target
  return links.filter((link) => link.sites.some((site) => site !== cutOff && sites.includes(site)))
}
