/** Turns a fault of a scenario into an order for a world: looks up what its target means there. */
import type { Order } from '../faults/fault.ts'
import { type Roles, resolveTarget } from '../topology/resolve.ts'
import type { Topology } from '../topology/topology.ts'
import type { FaultKind, ToldTo } from './kinds.ts'
import type { SpecOf } from './schema.ts'

/** @throws UsageError when the world has no such target, naming the nearest valid name */
export function orderOf<K extends FaultKind>(spec: SpecOf<K>, topology: Topology, roles: Roles): Order<ToldTo<K>> {
  return {
    spec,
    options: (spec.with ?? {}) as ToldTo<K>,
    target: resolveTarget(spec.target, topology, roles),
    roles,
  }
}
