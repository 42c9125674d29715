/** Proof before clock: exactly the intended nodes and directions are gone and all others are not, as the observers see it. */
import type { Claim } from '../faults/fault.ts'
import type { Topology } from '../topology/topology.ts'
import type { View } from '../observers/view.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { accepts, answersAtAll } from '../world/ready.ts'
import { waitUntil } from '../wait.ts'
import { beaconState, nodesIn, silentEdges, type Expectation } from './expectation.ts'

/** Between two rounds of knocking at every node. */
const knockEveryMs = 100

export interface ProofOptions {
  topology: Topology
  view: View
  /** What the world must look like, asked anew at each look: another fault may come or go meanwhile. */
  expectation: () => Expectation
  claims?: Claim[]
  limitMs: number
  signal?: AbortSignal | undefined
}

/**
 * Waits for the proof and returns it in sentences.
 * @throws WaitError with what was seen last, when the observers do not confirm within the limit
 */
export async function prove({ topology, view, expectation, claims = [], limitMs, signal }: ProofOptions): Promise<string[]> {
  return waitUntil(async () => {
    const expected = expectation()
    // The edges are in view already and cost nothing. Knocking at every node costs the world a process here and there, so that is
    // left until the edges agree; then nodes and edges must agree in the same look. A fault's own evidence comes last.
    const edges = edgesDiffer(topology, view, expected)
    const differ = edges.length > 0 ? edges : [...(await nodesDiffer(topology, expected)), ...edgesDiffer(topology, view, expected)]
    const looks = differ.length > 0 ? [] : await Promise.all(claims.map((claim) => claim.look()))
    const missing = [...differ, ...looks.flatMap((look) => (look.holds ? [] : [look.seen]))]
    if (edges.length === 0 && missing.length > 0) await delay(knockEveryMs)
    if (missing.length > 0) return { done: false, seen: missing.slice(0, 5).join('; ') }
    return { done: true, value: [...looks.flatMap((look) => (look.holds ? [look.evidence] : [])), ...evidence(expected)] }
  }, { until: wish(expectation()), limitMs, everyMs: 20, signal })
}

function wish(expected: Expectation): string {
  const gone = nodesIn(expected, 'gone').length + nodesIn(expected, 'mute').length
  const silent = silentEdges(expected).length
  const parts = [...(gone > 0 ? [`${gone} nodes are gone`] : []), ...(silent > 0 ? [`${silent} edges are silent`] : [])]
  return `${parts.length > 0 ? parts.join(' and ') : 'nothing is gone'}, and everything else answers`
}

function evidence(expected: Expectation): string[] {
  const [gone, mute, any] = [nodesIn(expected, 'gone'), nodesIn(expected, 'mute'), nodesIn(expected, 'any')]
  const silent = [...expected.directions].flatMap(([key, state]) => (state === 'silent' ? [key] : []))
  const flowing = [...expected.directions.values()].filter((state) => state === 'flows').length
  return [
    ...(gone.length > 0 ? [`refuse connections: ${gone.join(', ')}`] : []),
    ...(mute.length > 0 ? [`accept connections and do not answer: ${mute.join(', ')}`] : []),
    ...(silent.length > 0 ? [`silent on existing and fresh connections: ${silent.join(', ')}`] : []),
    ...(any.length > 0 ? [`not asked: ${any.join(', ')}`] : []),
    `still answer: ${nodesIn(expected, 'up').length} nodes, ${flowing} directions`,
  ]
}

/** Each node's published port must refuse where it is to be gone, accept and stay silent where it is to be mute, and accept otherwise. */
async function nodesDiffer(topology: Topology, { nodes }: Expectation): Promise<string[]> {
  const looks = await Promise.all(topology.nodes.map(async (node) => {
    const state = nodes.get(node.name)
    const [port] = Object.values(node.ports)
    if (port === undefined || state === 'any') return undefined
    const accepted = await accepts(port)
    if (state === 'gone') return accepted ? `${node.name} still accepts connections` : undefined
    if (!accepted) return `${node.name} does not accept connections`
    return state === 'mute' && (await answersAtAll(node)) ? `${node.name} still answers` : undefined
  }))
  return looks.flatMap((look) => look ?? [])
}

/**
 * Every direction, by the pings that are heard at its end, and every round trip, on both kinds of connection. A site whose own beacon
 * is gone cannot tell; its silence is shown from the other end.
 */
function edgesDiffer(topology: Topology, view: View, { nodes, directions }: Expectation): string[] {
  const differ: string[] = []
  for (const { sites: [a, b] } of topology.links) {
    for (const [from, to] of [[a, b], [b, a]] as const) {
      const listener = beaconState(topology, nodes, to)
      const sender = beaconState(topology, nodes, from)
      const there = directions.get(`${from}>${to}`)
      const back = directions.get(`${to}>${from}`)
      const expectedHeard = there === 'any' ? undefined : there === 'flows'
      const heard = view.heard.get(`${from}>${to}`)
      if (listener === 'up' && expectedHeard !== undefined && heard !== expectedHeard) {
        differ.push(heard === undefined ? `${to} was not yet asked whether it hears ${from}` : `${to} ${heard ? 'still hears' : 'does not hear'} ${from}`)
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
