/** Which faults cannot be active together. Checked before anything is touched. */
import type { Fault, Order } from '../faults/fault.ts'
import type { FaultSpec } from '../scenarios/schema.ts'
import { targetWords } from '../topology/target.ts'

type Lasting = Pick<FaultSpec, 'atMs' | 'forMs'>

interface Ordered {
  fault: Fault
  order: Order
}

/** The nodes whose processes a fault acts on, and the links. Of a database that is only asked: neither. */
export function actedUpon({ fault: { actsOn }, order: { target } }: Ordered): { nodes: string[]; links: string[] } {
  const onLinks = actsOn === 'links' || actsOn === 'site'
  return {
    nodes: actsOn === 'nodes' ? target.nodes.map(({ name }) => name) : [],
    links: onLinks ? target.links.map(({ name }) => name) : [],
  }
}

/**
 * Why two faults cannot be active at the same time; undefined when they can. A process can only be one of dead, frozen,
 * starved or stopping; a link whose own process is gone cannot be changed; and a proxy that two faults have disabled is
 * enabled by the first that heals.
 */
export function conflictBetween(a: Ordered, b: Ordered): string | undefined {
  const nodesOf = (ordered: Ordered) => actedUpon(ordered).nodes
  const linksOf = (ordered: Ordered) => actedUpon(ordered).links
  const names = `${said(a)} and ${said(b)} cannot be active together`
  const node = nodesOf(a).find((name) => nodesOf(b).includes(name))
  if (node) return `${names}: both act on the processes of ${node}`
  const link =
    nodesOf(a).find((name) => linksOf(b).includes(name)) ?? nodesOf(b).find((name) => linksOf(a).includes(name))
  if (link) return `${names}: one takes the link ${link} down, and the other needs it to act`
  const disabled = linksOf(a).find((name) => disables(a) && disables(b) && linksOf(b).includes(name))
  return disabled
    ? `${names}: both disable the proxies of ${disabled}, and the first to heal would heal both`
    : undefined
}

function disables({ fault, order }: Ordered): boolean {
  return fault.disables?.(order.options) === true
}

function said({ order }: Ordered): string {
  return `${order.spec.kind} on ${targetWords(order.spec.target)}`
}

/**
 * Whether two faults of a time line are ever active at the same time. If one heals at the moment when the other begins,
 * they are.
 */
export function overlap(a: Lasting, b: Lasting): boolean {
  const [first, second] = a.atMs <= b.atMs ? [a, b] : [b, a]
  return second.atMs <= first.atMs + first.forMs
}
