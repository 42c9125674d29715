/** Hands that note what a kind asks for, on a world on paper: what a kind does is what it asks its injectors for. */
import type { FaultContext, PreparedFault } from '../../../chaos/faults/fault.ts'
import type { Injectors, Probes } from '../../../chaos/faults/reach.ts'
import { faultNamed } from '../../../chaos/scenarios/kinds.ts'
import { orderOf } from '../../../chaos/scenarios/order.ts'
import type { FaultSpec } from '../../../chaos/scenarios/schema.ts'
import { type Node, nodeSchema, type Topology } from '../../../chaos/topology/topology.ts'

const node = (name: string, role: Node['role'], site: string, more: object = {}): Node =>
  nodeSchema.parse({ name, role, site, zone: 'a', ports: { rest: 1 }, attributes: { 'disk.path': '/data' }, ...more })
const link = (a: string, b: string) => ({ name: `link-${a}-${b}`, sites: [a, b] as [string, string], latencyMs: 15 })

/** The names of the reference world that the examples use. */
export const paper: Topology = {
  world: 'paper',
  sites: [
    { name: 'east', kind: 'region' },
    { name: 'west', kind: 'region' },
    { name: 'witness', kind: 'witness' },
    { name: 'edge', kind: 'edge' },
  ],
  nodes: [
    node('pg-east-a', 'database', 'east'),
    node('app-east-a', 'app', 'east'),
    node('pg-west-a', 'database', 'west'),
    node('app-west-a', 'app', 'west'),
    node('etcd-witness', 'dcs', 'witness'),
    node('router-1', 'router', 'edge', { attributes: { 'router.entry': 'http://router-1:80' } }),
  ],
  links: [
    link('east', 'west'),
    link('east', 'witness'),
    link('west', 'witness'),
    link('edge', 'east'),
    link('edge', 'west'),
  ],
  timeouts: {},
}
export const roles = { primary: paper.nodes[0], dcsLeader: paper.nodes[4], activeRouter: paper.nodes[5] }

/** What was asked of the injectors, and how each answered claim is fed. */
export interface Reaching {
  context: FaultContext
  asked: { hand: string; given: unknown[] }[]
}

const ready: PreparedFault = {
  inject: () => Promise.reject(new Error('nothing is injected on paper')),
  dispose: async () => {},
}

export function reaching(seen: Partial<Probes> = {}, more: Partial<FaultContext> = {}): Reaching {
  const asked: Reaching['asked'] = []
  const injectors = new Proxy({} as Injectors, {
    get:
      (_none, hand: string) =>
      (...given: unknown[]) => {
        asked.push({ hand, given })
        return Promise.resolve(ready)
      },
  })
  const probes = new Proxy({} as Probes, {
    get: (_none, eye: keyof Probes) => seen[eye] ?? (() => Promise.reject(new Error(`nobody tells ${eye}`))),
  })
  const view = { leader: undefined, databases: new Map() }
  return { asked, context: { topology: paper, now: () => 0, view, injectors, probes, ...more } }
}

/** A kind's fault as an order on that world. */
export function ordered(spec: FaultSpec) {
  const fault = faultNamed(spec.kind)
  return { fault, order: orderOf(spec, paper, roles) }
}
