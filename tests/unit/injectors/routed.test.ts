// Goal: on a link that passes packets on, a fault acts on the packets of its direction, and one that it cannot act says why.
// Method: the world on paper with such a link, an engine that notes the cuts, and an undo ledger that keeps nothing.
import { expect, test } from 'vitest'
import type { Cut, Engine } from '../../../chaos/engine/engine.ts'
import { contextOn } from '../../../chaos/injectors/injectors.ts'
import { faultNamed } from '../../../chaos/scenarios/kinds.ts'
import { orderOf } from '../../../chaos/scenarios/order.ts'
import type { FaultSpec } from '../../../chaos/scenarios/schema.ts'
import { nodeSchema, type Topology } from '../../../chaos/topology/topology.ts'
import { type Undo, undoSchema } from '../../../chaos/world/undo.ts'
import { paper, roles } from '../faults/reaching.ts'

function topologyWith(attributes: Record<string, string>): Topology {
  const link = nodeSchema.parse({ name: 'link-east-west', role: 'link', site: '', ports: {}, attributes })
  return { ...paper, nodes: [...paper.nodes, link] }
}
const routing = { 'link.via': 'route', 'link.subnets': 'east=198.18.0.0/27,west=198.18.0.32/27' }

/** Injects a fault of the link and returns what happened to packets, and how it would be undone. */
async function cutsOf(spec: object, attributes = routing): Promise<{ cuts: Cut[]; undo: Undo | undefined }> {
  const cuts: Cut[] = []
  let undo: Undo | undefined
  const topology = topologyWith(attributes)
  const engine = {
    can: {
      cutLinks: {
        ready: async (_world: string, links: string[], how: (link: string) => Cut) => ({
          cut: async () => void cuts.push(...links.map(how)),
          restore: async () => {},
          dispose: async () => {},
        }),
      },
    },
  } as unknown as Engine
  const ledger = { write: async (_id: string, written: Undo) => void (undo = written), entries: () => [], strike() {} }
  const view = { leader: undefined, databases: new Map() }
  const full = { target: { scope: 'link', sites: ['east', 'west'] }, atMs: 0, ...spec } as FaultSpec
  const context = contextOn({ topology, engine, now: () => 0, undo: ledger as never, view })
  const prepared = await faultNamed(full.kind).prepare(orderOf(full, topology, roles), context)
  await prepared.inject('f1')
  return { cuts, undo: undo && undoSchema.parse(undo) }
}

test.for([
  ['one-way', { direction: 'out' }, { is: 'swallow', to: ['198.18.0.32/27'] }],
  ['one-way', { direction: 'in' }, { is: 'swallow', to: ['198.18.0.0/27'] }],
  ['hang', undefined, { is: 'swallow', to: ['198.18.0.0/27', '198.18.0.32/27'] }],
  ['refuse', undefined, { is: 'refuse', to: ['198.18.0.0/27', '198.18.0.32/27'] }],
  ['reset', undefined, { is: 'reset', to: ['198.18.0.0/27', '198.18.0.32/27'] }],
  ['blackhole', undefined, 'all'],
  ['loss', { share: 0.2 }, { is: 'lose', share: 0.2, from: ['east', 'west'] }],
  ['loss', { share: 0.2, direction: 'out' }, { is: 'lose', share: 0.2, from: ['east'] }],
  ['loss', { share: 0.2, direction: 'in' }, { is: 'lose', share: 0.2, from: ['west'] }],
] as const)('%s %o', async ([kind, options, cut]) => {
  const { cuts, undo } = await cutsOf({ kind, ...(options && { with: options }) })
  expect(cuts).toEqual([cut])
  expect(undo).toEqual({ do: 'remove-rules', links: ['link-east-west'] })
})

test('a link that relays is told so where packets are lost: it makes connections of its own', async () => {
  const { cuts } = await cutsOf({ kind: 'loss', with: { share: 0.2 } }, {} as never)
  expect(cuts).toEqual([{ is: 'lose', share: 0.2, from: ['east', 'west'], relays: true }])
})

test('a delay of packets is refused, with what to do', async () => {
  await expect(cutsOf({ kind: 'slow', with: { latencyMs: 80 } })).rejects.toThrow(
    /link-east-west passes packets on \(via: route\).*via: proxy/,
  )
})

test('a label that is no subnet never becomes part of a command', async () => {
  const subnets = "east=198.18.0.0/27'; reboot,west=198.18.0.32/27"
  await expect(cutsOf({ kind: 'refuse' }, { ...routing, 'link.subnets': subnets })).rejects.toThrow(/does not say/)
})
