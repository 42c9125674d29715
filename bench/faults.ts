/**
 * How long each kind of fault takes to act, to be proved, to heal, and to be proved healed, in a world without load:
 * `node bench/faults.ts [--rounds 3] [--world blackstart] [kind…]`. Prints Markdown. The world must be up.
 */

import { parseArgs } from 'node:util'
import { data, say } from '../chaos/cli/output.ts'
import { DockerEngine } from '../chaos/engine/docker/engine.ts'
import { Unavailable } from '../chaos/faults/fault.ts'
import type { EventOf, JournalEvent, Recorder } from '../chaos/journal/schema.ts'
import { median } from '../chaos/judge/statistics.ts'
import { startObservers } from '../chaos/observers/start.ts'
import { View } from '../chaos/observers/view.ts'
import { ActiveFaults } from '../chaos/run/active-faults.ts'
import { healLeftovers } from '../chaos/run/execute.ts'
import { examplesOf } from '../chaos/scenarios/examples.ts'
import { type FaultKind, type FaultSpec, faultKinds } from '../chaos/scenarios/schema.ts'
import { waitUntil } from '../chaos/wait.ts'
import { lockWorld } from '../chaos/world/lock.ts'
import { untilReady } from '../chaos/world/ready.ts'
import { UndoLedger } from '../chaos/world/undo.ts'

/**
 * One typical order a kind. They are healed as soon as they are proved, so none lasts long enough to make the primary
 * change.
 */
const orderOf = (kind: FaultKind): FaultSpec => examplesOf(kind, { forMs: 60_000 })[0] as FaultSpec

interface Times {
  injectMs: number
  spreadMs: number
  provedMs: number
  healMs: number
  healedMs: number
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, world: { type: 'string', default: 'blackstart' } },
})
const engine = new DockerEngine()
const { world } = values
using _lock = lockWorld(world)
await healLeftovers(engine, world, say)
const topology = await engine.topology(world)

const startMs = performance.now()
const now = () => performance.now() - startMs
const view = new View()
const journal: JournalEvent[] = []
const record: Recorder = (body, atMs = now()) => {
  const event = { seq: journal.length, atMs, ...body } as JournalEvent
  journal.push(event)
  view.see(event)
}
const observers = startObservers(engine, topology, { record, now })
const undo = new UndoLedger({ world, engine, topology: () => engine.topology(world) })
const stage = new ActiveFaults({ topology, engine, undo, now, view }, record)

async function measure(kind: FaultKind, round: number): Promise<Times> {
  await untilReady(topology, { limitMs: 90_000 })
  await waitUntil(async () => (view.primary() ? { done: true, value: undefined } : { done: false, seen: 'none' }), {
    until: 'the observers see a primary',
    limitMs: 10_000,
  })
  const faultId = `bench-${kind}-${round}`
  const planned = await stage.plan(orderOf(kind), faultId, await stage.roles())
  await stage.inject(planned, new AbortController().signal)
  await stage.heal(faultId)
  const mine = <K extends JournalEvent['kind']>(wanted: K) =>
    journal.find(
      (event): event is EventOf<K> => event.kind === wanted && 'faultId' in event && event.faultId === faultId,
    )
  const failed = mine('fault.unproved')?.reason ?? mine('heal.failed')?.reason
  if (failed) throw new Error(failed)
  const [requested, acted, proved, healRequested, healed] = [
    mine('fault.requested'),
    mine('fault.acted'),
    mine('fault.proved'),
    mine('heal.requested'),
    mine('heal.proved'),
  ]
  say(`${kind}: ${proved?.evidence.join('; ')}`)
  const since = (event: { atMs: number } | undefined, from: { atMs: number } | undefined) =>
    event && from ? event.atMs - from.atMs : 0
  return {
    injectMs: since(acted, requested),
    spreadMs: acted?.spreadMs ?? 0,
    provedMs: since(proved, requested),
    healMs: mine('heal.acted')?.tookMs ?? 0,
    healedMs: since(healed, healRequested),
  }
}

function cell(values: number[]): string {
  const [least, middle, most] = [Math.min(...values), median(values) ?? 0, Math.max(...values)]
  const words = (ms: number) => (ms < 1_000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1_000).toFixed(1)} s`)
  return `${words(middle)} (${words(least)} to ${words(most)})`
}

data(
  `| kind | acts on | n | injected after | spread | proved after | healing took | healed, proved after |\n|---|---|---|---|---|---|---|---|`,
)
for (const kind of positionals.length > 0 ? faultKinds.filter((each) => positionals.includes(each)) : faultKinds) {
  const times: Times[] = []
  let note = ''
  for (let round = 1; round <= Number(values.rounds) && !note; round++) {
    try {
      times.push(await measure(kind, round))
    } catch (error) {
      note = `${error instanceof Unavailable ? 'cannot run here' : 'failed'}: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  const target = orderOf(kind).target
  const acts =
    'name' in target
      ? `${target.scope} ${target.name}`
      : target.scope === 'link'
        ? `link ${target.sites.join('-')}`
        : target.scope
  data(
    times.length === 0
      ? `| ${kind} | ${acts} | 0 | ${note} | | | | |`
      : `| ${kind} | ${acts} | ${times.length} | ${(['injectMs', 'spreadMs', 'provedMs', 'healMs', 'healedMs'] as const).map((name) => cell(times.map((each) => each[name]))).join(' | ')} |${note ? ` ${note}` : ''}`,
  )
}
await observers.stop()
process.exit()
