/**
 * Waits until the observers confirm a fault or its heal: exactly the intended nodes and directions are gone, and all
 * others are not.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Engine } from '../engine/engine.ts'
import { type Claim, type Effect, type RoundTrips, together } from '../faults/fault.ts'
import type { View } from '../observers/view.ts'
import { firstEndpoint, type Topology } from '../topology/topology.ts'
import { waitUntil } from '../wait.ts'
import { type Expectation, nodesIn, silentEdges } from './expectation.ts'
import { canTell, edgesDiffer, engineDiffers, portsDiffer, untellable } from './witness.ts'

/** Between two rounds of connecting to every node. */
const knockEveryMs = 100

export interface ProofOptions {
  topology: Topology
  view: View
  engine: Engine
  /** What the world must look like, asked anew at each look: another fault may come or go meanwhile. */
  expectation: () => Expectation
  /** What the fault that is to be proved takes away: each of these must be observable. */
  taken?: Effect
  claims?: Claim[]
  limitMs: number
  signal?: AbortSignal | undefined
}

/** In sentences; and round trips, where they are the proof. */
export interface Proof {
  evidence: string[]
  roundTrips: RoundTrips
}

/**
 * Waits for the proof and returns it.
 * @throws WaitError with what was seen last, when the observers do not confirm within the limit
 */
export async function prove({
  topology,
  view,
  engine,
  expectation,
  taken = {},
  claims = [],
  limitMs,
  signal,
}: ProofOptions): Promise<Proof> {
  return waitUntil(
    async () => {
      const expected = expectation()
      // The edges are in view already and cost nothing. Connecting to every node costs the world a process here and
      // there, so that waits until the edges agree; then nodes and edges must agree in the same look. A fault's own
      // evidence comes last.
      const edges = [...untellable(topology, expected, taken), ...edgesDiffer(topology, view, expected)]
      const ports = edges.length > 0 ? [] : await portsDiffer(topology, expected)
      const words = edges.length + ports.length > 0 ? [] : await engineDiffers(topology, engine, expected)
      const differ = edges.length > 0 ? edges : [...ports, ...words, ...edgesDiffer(topology, view, expected)]
      const looks = differ.length > 0 ? [] : await Promise.all(claims.map((claim) => claim.look()))
      const missing = [...differ, ...looks.flatMap((look) => (look.holds ? [] : [look.seen]))]
      if (edges.length === 0 && missing.length > 0) await delay(knockEveryMs)
      if (missing.length > 0) return { done: false, seen: missing.slice(0, 5).join('; ') }
      return {
        done: true,
        value: {
          evidence: [...looks.flatMap((look) => (look.holds ? [look.evidence] : [])), ...evidence(topology, expected)],
          roundTrips: together(...looks.map((look) => (look.holds ? (look.roundTrips ?? []) : []))),
        },
      }
    },
    { until: wish(expectation()), limitMs, everyMs: 20, signal },
  )
}

function wish(expected: Expectation): string {
  const gone = nodesIn(expected, 'gone').length + nodesIn(expected, 'mute').length
  const silent = silentEdges(expected).length
  const parts = [
    ...(gone > 0 ? [`${gone} nodes are gone`] : []),
    ...(silent > 0 ? [`${silent} directions are silent`] : []),
  ]
  return `${parts.length > 0 ? parts.join(' and ') : 'nothing is gone'}, and everything else answers`
}

/** What was asked, how, and what it answered; and what was not asked. */
function evidence(topology: Topology, expected: Expectation): string[] {
  const portless = new Set(topology.nodes.filter((node) => firstEndpoint(node) === undefined).map((node) => node.name))
  const byPort = (state: 'up' | 'gone' | 'mute') => nodesIn(expected, state).filter((name) => !portless.has(name))
  const byEngine = (state: 'up' | 'gone' | 'mute') => nodesIn(expected, state).filter((name) => portless.has(name))
  const isTold = ([key]: [string, unknown]) => canTell(topology, expected, key)
  const told = [...expected.directions].filter(isTold)
  const untold = [...expected.directions].filter((each) => !isTold(each)).map(([key]) => key)
  const silent = told.flatMap(([key, state]) => (state === 'silent' ? [key] : []))
  const flowing = told.filter(([, state]) => state === 'flows').length
  const say = (what: string, names: string[]) => (names.length > 0 ? [`${what}: ${names.join(', ')}`] : [])
  return [
    ...say('refuse connections', byPort('gone')),
    ...say('not running, according to the engine', byEngine('gone')),
    ...say('accept connections and do not answer', byPort('mute')),
    ...say('paused, according to the engine', byEngine('mute')),
    ...say('silent on existing and fresh connections', silent),
    ...say('not asked', nodesIn(expected, 'any')),
    ...say('not observed, for want of a beacon', untold),
    `still answer: ${byPort('up').length} nodes, ${flowing} directions`,
    ...say('running, according to the engine', byEngine('up')),
  ]
}
