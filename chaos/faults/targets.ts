/** Turns a target by role or name into nodes and links. Pure. */
import type { Target } from '../scenarios/schema.ts'
import { linkBetween, linksOf, regionsOf, type Link, type Node, type Topology } from '../topology/topology.ts'
import { nearest, UsageError } from '../errors.ts'

export interface ResolvedTarget {
  target: Target
  /** To read: "region east (3 databases, …)" is too long; "region east". */
  name: string
  /** The nodes that stand in the target. Empty for a link. */
  nodes: Node[]
  /** The links that lead to the target, or the link itself. */
  links: Link[]
}

/**
 * Resolves a target against a topology and the primary of this moment.
 * @throws UsageError naming the nearest valid name
 */
export function resolveTarget(target: Target, topology: Topology, primary: Node | undefined): ResolvedTarget {
  switch (target.scope) {
    case 'nothing':
      return { target, name: 'nothing', nodes: [], links: [] }
    case 'region': {
      const region = target.name === 'primary' ? primaryOf(primary).site : known('region', target.name, regionsOf(topology))
      return { target, name: `region ${region}`, nodes: topology.nodes.filter((node) => node.site === region), links: linksOf(topology, region) }
    }
    case 'zone': {
      const zones = [...new Set(topology.nodes.filter((node) => node.zone).map((node) => `${node.site}/${node.zone}`))]
      const zone = target.name === 'primary' ? `${primaryOf(primary).site}/${primaryOf(primary).zone}` : known('zone', target.name, zones)
      return { target, name: `zone ${zone}`, nodes: topology.nodes.filter((node) => `${node.site}/${node.zone}` === zone), links: [] }
    }
    case 'node': {
      const name = target.name === 'primary' ? primaryOf(primary).name : known('node', target.name, topology.nodes.map((node) => node.name))
      return { target, name: `node ${name}`, nodes: topology.nodes.filter((node) => node.name === name), links: [] }
    }
    case 'link': {
      const link = linkBetween(topology, ...target.sites)
      if (!link) {
        const valid = topology.links.map((each) => each.sites.join('-'))
        throw unknown('link', target.sites.join('-'), valid)
      }
      return { target, name: `link ${link.sites.join('-')}`, nodes: [], links: [link] }
    }
  }
}

function primaryOf(primary: Node | undefined): Node {
  if (!primary) throw new UsageError('the target is the primary, but no database is primary now: wait until the world is ready (npx blackstart status)')
  return primary
}

function known(what: string, given: string, valid: string[]): string {
  if (valid.includes(given)) return given
  throw unknown(what, given, valid)
}

function unknown(what: string, given: string, valid: string[]): UsageError {
  const near = nearest(given, valid)
  return new UsageError(`there is no ${what} "${given}" in this world${near ? `; did you mean "${near}"?` : ''} (there is: ${valid.join(', ')})`)
}
