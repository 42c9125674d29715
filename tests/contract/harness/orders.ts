/** Every fault that can act in a quick world, in the variants that differ for whoever heals them. */
import { catalogue } from '../../../chaos/faults/catalogue.ts'
import type { Fault, FaultContext, Order } from '../../../chaos/faults/fault.ts'
import { resolveTarget } from '../../../chaos/faults/targets.ts'
import { fault } from '../../../chaos/scenarios/define.ts'
import { faultKinds, type FaultKind, type FaultSpec } from '../../../chaos/scenarios/schema.ts'
import { link, linkName, node, region } from './quick-world.ts'

/** `none` changes nothing, and there is no primary to switch. */
export const kinds: readonly FaultKind[] = faultKinds.filter((kind) => kind !== 'none' && kind !== 'switchover')

const lasting = 1
const everyNode = [node('east-1'), node('west-1'), node('disk-1'), node(linkName), region('west')]
const everyLink = [link('east', 'west'), region('east')]
const flapping = { downMs: 1_000, upMs: 150 }

const variants: { [Kind in FaultKind]: FaultSpec[] } = {
  none: [],
  switchover: [],
  kill: everyNode.map((target) => fault('kill', target, { lasting })),
  pause: everyNode.map((target) => fault('pause', target, { lasting })),
  drain: everyNode.map((target) => fault('drain', target, { lasting })),
  'crash-loop': everyNode.map((target) => fault('crash-loop', target, { lasting, upMs: 200, downMs: 1_000 })),
  'cpu-starve': everyNode.map((target) => fault('cpu-starve', target, { lasting, cores: 0.5 })),
  'disk-full': [fault('disk-full', node('disk-1'), { lasting })],
  blackhole: everyLink.map((target) => fault('blackhole', target, { lasting })),
  partial: [
    fault('partial', region('east'), { lasting, from: ['west'] }),
    fault('partial', region('west'), { lasting, from: ['east'] }),
  ],
  'one-way': everyLink.flatMap((target) =>
    (['in', 'out'] as const).map((direction) => fault('one-way', target, { lasting, direction })),
  ),
  hang: everyLink.map((target) => fault('hang', target, { lasting })),
  refuse: everyLink.map((target) => fault('refuse', target, { lasting })),
  reset: everyLink.map((target) => fault('reset', target, { lasting })),
  slow: everyLink.map((target) => fault('slow', target, { lasting, latencyMs: 40 })),
  jitter: everyLink.map((target) => fault('jitter', target, { lasting, jitterMs: 30 })),
  bandwidth: everyLink.map((target) => fault('bandwidth', target, { lasting, kilobytesPerSecond: 64 })),
  flap: (['blackhole', 'hang', 'refuse'] as const).map((of) =>
    fault('flap', link('east', 'west'), { lasting, of, ...flapping }),
  ),
}

/** The variants of a kind. */
export function ordersOf(kind: FaultKind): FaultSpec[] {
  return variants[kind]
}

export interface Ordered {
  fault: Fault
  order: Order
}

/** A specification as the run orders it. @throws when it cannot run here: each of ours can */
export function ordered(spec: FaultSpec, { topology }: Pick<FaultContext, 'topology'>): Ordered {
  const kind = catalogue[spec.kind] as Fault
  const roles = { primary: undefined }
  const order: Order = { spec, target: resolveTarget(spec.target, topology, roles), roles }
  const reason = kind.unavailable(order, topology)
  if (reason) throw new Error(`${spec.kind} cannot run here: ${reason}`)
  return { fault: kind, order }
}

/** "kill on node east-1" */
export function wordsOf({ order }: Ordered): string {
  return `${order.spec.kind} on ${order.target.name}`
}
