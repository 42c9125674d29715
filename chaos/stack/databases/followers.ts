/** Which node it is that follows a primary. */
import type { Node } from '../../topology/topology.ts'

/** Programs that stream from a primary and are no standby, by the names that they give themselves. */
const tools = /^pg_(basebackup|receivewal|recvlogical|rewind)/

/**
 * By its address in the world (label `blackstart.address`) or by the name that it gives itself. A name that is no
 * node's says nothing: a plain standby calls itself "walreceiver". Through a link that relays, the address is the link's
 * (`blackstart.address.relayed`), which tells who it is where one database alone stands behind that link. Of two
 * databases the follower is in any case the one that was not asked.
 */
export function followerName(
  { name, address, of }: { name?: string | undefined; address?: string | null | undefined; of?: string },
  nodes: readonly Node[] = [],
): string {
  const named = nodes.find((node) => node.name === name)
  if (named) return named.name
  // Without the world's nodes to compare with, a name is all there is.
  if (nodes.length === 0 && name) return name
  const there = address ? nodes.find(({ attributes }) => attributes['address'] === address) : undefined
  if (there) return there.name
  const behind = nodes.filter(({ attributes }) => address && relayedAs(attributes).includes(address))
  const others = of === undefined ? [] : nodes.filter((node) => node.name !== of)
  const alone = [behind, others].find(({ length }) => length === 1)?.[0]
  if (alone && !tools.test(name ?? '')) return alone.name
  return address ? `a standby at ${address}` : name || 'a standby'
}

function relayedAs(attributes: Node['attributes']): string[] {
  return attributes['address.relayed']?.split(',') ?? []
}
