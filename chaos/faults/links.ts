/** What faults of links have in common, whatever they do it with. */
import type { Link } from '../topology/topology.ts'
import type { Direction } from './fault.ts'
import type { ResolvedTarget } from './targets.ts'

/** Both directions of every link. */
export function bothWays(links: Link[]): Direction[] {
  return links.flatMap(({ sites: [a, b] }) => [
    { from: a, to: b },
    { from: b, to: a },
  ])
}

export function onlyLinks(kind: string, target: ResolvedTarget): string | undefined {
  if (target.links.length === 0) return `${kind} acts on links: give it a region, a site or a link, not ${target.name}`
  return undefined
}
