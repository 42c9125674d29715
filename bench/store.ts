// Measures the store itself (Redis with Sentinel), whose loss fails no request and is therefore in no verdict: how long
// after its primary's death the other node takes writes, and how many that had been acknowledged are gone. Prints rows
// for docs/measurements.md; judges nothing.
//   node bench/store.ts --trials 5     in a world that is up and has nothing broken; about 20 s a trial

import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { startContainers } from '../chaos/engine/docker/containers.ts'
import { DockerEngine } from '../chaos/engine/docker/engine.ts'
import { median } from '../chaos/judge/statistics.ts'
import { passwordOf } from '../chaos/stack/access.ts'
import { type Node, nodesOf, portOf } from '../chaos/topology/topology.ts'
import { waitUntil } from '../chaos/wait.ts'

const {
  values: { trials, world },
} = parseArgs({
  options: { trials: { type: 'string', default: '5' }, world: { type: 'string', default: 'blackstart' } },
})
const engine = new DockerEngine()
const stores = nodesOf(await engine.topology(world), 'store')
const sentinel = sentinelAmong(stores)

const auth = `AUTH ${passwordOf(sentinel.attributes['store.password'])}\r\n`

/** Writes one key after the other, as fast as answers come, and knows which were acknowledged. */
class Writer {
  readonly acknowledged: string[] = []
  #socket: Socket | undefined

  /** Until the connection ends. `prefix` names this writer's keys. */
  async run(node: Node, prefix: string): Promise<void> {
    // The answer to AUTH comes first.
    let n = -1
    const socket = connect({ host: '127.0.0.1', port: portOf(node, 'redis') })
    this.#socket = socket
    const write = () => socket.write(`SET ${prefix}${n} x PX 60000\r\n`)
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        if (n >= 0 && text.startsWith('+OK')) this.acknowledged.push(`${prefix}${n}`)
        text = text.slice(end + 2)
        n += 1
        // As a client on the network would: not faster than a millisecond apart.
        setTimeout(write, 1)
      }
    })
    await new Promise<void>((resolve) => {
      socket
        .on('connect', () => socket.write(auth))
        .on('error', () => {})
        .on('close', () => resolve())
    })
  }

  stop(): void {
    this.#socket?.destroy()
  }
}

/**
 * The answer to one command, whole, once it has settled for 30 ms; undefined where there is none within half a second.
 */
function ask(node: Node, command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: portOf(node, 'redis') })
    let text = ''
    let settled: NodeJS.Timeout | undefined
    const limit = setTimeout(() => socket.destroy(), 500)
    socket
      .setEncoding('latin1')
      .on('connect', () => socket.write(`${auth}${command}\r\n`))
      .on('error', () => {})
    socket.on('data', (chunk: string) => {
      text += chunk
      clearTimeout(settled)
      settled = setTimeout(() => socket.destroy(), 30)
    })
    socket.on('close', () => {
      clearTimeout(limit)
      resolve(text.replace(/^\+OK\r\n/, '') || undefined)
    })
  })
}

/** Asks the node again and again until its answer holds these words. */
async function untilSays(node: Node, command: string, words: string): Promise<void> {
  await waitUntil(
    async () => {
      const answer = await ask(node, command)
      return answer?.includes(words) ? { done: true, value: undefined } : { done: false, seen: answer ?? 'no answer' }
    },
    { until: `${node.name} says "${words}" to ${command}`, limitMs: 60_000, everyMs: 20 },
  )
}

const follows = ['INFO replication', 'master_link_status:up'] as const

function sentinelAmong(nodes: readonly Node[]): Node {
  const found = nodes.find(({ name }) => name === 'sentinel-witness')
  if (!found) throw new Error(`the world ${world} has no sentinel at the witness`)
  return found
}

/** The one that the sentinels call primary, and the other one. */
async function roles(witness: Node): Promise<{ old: Node; other: Node }> {
  const answer = (await ask(witness, 'SENTINEL get-master-addr-by-name ledger')) ?? 'nothing'
  const redis = stores.filter(({ name }) => name.startsWith('redis'))
  const old = redis.find(({ name }) => answer.split('\r\n').includes(name))
  const other = redis.find((node) => node !== old)
  if (!old || !other) throw new Error(`the sentinel names no primary: it says ${JSON.stringify(answer)}`)
  return { old, other }
}

async function trial(
  index: number,
): Promise<{ writes: number; lost: number; writableMs: number; redundantMs: number }> {
  const { old, other } = await roles(sentinel)
  await untilSays(other, ...follows)

  const writer = new Writer()
  const running = writer.run(old, `bench:${index}:`)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const container = (await engine.containers(world)).find(({ service }) => service === old.name)
  const killedMs = performance.now()
  if (!container) throw new Error(`${old.name} is not there`)
  await engine.docker.getContainer(container.id).kill({ signal: 'SIGKILL' })
  writer.stop()
  await running

  await untilSays(other, `SET bench:after:${index} x PX 1000`, '+OK')
  const writableMs = performance.now() - killedMs
  let kept = 0
  for (let from = 0; from < writer.acknowledged.length; from += 500) {
    const keys = writer.acknowledged.slice(from, from + 500)
    kept += Number(/^:(\d+)/.exec((await ask(other, `EXISTS ${keys.join(' ')}`)) ?? '')?.[1] ?? 0)
  }
  const returnsMs = performance.now()
  await startContainers(engine, world, [old.name])
  await untilSays(old, ...follows)
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
