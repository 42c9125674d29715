/** Every fault that can act in a quick world, in the variants that differ for whoever heals them. */
import type { Fault, FaultContext, Order } from '../../../chaos/faults/fault.ts'
import { fault } from '../../../chaos/scenarios/define.ts'
import { examplesOf } from '../../../chaos/scenarios/examples.ts'
import { faultNamed } from '../../../chaos/scenarios/kinds.ts'
import { orderOf } from '../../../chaos/scenarios/order.ts'
import { type FaultKind, type FaultSpec, faultKinds, type Target } from '../../../chaos/scenarios/schema.ts'
import { link, linkName, node, region } from './quick-world.ts'

const lasting = 1
const everyNode = [node('east-1'), node('west-1'), node('disk-1'), node(linkName), region('west')]
const everyLink = [link('east', 'west'), region('east')]
const flapping = { downMs: 1_000, upMs: 150 }

/** Where the examples of the reference world do not fit this one, or more can be tried here. */
const variants: { [Kind in FaultKind]?: FaultSpec[] } = {
  'crash-loop': everyNode.map((target) => fault('crash-loop', target, { lasting, upMs: 200, downMs: 1_000 })),
  'cpu-starve': everyNode.map((target) => fault('cpu-starve', target, { lasting, cores: 0.5 })),
  'disk-loss': [fault('disk-loss', node('east-1'), { lasting })],
  'disk-full': [fault('disk-full', node('disk-1'), { lasting })],
  // What a link or a site has of its own is not for this kind.
  isolate: [node('east-1'), node('west-1')].map((target) => fault('isolate', target, { lasting })),
  partial: [
    fault('partial', region('east'), { lasting, from: ['west'] }),
    fault('partial', region('west'), { lasting, from: ['east'] }),
  ],
  slow: everyLink.map((target) => fault('slow', target, { lasting, latencyMs: 40 })),
  jitter: everyLink.map((target) => fault('jitter', target, { lasting, jitterMs: 30 })),
  bandwidth: everyLink.map((target) => fault('bandwidth', target, { lasting, kilobytesPerSecond: 64 })),
  // As rarely as possible: a byte that goes through is awaited for two seconds by whoever looks from outside.
  loss: everyLink.map((target) => fault('loss', target, { lasting, share: 0.01 })),
  flap: (['blackhole', 'hang', 'refuse'] as const).map((of) =>
    fault('flap', link('east', 'west'), { lasting, of, ...flapping }),
  ),
}

/** The variants of a kind. */
export function ordersOf(kind: FaultKind): FaultSpec[] {
  const examples = examplesOf(kind, { forMs: lasting * 1_000 })
  return variants[kind] ?? everyTarget(kind).flatMap((target) => examples.map((example) => ({ ...example, target })))
}

function everyTarget(kind: FaultKind): Target[] {
  const { actsOn } = faultNamed(kind)
  if (actsOn === 'nodes') return everyNode
  return actsOn === 'links' || actsOn === 'site' ? everyLink : []
}

/** What changes nothing is left out, and what asks a primary: there is none. */
export const kinds: readonly FaultKind[] = faultKinds.filter((kind) => everyTarget(kind).length > 0)

export interface Ordered {
  spec: FaultSpec
  fault: Fault
  order: Order
}

/** A specification as the run orders it. @throws when it cannot run here: each of ours can */
export function ordered(spec: FaultSpec, { topology }: Pick<FaultContext, 'topology'>): Ordered {
  const kind = faultNamed(spec.kind)
  const order = orderOf(spec, topology, { primary: undefined })
  const reason = kind.unavailable(order, topology)
  if (reason) throw new Error(`${spec.kind} cannot run here: ${reason}`)
  return { spec, fault: kind, order }
}

/** "kill on node east-1" */
export function wordsOf({ order }: Ordered): string {
  return `${order.spec.kind} on ${order.target.name}`
}
