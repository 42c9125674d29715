/** Faults that make a system change its primary: those that take it away, and those that ask it to go. */
import { lostNodes, silentEdges } from '../journal/effects.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import { nodesOf } from '../topology/topology.ts'
import type { FaultRecord } from './faults.ts'

/**
 * When the primary was taken away unplanned, so that the others had to detect it; a planned change does not count. It
 * is the request of the first fault after which the primary was dead, frozen, or cut off from a majority of the DCS that
 * lived on without it. Null when no fault did that: a primary that is drained, starved or behind a slow link can still
 * say goodbye, or renew its lease, one that crashes in a loop comes back in between, and one whose DCS is lost as a
 * whole has no successor.
 */
export function primaryLostMs(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  primary: string | null,
): number | null {
  const { topology } = journal.opened
  const home = topology.nodes.find((node) => node.name === primary)?.site
  if (primary === null || home === undefined) return null
  const members = nodesOf(topology, 'dcs')
  for (const {
    requested: { atMs },
  } of faults) {
    const acting = faults
      .filter((fault) => fault.requested.atMs <= atMs && (fault.healRequestedMs ?? Infinity) > atMs)
      .map((fault) => fault.requested)
    const silent = new Set(acting.flatMap(lostNodes))
    // Between two cuts of a flapping link the lease is renewed.
    const edges = acting.flatMap(silentEdges)
    const cutOff = (site: string): boolean =>
      edges.some(({ from, to }) => (from === home && to === site) || (from === site && to === home))
    const survivors = members.filter(
      (member) => !silent.has(member.name) && (silent.has(primary) || cutOff(member.site)),
    )
    const withoutDcs = members.length === 0 && silent.has(primary)
    if (withoutDcs || survivors.length * 2 > members.length) return atMs
  }
  return null
}

/** The request of the first fault that acts on the primary itself in any way: asks it to go, starves it, slows it. */
export function primaryAskedMs(faults: readonly FaultRecord[], primary: string | null): number | null {
  if (primary === null) return null
  const asked = faults.find(({ requested: { nodes, disturbed, named, target } }) => {
    const at = named ?? target
    return (
      nodes.includes(primary) || disturbed?.includes(primary) === true || (at.scope === 'node' && at.name === primary)
    )
  })
  return asked?.requested.atMs ?? null
}
