// Measures the store itself (Redis with Sentinel), whose loss fails no request and is therefore in no verdict: how long
// after its primary's death the other node takes writes, and how many that had been acknowledged are gone. Prints rows
// for docs/measurements.md; judges nothing.
//   node bench/store.ts --trials 5     in a world that is up and has nothing broken; about 20 s a trial

import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Redis } from 'ioredis'
import { DockerEngine } from '../chaos/engine/docker/engine.ts'
import { median } from '../chaos/judge/statistics.ts'
import { passwordOf } from '../chaos/stack/access.ts'
import { askStore, storeClient } from '../chaos/stack/redis.ts'
import { type Node, nodesOf } from '../chaos/topology/topology.ts'
import { waitUntil } from '../chaos/wait.ts'

const {
  values: { trials, world },
} = parseArgs({
  options: { trials: { type: 'string', default: '5' }, world: { type: 'string', default: 'blackstart' } },
})
/** Of one question, and of one write of the client that never asks twice. */
const [askLimitMs, writeLimitMs] = [500, 60_000]
const engine = new DockerEngine()
const stores = nodesOf(await engine.topology(world), 'store')
const sentinel = sentinelAmong(stores)

/** Writes one key after the other, as fast as answers come, and knows which were acknowledged. */
class Writer {
  readonly acknowledged: string[] = []
  #client: Redis | undefined

  /** Until the connection ends. `prefix` names this writer's keys. */
  async run(node: Node, prefix: string): Promise<void> {
    const client = storeClient(node, { limitMs: writeLimitMs })
    this.#client = client
    try {
      const password = passwordOf(node.attributes['store.password'])
      if (password !== undefined) await client.call('AUTH', password)
      for (let n = 0; ; n++) {
        // As a client on the network would: not faster than a millisecond apart.
        await delay(1)
        if (await isAcknowledged(client.set(`${prefix}${n}`, 'x', 'PX', 60_000)))
          this.acknowledged.push(`${prefix}${n}`)
      }
    } catch {
      // The connection has ended.
    }
  }

  stop(): void {
    this.#client?.disconnect()
  }
}

/** Rejects when there was no answer; one that refuses the write is an answer. */
function isAcknowledged(write: Promise<string>): Promise<boolean> {
  return write.then(
    (answer) => answer === 'OK',
    (error: Error) => {
      if (error.name === 'ReplyError') return false
      throw error
    },
  )
}

/** The answer to one command; undefined where there is none within half a second. A refusal is none. */
async function ask(node: Node, ...command: [string, ...string[]]): Promise<unknown> {
  const answer = await askStore(node, command, { limitMs: askLimitMs })
  return answer !== 'none' && 'said' in answer ? answer.said : undefined
}

/** Asks the node again and again until its answer holds these words. */
async function untilSays(node: Node, command: [string, ...string[]], words: string): Promise<void> {
  await waitUntil(
    async () => {
      const answer = await ask(node, ...command)
      return String(answer).includes(words)
        ? { done: true, value: undefined }
        : { done: false, seen: answer === undefined ? 'no answer' : String(answer) }
    },
    { until: `${node.name} says "${words}" to ${command.join(' ')}`, limitMs: 60_000, everyMs: 20 },
  )
}

const untilFollows = (node: Node) => untilSays(node, ['INFO', 'replication'], 'master_link_status:up')

function sentinelAmong(nodes: readonly Node[]): Node {
  const found = nodes.find(({ name }) => name === 'sentinel-witness')
  if (!found) throw new Error(`the world ${world} has no sentinel at the witness`)
  return found
}

/** The one that the sentinels call primary, and the other one. */
async function roles(witness: Node): Promise<{ old: Node; other: Node }> {
  const answer = (await ask(witness, 'SENTINEL', 'get-master-addr-by-name', 'ledger')) ?? []
  const redis = stores.filter(({ name }) => name.startsWith('redis'))
  const old = redis.find(({ name }) => Array.isArray(answer) && answer.includes(name))
  const other = redis.find((node) => node !== old)
  if (!old || !other) throw new Error(`the sentinel names no primary: it says ${JSON.stringify(answer)}`)
  return { old, other }
}

async function trial(
  index: number,
): Promise<{ writes: number; lost: number; writableMs: number; redundantMs: number }> {
  const { old, other } = await roles(sentinel)
  await untilFollows(other)

  const writer = new Writer()
  const running = writer.run(old, `bench:${index}:`)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const container = (await engine.containers(world)).find(({ service }) => service === old.name)
  const killedMs = performance.now()
  if (!container) throw new Error(`${old.name} is not there`)
  await engine.docker.getContainer(container.id).kill({ signal: 'SIGKILL' })
  writer.stop()
  await running

  await untilSays(other, ['SET', `bench:after:${index}`, 'x', 'PX', '1000'], 'OK')
  const writableMs = performance.now() - killedMs
  let kept = 0
  for (let from = 0; from < writer.acknowledged.length; from += 500) {
    const keys = writer.acknowledged.slice(from, from + 500)
    kept += Number((await ask(other, 'EXISTS', ...keys)) ?? 0)
  }
  const returnsMs = performance.now()
  await engine.start(world, [old.name])
  await untilFollows(old)
  return {
    writes: writer.acknowledged.length,
    lost: writer.acknowledged.length - kept,
    writableMs,
    redundantMs: performance.now() - returnsMs,
  }
}

const results = []
for (let index = 1; index <= Number(trials); index++) {
  const result = await trial(index)
  console.error(
    `trial ${index}: ${result.lost} of ${result.writes} lost, writable after ${Math.round(result.writableMs)} ms, redundant ${Math.round(result.redundantMs)} ms after its return`,
  )
  results.push(result)
}
const row = (what: string, values: number[], unit: string) =>
  `| ${what} | ${values.length} | ${Math.round(median(values) ?? 0)} ${unit} (${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))}) |`
console.log('| what | n | measured |\n|---|---|---|')
console.log(
  row(
    'store: writable again after its primary died',
    results.map((each) => each.writableMs),
    'ms',
  ),
)
console.log(
  row(
    'store: acknowledged writes lost with it',
    results.map((each) => each.lost),
    'writes',
  ),
)
console.log(
  row(
    'store: of',
    results.map((each) => each.writes),
    'writes',
  ),
)
console.log(
  row(
    'store: the dead one follows again after its return',
    results.map((each) => each.redundantMs),
    'ms',
  ),
)
