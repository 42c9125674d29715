/** Starts every observer for which this world has something to observe. */
import { type Engine, ifAble, whyNot } from '../engine/engine.ts'
import { namesPrimary, nodesOf, type Topology, tellsStatistics } from '../topology/topology.ts'
import { observeBeacon } from './beacons.ts'
import { observeDatabase } from './database.ts'
import { observeDcs } from './dcs.ts'
import { observeHarness } from './harness.ts'
import { observeHost } from './host.ts'
import { observeRouter } from './router.ts'
import type { Instruments, Observer } from './sampler.ts'

export function startObservers(engine: Engine, topology: Topology, instruments: Instruments): Observer {
  const databases = nodesOf(topology, 'database')
  const observers = [
    observeHarness(instruments),
    ...observeMachine(engine, instruments),
    ...databases.map((node) => observeDatabase(node, instruments, databases)),
    ...nodesOf(topology, 'dcs')
      .filter(namesPrimary)
      .map((node) => observeDcs(node, instruments)),
    // A router that tells no statistics is known by what its clients see alone.
    ...nodesOf(topology, 'router')
      .filter(tellsStatistics)
      .map((node) => observeRouter(node, instruments)),
    ...nodesOf(topology, 'beacon').map((node) => observeBeacon(node, instruments)),
  ]
  return {
    async stop() {
      await Promise.all(observers.map((observer) => observer.stop()))
    },
  }
}

/** Where the machine cannot be measured, the judge finds no samples of it; the journal says why. */
function observeMachine(engine: Engine, instruments: Instruments): Observer[] {
  const { probeMachine } = engine.can
  const machine = ifAble(probeMachine)
  if (machine) return [observeHost(instruments, machine)]
  instruments.record({ kind: 'note', text: `the machine is not observed: ${whyNot(probeMachine)}` })
  return []
}
