/** Starts every observer that this world has a subject for. */
import { nodesOf, type Topology } from '../topology/topology.ts'
import { observeBeacon } from './beacons.ts'
import { observeDatabase } from './database.ts'
import { observeDcs } from './dcs.ts'
import { observeHarness } from './harness.ts'
import { observeHost } from './host.ts'
import { observeRouter } from './router.ts'
import type { Instruments, Observer } from './sampler.ts'

export function startObservers(topology: Topology, instruments: Instruments): Observer {
  const observers = [
    observeHarness(instruments),
    observeHost(instruments),
    ...nodesOf(topology, 'database').map((node) => observeDatabase(node, instruments)),
    ...nodesOf(topology, 'dcs').map((node) => observeDcs(node, instruments)),
    ...nodesOf(topology, 'router').map((node) => observeRouter(node, instruments)),
    ...nodesOf(topology, 'beacon').map((node) => observeBeacon(node, instruments)),
  ]
  return {
    async stop() {
      await Promise.all(observers.map((observer) => observer.stop()))
    },
  }
}
