/**
 * Two sites, a link, a node in each that publishes no port unless it is given one, and beacons where they are asked
 * for; and an engine that says what it is told.
 */

import type { ContainerState, Engine } from '../../../chaos/engine/engine.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { View } from '../../../chaos/observers/view.ts'
import type { Node, Role, Topology } from '../../../chaos/topology/topology.ts'

export function smallTopology({
  beacons = [],
  ports = {},
}: {
  beacons?: string[]
  ports?: Record<string, number>
} = {}): Topology {
  const node = (name: string, role: Role, site: string): Node => ({
    name,
    role,
    site,
    ports: ports[name] === undefined ? {} : { tcp: ports[name] },
    attributes: {},
  })
  return {
    world: 'paper',
    sites: [
      { name: 'east', kind: 'region' },
      { name: 'west', kind: 'region' },
    ],
    nodes: [
      node('pg1', 'database', 'east'),
      node('pg2', 'database', 'west'),
      node('link-east-west', 'link', ''),
      ...beacons.map((site) => node(`beacon-${site}`, 'beacon', site)),
    ],
    links: [{ name: 'link-east-west', sites: ['east', 'west'], latencyMs: 15 }],
    timeouts: {},
  }
}

/** The same, with these attributes at each node. */
export function worldOf(attributes: Record<string, string>): Topology {
  const topology = smallTopology()
  return { ...topology, nodes: topology.nodes.map((node) => ({ ...node, attributes })) }
}

/** `states`: service → what the engine says of it, "running" unless told otherwise; read anew each time. */
export function engineSaying(
  topology: Topology,
  states: Record<string, ContainerState> = {},
  { policy = 'no' } = {},
): Engine {
  const containers = async () =>
    topology.nodes.map(({ name }) => ({
      id: name,
      service: name,
      state: states[name] ?? 'running',
      labels: {},
      endpoints: {},
    }))
  const restartPolicies = async (_world: string, services: readonly string[]) =>
    new Map(policy === 'no' ? [] : services.map((service) => [service, policy]))
  return { containers, restartPolicies } as unknown as Engine
}

/** What the beacons at both ends show: whether pings from `from` are heard at `to`, each way. */
export function viewOf(heard: Record<'east>west' | 'west>east', boolean>): View {
  const view = new View()
  const see = (body: object) => view.see({ seq: 0, atMs: 0, ...body } as JournalEvent)
  const up = heard['east>west'] && heard['west>east']
  for (const [from, to] of [
    ['east', 'west'],
    ['west', 'east'],
  ] as const) {
    see({ kind: 'beacon.reachable', site: from, reachable: true, uncertaintyMs: 0 })
    see({
      kind: 'beacon.heard',
      at: to,
      from,
      heard: heard[`${from}>${to}` as keyof typeof heard],
      lastMs: 0,
      uncertaintyMs: 0,
    })
    for (const connection of ['existing', 'fresh'])
      see({ kind: 'beacon.edge', from, to, connection, up, lastAnswerMs: 0, rttMs: null, uncertaintyMs: 0 })
  }
  return view
}
