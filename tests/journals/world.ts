/**
 * The world and the scenario of the synthetic journals: the reference world in small, with timeouts short enough for
 * small files.
 */
import { type Scenario, scenarioSchema } from '../../chaos/scenarios/schema.ts'
import type { Node, Role, Topology } from '../../chaos/topology/topology.ts'

export const regions = ['east', 'west'] as const
export const databases = ['pg-east-a', 'pg-east-b', 'pg-west-a', 'pg-west-b'] as const
export const dcsMembers = ['etcd-east', 'etcd-west', 'etcd-witness'] as const
export const routers = ['haproxy-east', 'haproxy-west'] as const

export const topology: Topology = {
  world: 'paper',
  sites: [
    { name: 'east', kind: 'region' },
    { name: 'west', kind: 'region' },
    { name: 'witness', kind: 'witness' },
    { name: 'edge', kind: 'edge' },
  ],
  nodes: [
    ...databases.map((name) => node(name, 'database')),
    ...dcsMembers.map((name) => node(name, 'dcs')),
    ...routers.map((name) => node(name, 'router')),
    node('app-east-a', 'app'),
    node('app-west-a', 'app'),
  ],
  links: [
    { name: 'link-east-west', sites: ['east', 'west'], latencyMs: 15 },
    { name: 'link-east-witness', sites: ['east', 'witness'], latencyMs: 15 },
    { name: 'link-west-witness', sites: ['west', 'witness'], latencyMs: 15 },
    { name: 'link-edge-east', sites: ['edge', 'east'], latencyMs: 15 },
    { name: 'link-edge-west', sites: ['edge', 'west'], latencyMs: 15 },
  ],
  timeouts: {
    'lease-ms': 3000,
    'loop-ms': 500,
    'retry-ms': 1000,
    'race-ms': 200,
    'check-interval-ms': 200,
    'check-fall': 2,
    'check-rise': 1,
    'write-deadline-ms': 1100,
  },
}

function node(name: string, role: Role): Node {
  const site = name.split('-')[1] ?? ''
  const attributes: Partial<Record<Role, Record<string, string>>> = {
    database: { 'audit.invariants': 'select …' },
    router: { 'port.stats': '8404' },
  }
  return { name, role, site, ports: {}, attributes: attributes[role] ?? {} }
}

export function nodesIn(site: string): string[] {
  return topology.nodes.filter((candidate) => candidate.site === site).map((candidate) => candidate.name)
}

export interface ScenarioOptions {
  name: string
  ratePerSecond: number
  /** Which share of the arrivals write: every second, every fourth, … */
  writeEvery: number
  steadyMs: number
  observeMs: number
  objectives: Partial<Scenario['objectives']>
  surges?: Scenario['load']['surges']
}

export function scenarioOf(options: ScenarioOptions): Scenario {
  return scenarioSchema.parse({
    name: options.name,
    title: 'The region of the primary goes dark',
    tags: ['paper'],
    load: {
      ratePerSecond: options.ratePerSecond,
      writeShare: 1 / options.writeEvery,
      timeoutMs: 10_000,
      maxVirtualUsers: 500,
      ...(options.surges && { surges: options.surges }),
    },
    steadyMs: options.steadyMs,
    observeMs: options.observeMs,
    faults: [{ kind: 'kill', target: { scope: 'region', name: 'primary' }, atMs: 0, forMs: 6_000 }],
    objectives: {
      recoverWithinMs: 5000,
      lostWrites: 0,
      onePrimary: true,
      window: { successShare: 0.99, p99Ms: 1000 },
      ...options.objectives,
    },
  })
}
