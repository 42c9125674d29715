/**
 * Measurements that only some kinds need as proof: round trips and rates between beacons, and facts that the engine
 * knows.
 */
import { able } from '../engine/engine.ts'
import type { Probes } from '../faults/reach.ts'
import { matrixOf, transferMs } from '../stack/beacon.ts'
import { beaconOf, type Link, type Node, type Topology } from '../topology/topology.ts'
import type { Ground } from './prepared.ts'

const limitMs = 3_000
/** A transfer takes a second or so. */
const rateLimitMs = 8_000

export function probes({ engine, topology, faultId }: Pick<Ground, 'engine' | 'topology' | 'faultId'>): Probes {
  return {
    roundTrips: (link) =>
      Promise.all(
        bothEnds(link).map(async ([from, to]) => {
          const ms = (await matrixOf(beaconAt(topology, from), { limitMs })).peers[to]?.existing.rttMs
          if (ms === null || ms === undefined) throw new Error(`${from} has no answer from ${to} yet`)
          return { from, to, ms }
        }),
      ),
    silences: (link) =>
      Promise.all(
        bothEnds(link).map(async ([from, to]) => {
          const { heard } = await matrixOf(beaconAt(topology, to), { limitMs })
          return { from, to, ms: heard[from] ?? 0 }
        }),
      ),
    async transferRate({ sites: [from, to] }, bytes) {
      const ms = await transferMs(beaconAt(topology, to), { from, bytes, limitMs: rateLimitMs })
      return { from, to, kilobytesPerSecond: bytes / ms }
    },
    async losses({ name, sites }) {
      if (faultId === undefined) throw new Error('losses are counted for each fault, and none is named')
      const counted = await able(engine.can.cutLinks).losses(topology.world, name, faultId)
      return counted.map(({ from, ...counts }) => ({
        from,
        to: sites.find((site) => site !== from) ?? '',
        ...counts,
      }))
    },
    async isolation(node) {
      if (faultId === undefined) throw new Error('what is dropped is counted for each fault, and none is named')
      return able(engine.can.cutLinks).isolation(topology.world, node.name, faultId)
    },
    throttled: (node) => able(engine.can.limitProcessor).throttledPeriods(topology.world, node.name),
    async roomLeft(node, path) {
      return (await able(engine.can.fillDisk).roomAt(topology.world, { service: node.name, path })).available
    },
    stored: (node) => able(engine.can.loseDisk).stored(topology.world, node.name),
  }
}

function bothEnds({ sites: [a, b] }: Link): [string, string][] {
  return [
    [a, b],
    [b, a],
  ]
}

function beaconAt(topology: Topology, site: string): Node {
  const beacon = beaconOf(topology, site)
  if (!beacon)
    throw new Error(
      `there is no beacon at ${site}, and only a beacon can measure this: add one (blackstart.role=beacon, with the label blackstart.port.status)`,
    )
  return beacon
}
