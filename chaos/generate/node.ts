/** A node of a generated world: what is known of it before it has an address. */
import type { Role } from '../topology/topology.ts'
import type { Place } from '../worldfile/sites.ts'

/** Sends the pings of a beacon, and answers what it saw; the same for all, because each has an address of its own. */
export const beaconPorts = { ping: 7100, status: 7200 } as const
/** Toxiproxy's own. */
export const linkApiPort = 8474

export interface GeneratedNode {
  /** Its Compose service. */
  service: string
  /** `host`: belongs to the world, and no fault acts on it. */
  role: Role | 'host'
  place: Place
  /** All names by which others know it, its service's first. */
  names: string[]
  /** TCP ports that links carry. */
  ports: number[]
  /** Purpose → port, published for the harness. */
  purposes: Record<string, number>
  /** Labels besides role, place and ports, without their prefix. */
  labels: Record<string, string>
  /** Whether it has an address: not one that shares the network of another service, or has none. */
  hasAddress: boolean
}

export interface GeneratedLink {
  name: string
  sites: [string, string]
  via: 'proxy' | 'route'
  latencyMs: number
}

export function beaconName(site: string): string {
  return `beacon-${site}`
}
