// Measures what it costs to get every attempt out of k6 and into the journal, against a server that answers at once.
// First ways to get them out, at 500 requests/s: our line on its log, its own JSON output, nothing at all. Then the way
// we chose as a trial uses it. Prints tables for docs/measurements.md; judges nothing.
//   node bench/load.ts     on an otherwise idle machine; takes about 4 minutes

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { DockerEngine } from '../chaos/engine/docker/engine.ts'
import { openJournal } from '../chaos/journal/write.ts'
import { median } from '../chaos/judge/statistics.ts'
import { k6Image, startLoad } from '../chaos/load/generator.ts'
import { arrivalsFor } from '../chaos/load/pace.ts'
import { programOf } from '../chaos/load/program.ts'
import { down } from '../chaos/world/down.ts'

const world = 'blackstart-bench-k6'
const ratePerSecond = 500
const clients = { ratePerSecond, writeShare: 0.5, timeoutMs: 5_000, maxVirtualUsers: 100 }
const seconds = 15
const rounds = 3
const engine = new DockerEngine()
const labels = { 'blackstart.world': world, 'blackstart.role': 'load' }
const { text: script } = await programOf(undefined)
const server =
  'require("node:http").createServer((q, s) => q.resume().on("end", () => s.writeHead(200).end("{}"))).listen(8080)'

/** Variant → its script and k6's output. */
const variants: Record<string, { script: string; args: string[] }> = {
  nothing: { script: script.replaceAll(/^ {2}console\.log\(`\$\{n\},.*$/gm, ''), args: [] },
  'a line on its log': { script, args: [] },
  'its JSON output': {
    script: script.replaceAll(/^ {2}console\.log\(`\$\{n\},.*$/gm, ''),
    args: ['--out', 'json=/dev/stdout'],
  },
}

/** Processor time of the k6 container, milliseconds a request; bytes it wrote a request. */
async function run(variant: { script: string; args: string[] }): Promise<{ cpuMs: number; bytes: number }> {
  const container = await engine.docker.createContainer({
    Image: k6Image,
    Labels: labels,
    Cmd: [
      'run',
      '--quiet',
      '--no-usage-report',
      '--address=',
      '--log-output=stdout',
      '--log-format=raw',
      ...variant.args,
      '-',
    ],
    Env: [
      `ENTRY=http://${world}-server:8080`,
      'TRIAL_ID=b',
      `RATE=${ratePerSecond}`,
      'WRITE_SHARE=0.5',
      'TIMEOUT_MS=5000',
      `ARRIVALS=${JSON.stringify(arrivalsFor({ load: clients, durationMs: seconds * 1000 }))}`,
    ],
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: { NetworkMode: world, LogConfig: { Type: 'none', Config: {} } },
  })
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
  const output = new PassThrough()
  engine.docker.modem.demuxStream(stream, output, output)
  let bytes = 0
  output.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  await container.start()
  stream.end(variant.script)
  // Not from its start, where it compiles, nor at its end, where it is gone.
  await delay(3_000)
  const from = { cpuMs: await cpuMs(container.id), bytes }
  await delay((seconds - 5) * 1000)
  const to = { cpuMs: await cpuMs(container.id), bytes }
  await container.wait()
  await container.remove({ force: true, v: true })
  const requests = ratePerSecond * (seconds - 5)
  return { cpuMs: (to.cpuMs - from.cpuMs) / requests, bytes: (to.bytes - from.bytes) / requests }
}

async function cpuMs(id: string): Promise<number> {
  return (
    (await engine.docker.getContainer(id).stats({ stream: false, 'one-shot': true })).cpu_stats.cpu_usage.total_usage /
    1e6
  )
}

/** Processor time of the harness and of k6, as parts of a core, from k6's start to the last line in the journal. */
async function intoTheJournal(
  rate: number,
): Promise<{ harness: number; k6: number; requests: number; dropped: number; lateMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-bench-'))
  const journal = openJournal(join(folder, 'journal.ndjson'))
  const topology = {
    world,
    sites: [{ name: 'edge', kind: 'edge' as const }],
    links: [],
    timeouts: {},
    nodes: [
      {
        name: 'router',
        role: 'router' as const,
        site: 'edge',
        ports: {},
        attributes: { 'router.entry': `http://${world}-server:8080` },
      },
    ],
  }
  let requests = 0
  let dropped = 0
  const lateMs: number[] = []
  journal.on('*', (event) => {
    if (event.kind === 'load.ended') dropped = event.dropped ?? NaN
    if (event.kind !== 'request') return
    requests++
    lateMs.push(event.startedMs - event.scheduledMs)
  })
  const load = await startLoad({
    engine,
    topology,
    trialId: `b${rate}`,
    durationMs: seconds * 1000,
    wallStartMs: journal.clock.wallStartMs,
    load: { ...clients, ratePerSecond: rate },
    instruments: { record: journal.record, now: () => journal.clock.nowMs() },
  })
  await load.started
  const id = (await engine.containers(world)).find((container) => container.labels['blackstart.trial'])?.id ?? ''
  const from = { harness: process.cpuUsage(), k6Ms: await cpuMs(id), atMs: performance.now() }
  await delay((seconds - 5) * 1000)
  const used = process.cpuUsage(from.harness)
  const lengthMs = performance.now() - from.atMs
  const k6 = ((await cpuMs(id)) - from.k6Ms) / lengthMs
  await load.ended
  await journal.close()
  rmSync(folder, { recursive: true })
  return {
    harness: (used.user + used.system) / 1000 / lengthMs,
    k6,
    requests,
    dropped,
    lateMs: lateMs.toSorted((a, b) => a - b)[Math.floor(lateMs.length * 0.99)] ?? NaN,
  }
}

await down(engine, world)
{
  await using _world = { [Symbol.asyncDispose]: async () => void (await down(engine, world)) }
  await engine.docker.createNetwork({ Name: world, Labels: { ...labels, 'blackstart.site': 'edge' } })
  const target = await engine.docker.createContainer({
    Image: 'blackstart/services',
    name: `${world}-server`,
    Labels: labels,
    Cmd: ['-e', server],
    HostConfig: { NetworkMode: world, AutoRemove: false },
  })
  await target.start()
  const results = new Map(Object.keys(variants).map((name) => [name, [] as { cpuMs: number; bytes: number }[]]))
  // In turns, so that a busy minute of the machine is shared out.
  for (let round = 0; round < rounds; round++) {
    for (const [name, variant] of Object.entries(variants)) results.get(name)?.push(await run(variant))
  }
  console.log(
    `k6 at ${ratePerSecond} requests/s, ${rounds} rounds in turns. Median (least to most).\n\n| attempts reach the harness by | n | processor time a request | of it over "nothing" | bytes a request |\n|---|---|---|---|---|`,
  )
  const base = median((results.get('nothing') ?? []).map((each) => each.cpuMs)) ?? NaN
  for (const [name, runs] of results) {
    const times = runs.map((each) => each.cpuMs)
    const middle = median(times) ?? NaN
    console.log(
      `| ${name} | ${runs.length} | ${middle.toFixed(2)} ms (${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)}) | ${(middle / base).toFixed(2)} times | ${(median(runs.map((each) => each.bytes)) ?? 0).toFixed(0)} |`,
    )
  }
  console.log(
    '\n| into the journal, requests/s | requests | dropped | k6 | harness | 99 of 100 start at most this late |\n|---|---|---|---|---|---|',
  )
  for (const rate of [200, 500]) {
    const { harness, k6, requests, dropped, lateMs } = await intoTheJournal(rate)
    const share = (part: number) => `${(part * 100).toFixed(0)} % of a core`
    console.log(`| ${rate} | ${requests} | ${dropped} | ${share(k6)} | ${share(harness)} | ${lateMs.toFixed(1)} ms |`)
  }
}
process.exit()
