/** A beacon a site: it pings the others over every link, and tells what it hears. */
import type { Addresses } from './addresses.ts'
import { beaconName, beaconPorts, type GeneratedLink, type GeneratedNode } from './node.ts'
import { quiet } from './quiet.ts'

/** Beacons for the sites that have links. */
export function beaconsFor(sites: readonly string[], links: readonly GeneratedLink[]): GeneratedNode[] {
  return sites
    .filter((site) => links.some((link) => link.sites.includes(site)))
    .map((site) => ({
      service: beaconName(site),
      role: 'beacon',
      place: { site },
      names: [beaconName(site)],
      ports: [beaconPorts.ping],
      purposes: { status: beaconPorts.status },
      labels: {},
      hasAddress: true,
    }))
}

/** The container of a beacon, without labels, networks and published ports. */
export function beaconService(
  { place: { site } }: GeneratedNode,
  { nodes, addresses }: { nodes: readonly GeneratedNode[]; addresses: Addresses },
): Record<string, unknown> {
  const peers = nodes.filter(({ role, place }) => role === 'beacon' && place.site !== site)
  return {
    ...quiet,
    image: 'blackstart/services',
    command: ['services/beacon/beacon.ts'],
    cpu_shares: 8192,
    environment: {
      ...quiet.environment,
      SITE: site,
      PING_PORT: String(beaconPorts.ping),
      STATUS_PORT: String(beaconPorts.status),
      PEERS: peers.map((peer) => `${peer.place.site}=${addresses.seenFrom(site, peer)}:${beaconPorts.ping}`).join(','),
    },
  }
}
