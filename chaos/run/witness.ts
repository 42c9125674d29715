/**
 * The evidence for a node or a direction: a node's own port; the engine, for a node without a port; the beacons, for a
 * direction between two sites. (Not to be confused with the site that is called witness.)
 */
import type { ContainerState, Engine } from '../engine/engine.ts'
import type { Direction, Effect } from '../faults/fault.ts'
import type { View } from '../observers/view.ts'
import { accepts, answersAtAll } from '../stack/ports.ts'
import { beaconOf, firstEndpoint, type Topology } from '../topology/topology.ts'
import { beaconState, type Expectation, keyOf, type NodeState } from './expectation.ts'

/** What a state looks like to the engine, which knows processes and not whether they answer. */
const engineSays: Record<Exclude<NodeState, 'any'>, readonly ContainerState[]> = {
  up: ['running'],
  gone: ['exited', 'dead', 'created'],
  mute: ['paused'],
}

/**
 * Each node's published port must refuse if the node is to be gone, accept and stay silent if it is to be mute, and
 * accept otherwise.
 */
export async function portsDiffer(topology: Topology, { nodes }: Expectation): Promise<string[]> {
  const looks = await Promise.all(
    topology.nodes.map(async (node) => {
      const state = nodes.get(node.name)
      const endpoint = firstEndpoint(node)
      if (endpoint === undefined || state === 'any') return undefined
      const accepted = await accepts(endpoint)
      if (state === 'gone') return accepted ? `${node.name} still accepts connections` : undefined
      if (!accepted) return `${node.name} does not accept connections`
      return state === 'mute' && (await answersAtAll(node)) ? `${node.name} still answers` : undefined
    }),
  )
  return looks.flatMap((look) => look ?? [])
}

/** Of nodes that publish no port, the engine is asked what it knows. */
export async function engineDiffers(topology: Topology, engine: Engine, { nodes }: Expectation): Promise<string[]> {
  const asked = topology.nodes.filter((node) => firstEndpoint(node) === undefined && nodes.get(node.name) !== 'any')
  if (asked.length === 0) return []
  const states = new Map((await engine.containers(topology.world)).map(({ service, state }) => [service, state]))
  return asked.flatMap(({ name }) => {
    const expected = nodes.get(name) ?? 'any'
    const state = states.get(name)
    if (expected === 'any' || (state !== undefined && engineSays[expected].includes(state))) return []
    return [`${name} is ${state ?? 'not there'}, according to the engine`]
  })
}

/**
 * Every direction, by the pings that are heard at its end, and every round trip, on both kinds of connection. Beacons
 * ping each other, so a link needs one at each end. A site whose own beacon is gone shows nothing; its silence is seen
 * from the other end.
 */
export function edgesDiffer(topology: Topology, view: View, { nodes, directions }: Expectation): string[] {
  const differ: string[] = []
  for (const {
    sites: [a, b],
  } of topology.links) {
    if (withoutBeacon(topology, [a, b]).length > 0) continue
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const listener = beaconState(topology, nodes, to)
      const sender = beaconState(topology, nodes, from)
      const there = directions.get(`${from}>${to}`)
      const back = directions.get(`${to}>${from}`)
      const expectedHeard = there === 'any' ? undefined : there === 'flows'
      const heard = view.heard.get(`${from}>${to}`)
      if (listener === 'up' && expectedHeard !== undefined && heard !== expectedHeard) {
        differ.push(
          heard === undefined
            ? `${to} was not yet asked whether it hears ${from}`
            : `${to} ${heard ? 'still hears' : 'does not hear'} ${from}`,
        )
      }
      if (sender !== 'up') {
        if (sender !== 'any' && view.beacons.get(from) !== false) differ.push(`the beacon at ${from} still answers`)
        continue
      }
      if (there === 'any' || back === 'any') continue
      differ.push(...roundTripDiffers(view, `${from}>${to}`, there === 'flows' && back === 'flows'))
    }
  }
  return differ
}

function roundTripDiffers(view: View, key: string, expectedUp: boolean): string[] {
  const edge = view.edges.get(key)
  return (['existing', 'fresh'] as const).flatMap((connection) => {
    const up = edge?.[connection]
    if (up === undefined) return [`${key} was not observed yet`]
    return up === expectedUp ? [] : [`${key} (${connection}) is ${up ? 'still up' : 'down'}`]
  })
}

/** Sites among these without a beacon. */
function withoutBeacon(topology: Topology, sites: readonly string[]): string[] {
  return sites.filter((site) => beaconOf(topology, site) === undefined)
}

/** Whether there is a beacon at the end of a direction that can say whether it hears the one at its beginning. */
export function canTell(topology: Topology, { nodes }: Expectation, direction: string): boolean {
  const sites = direction.split('>')
  return withoutBeacon(topology, sites).length === 0 && beaconState(topology, nodes, sites[1] ?? '') === 'up'
}

/**
 * What a fault is to take away and cannot be proved, in sentences that say what to add. Silence proves a cut only if
 * both beacons are up; a node that another fault may have taken proves nothing.
 */
export function untellable(
  topology: Topology,
  { nodes }: Expectation,
  { gone = [], mute = [], silent = [] }: Effect,
): string[] {
  const taken = [...gone, ...mute].filter((name) => nodes.get(name) === 'any')
  return [
    ...taken.map((name) => `it cannot be proved that it took ${name}: another active fault may have taken it`),
    ...silent.flatMap((direction) => cutUntellable(topology, nodes, direction)),
  ]
}

function cutUntellable(topology: Topology, nodes: Expectation['nodes'], { from, to }: Direction): string[] {
  const missing = withoutBeacon(topology, [from, to])
  if (missing.length > 0)
    return [
      `it cannot be proved that ${keyOf({ from, to })} is silent: there is no beacon at ${missing.join(' or ')}. A link needs a beacon (blackstart.role=beacon, with the label blackstart.port.status) at each of its ends`,
    ]
  const away = [from, to].filter((site) => beaconState(topology, nodes, site) !== 'up')
  return away.length > 0
    ? [
        `it cannot be proved that it silences ${keyOf({ from, to })}: another active fault has taken the beacon at ${away.join(' and ')}`,
      ]
    : []
}
