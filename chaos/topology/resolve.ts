/** Turns a target by role or name into nodes and links. Pure. */

import { UsageError, withNearest } from '../errors.ts'
import { isZoneRole, type Target, targetWords, type ZoneRole } from './target.ts'
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
  return { target, ...meant(target, topology, roles) }
}

type Meant = Omit<ResolvedTarget, 'target'>

function meant(target: Target, topology: Topology, roles: Roles): Meant {
  switch (target.scope) {
    case 'nothing':
      return { name: 'nothing', named: target, site: undefined, nodes: [], links: [] }
    case 'region':
      return theRegion(regionNamed(target.name, topology, roles), topology)
    case 'site':
      return everythingAt('site', known('site', target.name, namesOf(topology.sites)), topology)
    case 'zone':
      return everythingIn(target.name, topology, roles)
    case 'node':
      return these([target.name === 'primary' ? primaryOf(roles, topology) : nodeNamed(target.name, topology)])
    case 'nodes':
      return these(target.names.map((name) => nodeNamed(name, topology)))
    case 'all':
      return these(membersOf(target, topology, roles))
    case 'standbys':
      return these(standbysOf(target.which, topology, roles))
    case 'dcsLeader':
      return these([leaderOf(roles, topology)])
    case 'router':
      return these([target.name === 'active' ? routerOf(roles, topology) : nodeNamed(target.name, topology)])
    case 'link':
      return theLink(target.sites.map((site) => siteNamed(site, topology, roles)) as [string, string], topology)
  }
}

function these(nodes: Node[]): Meant {
  const names = namesOf(nodes)
  const named: Target = names.length === 1 ? { scope: 'node', name: names[0] ?? '' } : { scope: 'nodes', names }
  const name = `${names.length === 1 ? 'node' : 'nodes'} ${names.join(', ')}`
  return { name, named, site: undefined, nodes, links: [] }
}

function everythingAt(scope: 'region' | 'site', site: string, topology: Topology): Meant {
  const nodes = topology.nodes.filter((node) => node.site === site)
  return { name: `${scope} ${site}`, named: { scope, name: site }, site, nodes, links: linksOf(topology, site) }
}

/** A primary may stand at a witness: then that site is what holds it, and what is lost with it. */
function theRegion(site: string, topology: Topology): Meant {
  return everythingAt(regionsOf(topology).includes(site) ? 'region' : 'site', site, topology)
}

const zoneOf = ({ site, zone }: Node): string => `${site}/${zone}`

function everythingIn(name: string, topology: Topology, roles: Roles): Meant {
  const zones = [...new Set(topology.nodes.filter((node) => node.zone).map(zoneOf))]
  const zone = isZoneRole(name) ? zoneByRole(name, zones, topology, roles) : known('zone', name, zones)
  const nodes = topology.nodes.filter((node) => zoneOf(node) === zone)
  return { name: `zone ${zone}`, named: { scope: 'zone', name: zone }, site: undefined, nodes, links: [] }
}

function zoneByRole(role: ZoneRole, zones: readonly string[], topology: Topology, roles: Roles): string {
  if (role === 'other') {
    const site = regionNamed('other', topology, roles)
    const first = zones.filter((zone) => zone.startsWith(`${site}/`)).toSorted()[0]
    if (first !== undefined) return first
    throw new UsageError(`the target is a zone of the other region, but ${site} has none`)
  }
  const primary = inZone(primaryOf(roles, topology))
  if (role === 'primary') return zoneOf(primary)
  const beside = zones.filter((zone) => zone.startsWith(`${primary.site}/`) && zone !== zoneOf(primary)).toSorted()[0]
  if (beside !== undefined) return beside
  throw new UsageError(
    `the target is the zone beside the primary's, but ${primary.site} has only one, ${zoneOf(primary)}`,
  )
}

function inZone(node: Node): Node {
  if (node.zone) return node
  throw new UsageError(
    `the target is the zone of the primary, but ${node.name} stands in no zone: give its region zones in blackstart.yaml, or the node the label blackstart.zone`,
  )
}

function theLink([a, b]: [string, string], topology: Topology): Meant {
  const link = linkBetween(topology, a, b)
  if (!link) {
    const links = topology.links.map((each) => each.sites.join('-'))
    throw unknown('link', `${a}-${b}`, links)
  }
  return { name: `link ${a}-${b}`, named: { scope: 'link', sites: [a, b] }, site: a, nodes: [], links: [link] }
}

function membersOf(target: Extract<Target, { scope: 'all' }>, topology: Topology, roles: Roles): Node[] {
  const region = target.region === undefined ? undefined : regionNamed(target.region, topology, roles)
  const meant = nodesOf(topology, target.role).filter(({ site }) => region === undefined || site === region)
  if (meant.length > 0) return meant
  const place = region === undefined ? 'this world' : region
  throw new UsageError(`the target is ${targetWords(target)}, but ${place} has no node of the role ${target.role}`)
}

function standbysOf(which: 'all' | 'one', topology: Topology, roles: Roles): Node[] {
  const primary = primaryOf(roles, topology)
  const others = nodesOf(topology, 'database').filter((node) => node.name !== primary.name)
  const meant = which === 'all' ? others : others.filter((node) => node.site !== primary.site).slice(0, 1)
  if (meant.length > 0) return meant
  throw new UsageError(
    which === 'all'
      ? `the target are the standbys, but ${primary.name} is the only database of this world`
      : `the target is a standby in the other region, but this world has no database outside ${primary.site}`,
  )
}

function leaderOf({ dcsLeader }: Roles, topology: Topology): Node {
  if (dcsLeader) return dcsLeader
  if (nodesOf(topology, 'dcs').length === 0)
    throw new UsageError('the target is the leader of the DCS, but this world has no DCS: no node has the role dcs')
  throw new UsageError(
    'the target is the leader of the DCS, but no member leads now: wait until the world is ready (npx blackstart status)',
  )
}

function namesOf(all: readonly { name: string }[]): string[] {
  return all.map(({ name }) => name)
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
  if (name === 'primary') return primaryOf(roles, topology).site
  if (name !== 'other') return known('region', name, regions)
  const other = regions.find((region) => region !== primaryOf(roles, topology).site)
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
      'the target is the router that clients enter by, but nothing says which that is: no clients.enter in blackstart.yaml, no label blackstart.router.entry',
    )
  return entry
}

function primaryOf({ primary }: Roles, topology: Topology): Node {
  if (!primary && nodesOf(topology, 'database').length === 0)
    throw new UsageError(
      'the target is the primary, but this world has no database that is asked who that is: name some under "databases" in blackstart.yaml, or give the fault a target by name',
    )
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
