/** A fault that is ready to act, and what is known of it beforehand. */
import type { Effect, Fault, Order, PreparedFault } from '../faults/fault.ts'
import type { EventBody } from '../journal/schema.ts'
import type { FaultSpec } from '../scenarios/schema.ts'
import type { Topology } from '../topology/topology.ts'
import { actedUpon } from './conflicts.ts'
import { expectationOf, nodesIn, silentEdges } from './expectation.ts'

export interface Planned {
  faultId: string
  spec: FaultSpec
  order: Order
  fault: Fault
  prepared: PreparedFault
}

/** What the journal records at its request: everything that is needed to judge it and to replay it. */
export function requestOf({ faultId, spec, order, fault }: Planned, topology: Topology): EventBody {
  const { target } = order
  const effect = fault.effect(order, topology)
  const expected = expectationOf(topology, [effect])
  return {
    kind: 'fault.requested',
    faultId,
    fault: spec.kind,
    target: spec.target,
    resolved: target.name,
    named: target.named,
    ...(spec.with && { with: spec.with, namedWith: fault.named?.(order, topology) ?? spec.with }),
    ...actedUpon({ fault, order }),
    effect,
    lasting: lastingEffect({ fault, order }, topology),
    planned: fault.planned === true,
    expectGone: { nodes: nodesIn(expected, 'gone'), edges: silentEdges(expected) },
    disturbed: disturbedBy({ order, fault }, topology),
    doesNotModel: fault.doesNotModel,
  }
}

/** "kill region east" */
export function inWords({ spec, target }: Order): string {
  return `${spec.kind} ${target.name}`
}

/** A fault that is acting or healing: what it takes may be present or not. */
export function anything({ gone = [], mute = [], unsettled = [], silent = [], loose = [] }: Effect): Effect {
  return { unsettled: [...gone, ...mute, ...unsettled], loose: [...silent, ...loose] }
}

/** Nodes that are disturbed while the fault lasts. */
export function disturbedBy({ order, fault }: Pick<Planned, 'order' | 'fault'>, topology: Topology): string[] {
  const effects = [fault.effect(order, topology), lastingEffect({ fault, order }, topology)]
  return [...new Set(effects.flatMap(({ gone = [], mute = [], unsettled = [] }) => [...gone, ...mute, ...unsettled]))]
}

/** What stays changed while it lasts. */
export function lastingEffect({ fault, order }: Pick<Planned, 'order' | 'fault'>, topology: Topology): Effect {
  return fault.lasting?.(order, topology) ?? fault.effect(order, topology)
}
