/** Which faults cannot be active together, said before anything is touched. */
import type { Fault, Order } from '../faults/fault.ts'
import { targetWords } from '../scenarios/words.ts'

interface Ordered {
  fault: Fault
  order: Order
}

/** Kinds whose heal is not bound to their own toxics or rules: two of them on one link would heal each other. */
const exclusive = ['refuse']

/**
 * Why two faults cannot be active at the same time; undefined when they can. A process that is dead, frozen, starved or
 * told to stop cannot be any other of these; a link whose own process is gone takes no order; and a proxy that two have
 * disabled is enabled by the first that heals.
 */
export function conflictBetween(a: Ordered, b: Ordered): string | undefined {
  const nodesOf = ({ fault, order }: Ordered) =>
    fault.actsOn === 'nodes' ? order.target.nodes.map((node) => node.name) : []
  const linksOf = ({ fault, order }: Ordered) =>
    fault.actsOn === 'links' ? order.target.links.map((link) => link.name) : []
  const names = `${said(a)} and ${said(b)} cannot be active together`
  const node = nodesOf(a).find((name) => nodesOf(b).includes(name))
  if (node) return `${names}: both act on the processes of ${node}`
  const link =
    nodesOf(a).find((name) => linksOf(b).includes(name)) ?? nodesOf(b).find((name) => linksOf(a).includes(name))
  if (link) return `${names}: one takes ${link} down, which the other gives orders to`
  const disabled = linksOf(a).find((name) => disables(a) && disables(b) && linksOf(b).includes(name))
  return disabled
    ? `${names}: both disable the proxies of ${disabled}, and the first to heal would heal both`
    : undefined
}

function disables({ order }: Ordered): boolean {
  return exclusive.includes(order.spec.kind) || (order.spec.kind === 'flap' && exclusive.includes(order.spec.with.of))
}

function said({ order }: Ordered): string {
  return `${order.spec.kind} on ${targetWords(order.spec.target)}`
}

/**
 * Whether two faults of a time line are ever active at the same time. One heals no sooner than the other begins: that
 * is together.
 */
export function overlap(a: Order, b: Order): boolean {
  const [first, second] = a.spec.atMs <= b.spec.atMs ? [a.spec, b.spec] : [b.spec, a.spec]
  return second.atMs <= first.atMs + first.forMs
}
