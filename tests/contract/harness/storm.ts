// Injects and heals faults of every kind for ever, some at the same time, as a run does: something for a test to kill
// at any moment. Arguments: world, seed, the kind that is wanted soon, and "shop" for that world instead of the quick
// one. Begins when it is told to on its standard input; ends with that.

import { setTimeout as delay } from 'node:timers/promises'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'
import { messageOf } from '../../../chaos/errors.ts'
import { seededRandom } from '../../../chaos/random.ts'
import { conflictBetween } from '../../../chaos/run/conflicts.ts'
import type { FaultKind } from '../../../chaos/scenarios/schema.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'
import { untilLinksRelay } from '../../../chaos/world/ready.ts'
import { type Ordered, ordered, ordersOf, kinds as quickKinds, wordsOf } from './orders.ts'
import { untilLinkIsSound } from './outside.ts'
import { contextOf, linkName } from './quick-world.ts'
import { shopKinds, shopOrders } from './shop-orders.ts'
import type { StormLine } from './storm-child.ts'

const [world = '', seed = '0', wanted = '', place = 'quick'] = process.argv.slice(2)
const lanes = 3
const holdMs = 600
const random = seededRandom(Number(seed))
const placed = new Map<string, Ordered>()
const queue: FaultKind[] = []
let kinds: readonly FaultKind[] = quickKinds
let count = 0

process.stdin.once('end', () => process.exit())
process.stdin.once(
  'data',
  () =>
    void play().catch((error: unknown) => {
      tell({ phase: 'failed', text: messageOf(error) })
      process.exit(1)
    }),
)
tell({ phase: 'loaded' })

function tell(line: StormLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function play(): Promise<void> {
  const context = await contextOf(new DockerEngine(), world)
  if (place === 'shop') kinds = shopKinds(context.topology)
  refill()
  // Others may be there already when it comes.
  queue.splice(Math.floor(random() * lanes), 0, wanted as FaultKind)
  tell({ phase: 'ready' })
  await Promise.all(Array.from({ length: lanes }, () => lane(context)))
}

async function lane(context: Awaited<ReturnType<typeof contextOf>>): Promise<void> {
  for (;;) {
    await delay(random() * 200)
    const next = draw(context)
    if (!next) continue
    const faultId = `t${seed}-f${++count}`
    const on = (phase: StormLine['phase'], text = wordsOf(next)) => tell({ phase, faultId, kind: next.spec.kind, text })
    placed.set(faultId, next)
    try {
      on('preparing')
      const prepared = await next.fault.prepare(next.order, context)
      on('injecting')
      const active = await prepared.inject(faultId)
      on('active')
      await delay(random() * holdMs)
      on('healing')
      await active.heal()
      await prepared.dispose()
      on('healed')
      await untilBooted(next, context.topology)
    } catch (error) {
      throw new Error(
        `${wordsOf(next)} (${faultId}, with ${[...placed.values()].map(wordsOf).join(', ')}): ${messageOf(error)}`,
        { cause: error },
      )
    }
    placed.delete(faultId)
  }
}

/** The first kind of the queue that may be active together with what is, on a target where it may. */
function draw(context: Awaited<ReturnType<typeof contextOf>>): Ordered | undefined {
  if (queue.length < kinds.length) refill()
  for (const [index, kind] of queue.entries()) {
    const possible = (place === 'shop' ? shopOrders(kind, context.topology) : ordersOf(kind))
      .map((spec) => ordered(spec, context))
      .filter((each) => [...placed.values()].every((other) => !conflictBetween(each, other)))
    const chosen = possible[Math.floor(random() * possible.length)]
    if (!chosen) continue
    queue.splice(index, 1)
    return chosen
  }
  return undefined
}

function refill(): void {
  queue.push(
    ...kinds
      .map((kind) => ({ kind, place: random() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ kind }) => kind),
  )
}

/**
 * A run waits for the proof of a heal; of what this world has, only a link takes its time, until it has its base
 * latency again.
 */
async function untilBooted({ order: { target } }: Ordered, topology: Topology): Promise<void> {
  if (place === 'shop') return untilLinksRelay(topology, { signal: undefined })
  if (!target.nodes.some((node) => node.name === linkName)) return
  await untilLinkIsSound(world, { limitMs: 10_000 })
}
