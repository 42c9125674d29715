/**
 * What the world must look like while these faults are active: the changes that they cause together, and everything
 * else unchanged.
 */
import type { Direction, Effect } from '../faults/fault.ts'
import { beaconOf, type Topology } from '../topology/topology.ts'

export type NodeState = 'up' | 'gone' | 'mute' | 'any'
export type DirectionState = 'flows' | 'silent' | 'any'

export interface Expectation {
  /** Node → what its published port must show. */
  nodes: Map<string, NodeState>
  /** "east>west" → whether bytes arrive, for every direction of every link. */
  directions: Map<string, DirectionState>
}

export function keyOf({ from, to }: Direction): string {
  return `${from}>${to}`
}

/**
 * The effects of all active faults together. What is "anything" for one of them may have any state; what one of them
 * takes away is gone.
 */
export function expectationOf(topology: Topology, effects: readonly Effect[]): Expectation {
  const named = (pick: (effect: Effect) => string[] | undefined) =>
    new Set(effects.flatMap((effect) => pick(effect) ?? []))
  const gone = named((effect) => effect.gone)
  const mute = named((effect) => effect.mute)
  const unsettled = named((effect) => effect.unsettled)
  const nodes = new Map(
    topology.nodes.map(({ name }): [string, NodeState] => [
      name,
      unsettled.has(name) ? 'any' : gone.has(name) ? 'gone' : mute.has(name) ? 'mute' : 'up',
    ]),
  )

  const silent = named((effect) => effect.silent?.map(keyOf))
  const loose = named((effect) => effect.loose?.flatMap(({ from, to }) => [`${from}>${to}`, `${to}>${from}`]))
  const directions = new Map<string, DirectionState>()
  for (const {
    name,
    sites: [a, b],
  } of topology.links) {
    const relay = nodes.get(name)
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const key = `${from}>${to}`
      const speaker = beaconState(topology, nodes, from)
      // A beacon that is gone, or a link whose process is gone, silences both directions; neither is a cut between the
      // sites.
      const cut = silent.has(key) || relay === 'gone' || relay === 'mute' || speaker === 'gone' || speaker === 'mute'
      directions.set(key, loose.has(key) || relay === 'any' || speaker === 'any' ? 'any' : cut ? 'silent' : 'flows')
    }
  }
  return { nodes, directions }
}

/** The state of a site's beacon; a site without one is no evidence. */
export function beaconState(topology: Topology, nodes: Expectation['nodes'], site: string): NodeState {
  const beacon = beaconOf(topology, site)
  return beacon ? (nodes.get(beacon.name) ?? 'any') : 'any'
}

/** Round trips that get no answer: one of the two ways is silent. */
export function silentEdges({ directions }: Expectation): Direction[] {
  return [...directions].flatMap(([key]) => {
    const [from = '', to = ''] = key.split('>')
    return directions.get(key) === 'silent' || directions.get(`${to}>${from}`) === 'silent' ? [{ from, to }] : []
  })
}

/** Nodes in a state, in the topology's order. */
export function nodesIn({ nodes }: Expectation, state: NodeState): string[] {
  return [...nodes].flatMap(([name, found]) => (found === state ? [name] : []))
}
