/** Evidence that only some kinds need: what the beacons can testify beyond "it answers", and what the engine knows. */
import { able } from '../engine/engine.ts'
import type { Probes } from '../faults/reach.ts'
import { endpointOf, type Link, type Node, type Topology } from '../topology/topology.ts'
import type { Ground } from './prepared.ts'

const limitMs = 3_000

export function probes({ engine, topology }: Pick<Ground, 'engine' | 'topology'>): Probes {
  return {
    roundTrips: (link) =>
      Promise.all(
        bothEnds(link).map(async ([from, to]) => {
          const ms = (await matrixOf(beaconAt(topology, from), limitMs)).peers[to]?.existing.rttMs
          if (ms === null || ms === undefined) throw new Error(`${from} has no answer from ${to} yet`)
          return { from, to, ms }
        }),
      ),
    silences: (link) =>
      Promise.all(
        bothEnds(link).map(async ([from, to]) => {
          const { heard } = await matrixOf(beaconAt(topology, to), limitMs)
          return { from, to, ms: heard[from] ?? 0 }
        }),
      ),
    async transferRate({ sites: [from, to] }, bytes) {
      const ms = await rateFrom(beaconAt(topology, to), { from, bytes })
      return { from, to, kilobytesPerSecond: bytes / ms }
    },
    throttled: (node) => able(engine.can.limitProcessor).throttledPeriods(topology.world, node.name),
    async roomLeft(node, path) {
      return (await able(engine.can.fillDisk).roomAt(topology.world, { service: node.name, path })).available
    },
  }
}

function bothEnds({ sites: [a, b] }: Link): [string, string][] {
  return [
    [a, b],
    [b, a],
  ]
}

function beaconAt(topology: Topology, site: string): Node {
  const beacon = topology.nodes.find((node) => node.role === 'beacon' && node.site === site)
  if (!beacon)
    throw new Error(
      `no beacon stands at ${site}, and nobody else can tell: add one (blackstart.role=beacon, with the label blackstart.port.status)`,
    )
  return beacon
}

interface Matrix {
  peers: Record<string, { existing: { rttMs: number | null } }>
  heard: Record<string, number>
}

async function matrixOf(beacon: Node, limitMs: number): Promise<Matrix> {
  const { host, port } = endpointOf(beacon, 'status')
  const response = await fetch(`http://${host}:${port}/matrix`, { signal: AbortSignal.timeout(limitMs) })
  return (await response.json()) as Matrix
}

async function rateFrom(beacon: Node, { from, bytes }: { from: string; bytes: number }): Promise<number> {
  const { host, port } = endpointOf(beacon, 'status')
  const response = await fetch(`http://${host}:${port}/rate?from=${encodeURIComponent(from)}&bytes=${bytes}`, {
    signal: AbortSignal.timeout(8_000),
  })
  if (!response.ok)
    throw new Error(`the beacon at ${beacon.site} answered ${response.status}: ${await response.text()}`)
  return ((await response.json()) as { ms: number }).ms
}
