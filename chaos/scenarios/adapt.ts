/**
 * Scenarios that name nodes of the reference stack, for a stack with others in the same roles: the story and the promises
 * stay, the names are those of the stack. Pure.
 */
import { type Node, nodesOf, type Role, type Topology } from '../topology/topology.ts'
import { scenarios } from './library/index.ts'
import { checkNames, namesOf } from './names.ts'
import type { FaultSpec, Scenario } from './schema.ts'

const all = (role: Role) => (topology: Topology) => nodesOf(topology, role)
/** Sentinels watch a store, and hold nothing. */
const stores = (topology: Topology) =>
  nodesOf(topology, 'store').filter(({ attributes }) => attributes['store.watches'] === undefined)
const first = (nodes: Node[]) => nodes.slice(0, 1)
/** So many that the others are no majority. */
const majority = (nodes: Node[]) => nodes.slice(-Math.ceil(nodes.length / 2))

/** Scenario → the nodes that play the part of those that it names. */
const cast: Record<string, (topology: Topology) => Node[]> = {
  'dcs-majority-loss': (topology) => majority(nodesOf(topology, 'dcs')),
  'app-crash-loop': (topology) => first(nodesOf(topology, 'app')),
  'rolling-restart': all('app'),
  'rolling-restart-routers': all('router'),
  'rolling-restart-databases': all('database'),
  'rolling-restart-dcs': all('dcs'),
  'rolling-restart-store': all('store'),
  'store-kill': (topology) => first(stores(topology)),
  'store-freeze': (topology) => first(stores(topology)),
  'store-loss': stores,
}

/**
 * The scenario with this world's nodes in the parts that it has for those of the reference stack. As it is, if it names
 * nothing that the world lacks, if nobody here plays the part, or if it is no scenario of ours.
 */
export function adapted(scenario: Scenario, topology: Topology): Scenario {
  const choose = scenarios.includes(scenario) ? cast[scenario.name] : undefined
  if (choose === undefined || checkNames(scenario, namesOf(topology)).length === 0) return scenario
  const names = choose(topology).map(({ name }) => name)
  const [spec, next] = scenario.faults
  if (spec === undefined || names.length === 0) return scenario
  if (next === undefined)
    return {
      ...scenario,
      faults: [{ ...spec, target: names.length === 1 ? one(names[0]) : { scope: 'nodes', names } }],
    }
  // One after the other: as many as there are, at the same pace.
  const everyMs = next.atMs - spec.atMs
  const faults = names.map((name, index): FaultSpec => ({ ...spec, target: one(name), atMs: index * everyMs }))
  return { ...scenario, faults, observeMs: scenario.observeMs + (names.length - scenario.faults.length) * everyMs }
}

function one(name = ''): FaultSpec['target'] {
  return { scope: 'node', name }
}
