/** Faults that act on the shop, a generated world: on its nodes, on links that relay and on one that routes. */
import { fault } from '../../../chaos/scenarios/define.ts'
import { examplesOf } from '../../../chaos/scenarios/examples.ts'
import { faultNamed } from '../../../chaos/scenarios/kinds.ts'
import { orderOf } from '../../../chaos/scenarios/order.ts'
import { type FaultKind, type FaultSpec, faultKinds, type Target } from '../../../chaos/scenarios/schema.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'

const lasting = 1
const nodes: Target[] = [
  ...['api-1', 'db-2', 'link-east-west', 'link-east-edge'].map((name): Target => ({ scope: 'node', name })),
  { scope: 'region', name: 'west' },
]
/** What needs a kernel that delays packets on a link that routes, and not every kernel does. */
const delaying: readonly FaultKind[] = ['slow', 'jitter', 'bandwidth']
const relaying: Target[] = [{ scope: 'link', sites: ['west', 'edge'] }]
/** All links of a region are of both kinds. */
const links: Target[] = [{ scope: 'link', sites: ['east', 'west'] }, ...relaying, { scope: 'region', name: 'west' }]
const variants: { [Kind in FaultKind]?: (target: Target) => FaultSpec } = {
  'crash-loop': (target) => fault('crash-loop', target, { lasting, upMs: 200, downMs: 1_000 }),
  'cpu-starve': (target) => fault('cpu-starve', target, { lasting, cores: 0.5 }),
  partial: (target) => fault('partial', target, { lasting, from: ['east'] }),
  loss: (target) => fault('loss', target, { lasting, share: 0.01 }),
  flap: (target) => fault('flap', target, { lasting, of: 'blackhole', downMs: 1_000, upMs: 150 }),
}

/** The variants of a kind that this world allows: a link that routes packets slows none, say. */
export function shopOrders(kind: FaultKind, topology: Topology): FaultSpec[] {
  const examples = examplesOf(kind, { forMs: lasting * 1_000 })
  return targetsOf(kind)
    .flatMap((target) => variants[kind]?.(target) ?? examples.map((example): FaultSpec => ({ ...example, target })))
    .filter((spec) => isPossible(spec, topology))
}

export function shopKinds(topology: Topology): FaultKind[] {
  return faultKinds.filter((kind) => shopOrders(kind, topology).length > 0)
}

/** What has a volume. */
const stored = nodes.filter((target) => 'name' in target && ['db-2', 'west'].includes(target.name))

function targetsOf(kind: FaultKind): Target[] {
  const { actsOn } = faultNamed(kind)
  if (kind === 'disk-loss') return stored
  if (actsOn === 'nodes') return nodes
  if (delaying.includes(kind)) return relaying
  return actsOn === 'links' || actsOn === 'site' ? links : []
}

function isPossible(spec: FaultSpec, topology: Topology): boolean {
  try {
    return faultNamed(spec.kind).unavailable(orderOf(spec, topology, { primary: undefined }), topology) === undefined
  } catch {
    return false
  }
}
