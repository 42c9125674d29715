/** What a container's hosts file says of the others. It comes before Docker's own names, so nothing else has to be told. */
import type { Addresses } from './addresses.ts'
import type { ConfigService } from './config.ts'
import type { GeneratedNode } from './node.ts'

/**
 * `extra_hosts` of a service: those of the user, and the names of all other nodes at the addresses that stand for them
 * here. A name that several share has all their addresses, the near ones first.
 */
export function extraHosts(
  node: GeneratedNode,
  given: ConfigService,
  { nodes, addresses }: { nodes: readonly GeneratedNode[]; addresses: Addresses },
): string[] {
  const own = entriesOf(given.extra_hosts)
  const taken = new Set(own.map((entry) => entry.split(/[=:]/)[0]))
  const { site } = node.place
  const isNear = (other: GeneratedNode) => other.place.site === site
  const byNearness = [...nodes.filter(isNear), ...nodes.filter((other) => !isNear(other))]
  const found = byNearness.flatMap((other) => {
    const address = addresses.seenFrom(site, other)
    if (address === undefined) return []
    const names = [...other.names, ...linkNames(given.links ?? [], other.service)]
    return names.map((name) => ({ name, address, other }))
  })
  // Its own name is its own address, which the engine knows; a name that it shares with others is told with all of them.
  const others = found.filter(
    ({ name, other }) => other !== node || found.some((each) => each.name === name && each.other !== node),
  )
  const lines = others.filter(({ name }) => !taken.has(name)).map(({ name, address }) => `${name}:${address}`)
  return [...own, ...new Set(lines)]
}

/** Names that `links: ["db:database"]` gives to one service alone. */
function linkNames(links: readonly string[], service: string): string[] {
  return links.flatMap((link) => {
    const [to, name] = link.split(':')
    return to === service && name !== undefined ? [name] : []
  })
}

/** Compose renders a list, "name=address" or "name:address", or a map. */
function entriesOf(given: ConfigService['extra_hosts']): string[] {
  if (!given) return []
  if (Array.isArray(given)) return given.map((entry) => entry.replace('=', ':'))
  return Object.entries(given).flatMap(([name, addresses]) => [addresses].flat().map((address) => `${name}:${address}`))
}
