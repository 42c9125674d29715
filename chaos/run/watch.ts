/**
 * Checks that a proved fault lasts until it is healed. With `restart: unless-stopped` an engine restarts a killed
 * container half a second after the proof. The trial would then measure another outage than its scenario describes.
 */

import { setTimeout as delay } from 'node:timers/promises'
import type { Container, Engine } from '../engine/engine.ts'
import type { Effect } from '../faults/fault.ts'
import type { View } from '../observers/view.ts'
import { accepts, answersAtAll } from '../stack/ports.ts'
import { firstEndpoint, type Node, type Topology } from '../topology/topology.ts'
import { type Expectation, keyOf } from './expectation.ts'

/** What the observers show is in memory. */
const viewEveryMs = 100
/** Each check costs a connection that is refused. */
const knockEveryMs = 1_000

export interface WatchOptions {
  topology: Topology
  view: View
  engine: Engine
  now: () => number
  /** What the world must look like now, with all active faults. */
  expectation: () => Expectation
  /** What the fault keeps away. */
  taken: Effect
  /** Aborts when it is to heal. */
  signal: AbortSignal
}

export interface Watched {
  watched: string[]
  looks: number
  lastMs: number | null
  lapsed?: string[]
}

/**
 * Watches until the signal, or until something came back, which it then returns in sentences. Never rejects: a check
 * that failed does not count.
 */
export async function watch(options: WatchOptions): Promise<Watched> {
  const {
    taken: { gone = [], mute = [], silent = [] },
    now,
    signal,
    topology,
  } = options
  const nodes = topology.nodes.filter(({ name }) => gone.includes(name) || mute.includes(name))
  // The proof was the first look.
  const seen: Watched = { watched: [...nodes.map(({ name }) => name), ...silent.map(keyOf)], looks: 1, lastMs: now() }
  const sinceMs = now()
  let knockedMs = now()
  if (seen.watched.length === 0) return { ...seen, looks: 0, lastMs: null }
  while (await rest(viewEveryMs, signal)) {
    const shown = [...startedAgain(options, nodes, sinceMs), ...heardAgain(options)]
    const knock = shown.length === 0 && (nodes.length === 0 || now() - knockedMs >= knockEveryMs)
    const back = shown.length > 0 || !knock ? shown : await unlessAborted(nodesBack(options, nodes), signal)
    // Whatever comes back once the heal is asked for, comes back by it.
    if (signal.aborted || back === undefined) continue
    if (back.length > 0)
      return { ...seen, lapsed: [...back, ...((await unlessAborted(policyWords(options, nodes), signal)) ?? [])] }
    if (!knock) continue
    knockedMs = now()
    seen.looks++
    seen.lastMs = now()
  }
  return seen
}

async function rest(lengthMs: number, signal: AbortSignal): Promise<boolean> {
  return delay(lengthMs, true, { signal }).catch(() => false)
}

/** A heal does not wait for a look. Undefined where the look failed or was given up. */
function unlessAborted<T>(look: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  )
  return Promise.race([look.catch(() => undefined), aborted])
}

/** By the engine's events, which also report what is gone again at the next check. */
function startedAgain({ view, expectation }: WatchOptions, nodes: readonly Node[], sinceMs: number): string[] {
  const expected = expectation().nodes
  return nodes.flatMap(({ name }) =>
    (view.started.get(name) ?? -Infinity) > sinceMs && expected.get(name) !== 'any'
      ? [`${name} was started again`]
      : [],
  )
}

function heardAgain({ view, expectation, taken: { silent = [] } }: WatchOptions): string[] {
  const { directions } = expectation()
  return silent.flatMap(({ from, to }) =>
    directions.get(keyOf({ from, to })) === 'silent' && view.heard.get(keyOf({ from, to })) === true
      ? [`${to} hears ${from} again`]
      : [],
  )
}

/**
 * By each node's port, and for those without by the engine. Another process may have got the port of a node that is
 * gone, or the kernel may have connected this process to itself: so the engine is asked whether it runs.
 */
async function nodesBack(
  { topology, engine, expectation, taken: { gone = [] } }: WatchOptions,
  nodes: readonly Node[],
): Promise<string[] | undefined> {
  const expected = expectation().nodes
  const watched = nodes.filter(({ name }) => expected.get(name) !== 'any')
  // While another fault makes all of them uncertain, nothing can be asked, and this does not count as a check.
  if (watched.length === 0 && nodes.length > 0) return undefined
  const answers = await Promise.all(
    watched.map(async (node) => {
      const endpoint = firstEndpoint(node)
      if (endpoint === undefined) return true
      return gone.includes(node.name) ? accepts(endpoint) : answersAtAll(node)
    }),
  )
  const suspects = watched.filter((_, index) => answers[index])
  if (suspects.length === 0) return []
  const states = new Map(
    (await engine.containers(topology.world)).map((container): [string, Container] => [container.service, container]),
  )
  return suspects.flatMap((node) => {
    const state = states.get(node.name)?.state
    const runs = state === 'running' || (state === 'restarting' && gone.includes(node.name))
    return runs
      ? [
          firstEndpoint(node) === undefined
            ? `${node.name} is ${state} again, according to the engine`
            : `${node.name} answers again`,
        ]
      : []
  })
}

/** The reason that the engine may have had. */
async function policyWords(
  { engine, topology, taken: { gone = [] } }: WatchOptions,
  nodes: readonly Node[],
): Promise<string[]> {
  const policies = await engine.restartPolicies(
    topology.world,
    nodes.map(({ name }) => name).filter((name) => gone.includes(name)),
  )
  return [...policies].map(([name, policy]) => `the restart policy of ${name} is "${policy}"`)
}
