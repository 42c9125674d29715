/** Proof before clock: exactly the intended nodes and edges are gone and all others are not, as the observers see it. */
import type { Gone } from '../faults/fault.ts'
import type { Topology } from '../topology/topology.ts'
import type { View } from '../observers/view.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { accepts } from '../world/ready.ts'
import { waitUntil } from '../wait.ts'

/** Between two rounds of knocking at every node. */
const knockEveryMs = 100

export interface ProofOptions {
  topology: Topology
  view: View
  /** Everything that active faults together should have taken. */
  gone: Gone
  limitMs: number
  signal?: AbortSignal | undefined
}

/**
 * Waits for the proof and returns it in sentences.
 * @throws WaitError with what was seen last, when the observers do not confirm within the limit
 */
export async function prove({ topology, view, gone, limitMs, signal }: ProofOptions): Promise<string[]> {
  return waitUntil(async () => {
    // The edges are in view already and cost nothing. Knocking at every node costs the world a process here and there, so that is
    // left until the edges agree; then nodes and edges must agree in the same look.
    const edges = edgesDiffer(topology, view, gone)
    const differ = edges.length > 0 ? edges : [...(await nodesDiffer(topology, gone)), ...edgesDiffer(topology, view, gone)]
    if (edges.length === 0 && differ.length > 0) await delay(knockEveryMs)
    return differ.length === 0 ? { done: true, value: evidence(topology, gone) } : { done: false, seen: differ.slice(0, 5).join('; ') }
  }, { until: expectation(gone), limitMs, everyMs: 20, signal })
}

function expectation(gone: Gone): string {
  const parts = [
    ...(gone.nodes.length > 0 ? [`${gone.nodes.length} nodes are gone`] : []),
    ...(gone.edges.length > 0 ? [`${gone.edges.length} edges are silent`] : []),
  ]
  return `${parts.length > 0 ? parts.join(' and ') : 'nothing is gone'}, and everything else answers`
}

function evidence(topology: Topology, gone: Gone): string[] {
  const lines = []
  if (gone.nodes.length > 0) lines.push(`refuse connections: ${gone.nodes.join(', ')}`)
  if (gone.edges.length > 0) lines.push(`silent on existing and fresh connections: ${gone.edges.map(({ from, to }) => `${from}>${to}`).join(', ')}`)
  const edges = topology.links.length * 2 - gone.edges.length
  lines.push(`still answer: ${topology.nodes.length - gone.nodes.length} nodes, ${edges} edges`)
  return lines
}

/** Each node's published port must refuse where it is to be gone, and accept where not. */
async function nodesDiffer(topology: Topology, gone: Gone): Promise<string[]> {
  const looks = await Promise.all(topology.nodes.map(async (node) => {
    const ports = Object.values(node.ports)
    if (ports.length === 0) return undefined
    const shouldBeGone = gone.nodes.includes(node.name)
    const answer = await accepts(ports[0])
    if (answer && shouldBeGone) return `${node.name} still accepts connections`
    if (!answer && !shouldBeGone) return `${node.name} does not accept connections`
    return undefined
  }))
  return looks.flatMap((look) => look ?? [])
}

/** Every directed edge, on both kinds of connection. One whose own beacon is gone cannot tell; its silence is shown from the other end. */
function edgesDiffer(topology: Topology, view: View, gone: Gone): string[] {
  const deaf = new Set(topology.nodes.filter((node) => node.role === 'beacon' && gone.nodes.includes(node.name)).map((node) => node.site))
  const differ = []
  for (const { sites: [a, b] } of topology.links) {
    for (const [from, to] of [[a, b], [b, a]] as const) {
      const shouldBeGone = gone.edges.some((edge) => edge.from === from && edge.to === to)
      if (deaf.has(from)) {
        if (view.beacons.get(from) !== false) differ.push(`the beacon at ${from} still answers`)
        continue
      }
      const edge = view.edges.get(`${from}>${to}`)
      for (const connection of ['existing', 'fresh'] as const) {
        const up = edge?.[connection]
        if (up === undefined) differ.push(`${from}>${to} was not observed yet`)
        else if (up === shouldBeGone) differ.push(`${from}>${to} (${connection}) is ${up ? 'still up' : 'down'}`)
      }
    }
  }
  return differ
}
