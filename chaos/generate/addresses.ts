/**
 * Addresses of a generated world. Each site has a subnet: first the engine's gateway, then its nodes, its ends of links,
 * and one address for each node of another site that a proxy stands for; last a range for whatever the engine adds.
 */
import type { GeneratedLink, GeneratedNode } from './node.ts'

export interface Subnet {
  /** In CIDR notation. */
  subnet: string
  gateway: string
  /** From which the engine gives addresses to those that ask for none: the load, helpers. */
  range: string
  bits: number
}

export interface Addresses {
  subnets: Map<string, Subnet>
  /** A node's own address, by its service. */
  nodes: Map<string, string>
  /** A link's address at a site. */
  linkAt(link: GeneratedLink, site: string): string
  /** Where a node is reached from a site: its own address, or the one that stands for it. */
  seenFrom(site: string, node: GeneratedNode): string | undefined
}

/** Addresses that the engine may give out in each subnet, and the length of their range. */
const engineRange = { size: 16, bits: 28 }
/** The network's own, the gateway's and the broadcast address. */
const reserved = 3

interface Claims {
  sites: string[]
  nodes: GeneratedNode[]
  links: GeneratedLink[]
}

/** Nodes of other sites for which a site has addresses of its own. */
function standIns(site: string, { nodes, links }: Claims): { link: GeneratedLink; node: GeneratedNode }[] {
  return links
    .filter(({ sites, via }) => via === 'proxy' && sites.includes(site))
    .flatMap((link) => {
      const other = link.sites[0] === site ? link.sites[1] : link.sites[0]
      return nodes.filter((node) => node.place.site === other && node.hasAddress).map((node) => ({ link, node }))
    })
}

function sizeOf(site: string, claims: Claims): number {
  const own = claims.nodes.filter(({ place, hasAddress }) => hasAddress && place.site === site).length
  const ends = claims.links.filter(({ sites }) => sites.includes(site)).length
  const needed = reserved + own + ends + standIns(site, claims).length + engineRange.size
  return 2 ** Math.ceil(Math.log2(needed))
}

/** The length of the prefix of a network that holds all sites: 24, or less for many services. */
export function prefixLength(claims: Claims): number {
  const total = claims.sites.reduce((sum, site) => sum + sizeOf(site, claims), 0)
  return Math.min(24, 32 - Math.ceil(Math.log2(total)))
}

/** Gives everything its address, in a network whose first three bytes are `net`. */
export function addressesIn(net: string, claims: Claims): Addresses {
  const base = toNumber(`${net}.0`)
  const subnets = new Map<string, Subnet>()
  const nodes = new Map<string, string>()
  const ends = new Map<string, string>()
  const seen = new Map<string, string>()
  let next = base
  // The largest first, so that each begins at a multiple of its size.
  const bySize = claims.sites.map((site) => ({ site, size: sizeOf(site, claims) })).toSorted((a, b) => b.size - a.size)
  for (const { site, size } of bySize) {
    const first = next
    next += size
    const bits = 32 - Math.log2(size)
    subnets.set(site, {
      subnet: `${toText(first)}/${bits}`,
      gateway: toText(first + 1),
      range: `${toText(first + size - engineRange.size)}/${engineRange.bits}`,
      bits,
    })
    let free = first + 2
    const take = () => toText(free++)
    for (const node of claims.nodes.filter(({ place, hasAddress }) => hasAddress && place.site === site))
      nodes.set(node.service, take())
    for (const link of claims.links.filter(({ sites }) => sites.includes(site)))
      ends.set(`${link.name} ${site}`, take())
    for (const { node } of standIns(site, claims)) seen.set(`${site} ${node.service}`, take())
  }
  return {
    subnets,
    nodes,
    linkAt: (link, site) => known(ends.get(`${link.name} ${site}`), `${link.name} at ${site}`),
    seenFrom: (site, node) => seen.get(`${site} ${node.service}`) ?? nodes.get(node.service),
  }
}

function known(address: string | undefined, what: string): string {
  if (address === undefined) throw new Error(`${what} has no address`)
  return address
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
}
