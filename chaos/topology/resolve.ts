/** Turns a target by role or name into nodes and links. Pure. */

import { UsageError, withNearest } from '../errors.ts'
import type { Target } from './target.ts'
import { type Link, linkBetween, linksOf, type Node, nodesOf, regionsOf, type Topology } from './topology.ts'

export interface ResolvedTarget {
  target: Target
  /** To read: "region east", "node pg-west-a", "link east-west". */
  name: string
  /** The same target by names alone, for a replay. */
  named: Target
  /** The site that a direction is meant from: the region, or the first of a link's two. Undefined for nodes. */
  site: string | undefined
  /** The nodes that stand in the target. Empty for a link. */
  nodes: Node[]
  /** The links that lead to the target, or the link itself. */
  links: Link[]
}

/** Who plays a role at this moment. */
export interface Roles {
  primary: Node | undefined
  dcsLeader?: Node | undefined
  activeRouter?: Node | undefined
}

/**
 * Resolves a target against a topology and the roles of this moment.
 * @throws UsageError naming the nearest valid name
 */
export function resolveTarget(target: Target, topology: Topology, roles: Roles): ResolvedTarget {
  const ofNodes = (nodes: Node[], name?: string): ResolvedTarget => {
    const names = nodes.map((node) => node.name)
    const named: Target = names.length === 1 ? { scope: 'node', name: names[0] ?? '' } : { scope: 'nodes', names }
    return {
      target,
      name: name ?? `${names.length === 1 ? 'node' : 'nodes'} ${names.join(', ')}`,
      named,
      site: undefined,
      nodes,
      links: [],
    }
  }
  const ofSite = (scope: 'region' | 'site', site: string): ResolvedTarget => ({
    target,
    name: `${scope} ${site}`,
    named: { scope, name: site },
    site,
    nodes: topology.nodes.filter((node) => node.site === site),
    links: linksOf(topology, site),
  })
  switch (target.scope) {
    case 'nothing':
      return { target, name: 'nothing', named: target, site: undefined, nodes: [], links: [] }
    case 'region':
      return ofSite('region', regionNamed(target.name, topology, roles))
    case 'site':
      return ofSite(
        'site',
        known(
          'site',
          target.name,
          topology.sites.map((site) => site.name),
        ),
      )
    case 'zone': {
      const zones = [...new Set(topology.nodes.filter((node) => node.zone).map((node) => `${node.site}/${node.zone}`))]
      const zone =
        target.name === 'primary'
          ? `${primaryOf(roles).site}/${primaryOf(roles).zone}`
          : known('zone', target.name, zones)
      return {
        ...ofNodes(
          topology.nodes.filter((node) => `${node.site}/${node.zone}` === zone),
          `zone ${zone}`,
        ),
        named: { scope: 'zone', name: zone },
      }
    }
    case 'node':
      return ofNodes([target.name === 'primary' ? primaryOf(roles) : nodeNamed(target.name, topology)])
    case 'nodes':
      return ofNodes(target.names.map((name) => nodeNamed(name, topology)))
    case 'standbys': {
      const primary = primaryOf(roles)
      const others = nodesOf(topology, 'database').filter((node) => node.name !== primary.name)
      return ofNodes(target.which === 'all' ? others : others.filter((node) => node.site !== primary.site).slice(0, 1))
    }
    case 'dcsLeader':
      if (!roles.dcsLeader)
        throw new UsageError(
          'the target is the leader of the DCS, but no member leads now: wait until the world is ready (npx blackstart status)',
        )
      return ofNodes([roles.dcsLeader])
    case 'router':
      return ofNodes([target.name === 'active' ? routerOf(roles, topology) : nodeNamed(target.name, topology)])
    case 'link': {
      const [a, b] = target.sites.map((site) => siteNamed(site, topology, roles)) as [string, string]
      const link = linkBetween(topology, a, b)
      if (!link)
        throw unknown(
          'link',
          `${a}-${b}`,
          topology.links.map((each) => each.sites.join('-')),
        )
      return {
        target,
        name: `link ${a}-${b}`,
        named: { scope: 'link', sites: [a, b] },
        site: a,
        nodes: [],
        links: [link],
      }
    }
  }
}

/** A site by name, or a region by role. */
export function siteNamed(name: string, topology: Topology, roles: Roles): string {
  return name === 'primary' || name === 'other'
    ? regionNamed(name, topology, roles)
    : known(
        'site',
        name,
        topology.sites.map((site) => site.name),
      )
}

function regionNamed(name: string, topology: Topology, roles: Roles): string {
  const regions = regionsOf(topology)
  if (name === 'primary') return primaryOf(roles).site
  if (name !== 'other') return known('region', name, regions)
  const other = regions.find((region) => region !== primaryOf(roles).site)
  if (!other)
    throw new UsageError(`the target is the other region, but this world has only one (${regions.join(', ')})`)
  return other
}

function nodeNamed(name: string, topology: Topology): Node {
  known(
    'node',
    name,
    topology.nodes.map((node) => node.name),
  )
  return topology.nodes.find((node) => node.name === name) as Node
}

function routerOf({ activeRouter }: Roles, topology: Topology): Node {
  const entry = activeRouter ?? topology.nodes.find((node) => node.attributes['router.entry'])
  if (!entry)
    throw new UsageError(
      'the target is the router that clients enter by, but no node has the label blackstart.router.entry',
    )
  return entry
}

function primaryOf({ primary }: Roles): Node {
  if (!primary)
    throw new UsageError(
      'the target is the primary, but no database is primary now: wait until the world is ready (npx blackstart status)',
    )
  return primary
}

function known(what: string, given: string, valid: string[]): string {
  if (valid.includes(given)) return given
  throw unknown(what, given, valid)
}

function unknown(what: string, given: string, valid: string[]): UsageError {
  return new UsageError(withNearest(`there is no ${what} "${given}" in this world`, given, valid))
}
