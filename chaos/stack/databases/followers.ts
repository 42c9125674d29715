/** Which node it is that follows a primary. */
import type { Node } from '../../topology/topology.ts'

/**
 * By its address in the world (label `blackstart.address`) or by the name that it gives itself. A name that is no
 * node's says nothing: a plain standby calls itself "walreceiver". What a link relays comes from the link's address
 * (`blackstart.address.relayed`): that tells who it is where one database alone stands behind the link.
 */
export function followerName(
  { name, address }: { name?: string | undefined; address?: string | null | undefined },
  nodes: readonly Node[] = [],
): string {
  const named = nodes.find((node) => node.name === name)
  if (named) return named.name
  // Without the world's nodes to compare with, a name is all there is.
  if (nodes.length === 0 && name) return name
  const there = address ? nodes.find(({ attributes }) => attributes['address'] === address) : undefined
  const [behind, ...others] = nodes.filter(({ attributes }) => address && relayedAs(attributes).includes(address))
  return (
    there?.name ??
    (others.length === 0 ? behind?.name : undefined) ??
    (address ? `a standby at ${address}` : name || 'a standby')
  )
}

function relayedAs(attributes: Node['attributes']): string[] {
  return attributes['address.relayed']?.split(',') ?? []
}
