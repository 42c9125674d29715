/**
 * The effect of a fault, from its `fault.requested` event. Older journals record only the kind and its nodes; for these
 * the effect of the known kinds is filled in here, so that no reader needs to know kinds.
 */
import type { EventOf } from './schema.ts'

type Requested = EventOf<'fault.requested'>
interface Edge {
  from: string
  to: string
}

/** Nodes that serve no one while the fault lasts: those that refuse, and those that accept and stay silent. */
export function deadNodes(requested: Requested): string[] {
  const { lasting, fault, nodes, expectGone } = requested
  if (lasting) return [...(lasting.gone ?? []), ...(lasting.mute ?? [])]
  if (fault === 'crash-loop') return []
  return fault === 'pause' ? [...nodes, ...expectGone.nodes] : expectGone.nodes
}

/** A fault that ends every process of its nodes at once: the engine starts them again when it heals. */
export function isDeadly({ fault }: Pick<Requested, 'fault'>): boolean {
  return fault === 'kill' || fault === 'disk-loss'
}

/** Nodes that a fault took away unplanned, dead or cut off from everybody: a planned change hands over first. */
export function lostNodes(requested: Requested): string[] {
  const { lasting, planned, fault } = requested
  if (lasting) return planned ? [] : [...deadNodes(requested), ...(lasting.isolated ?? [])]
  return ['kill', 'pause'].includes(fault) ? [...requested.nodes, ...deadNodes(requested)] : []
}

/** Edges on which no ping is answered for as long as the fault lasts: not those that come and go. */
export function silentEdges({ lasting, fault, expectGone: { edges } }: Requested): Edge[] {
  if (!lasting) return fault === 'flap' ? [] : edges
  const loose = lasting.loose ?? []
  return edges.filter(({ from, to }) => !loose.some((way) => way.from === from && way.to === to))
}
