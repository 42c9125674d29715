// Measures what it costs to get every attempt out of k6, at 500 requests/s: our line on its log against its own JSON output against
// nothing at all. Prints a table for docs/measurements.md; judges nothing.
//   node chaos/cli/bench-load.ts     on an otherwise idle machine; takes about 3 minutes
import { readFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { median } from '../judge/statistics.ts'
import { Engine } from '../world/engine.ts'
import { down } from '../world/up.ts'
import { k6Image } from '../load/generator.ts'

const world = 'blackstart-bench-k6'
const ratePerSecond = 500
const seconds = 15
const rounds = 3
const engine = new Engine()
const labels = { 'blackstart.world': world, 'blackstart.role': 'load' }
const script = await readFile(new URL('../load/script.js', import.meta.url), 'utf8')
const server = 'require("node:http").createServer((q, s) => q.resume().on("end", () => s.writeHead(200).end("{}"))).listen(8080)'

/** Variant → its script and k6's output. */
const variants: Record<string, { script: string; args: string[] }> = {
  'nothing': { script: script.replaceAll(/^ {2}console\.log\(`\$\{n\},.*$/gm, ''), args: [] },
  'a line on its log': { script, args: [] },
  'its JSON output': { script: script.replaceAll(/^ {2}console\.log\(`\$\{n\},.*$/gm, ''), args: ['--out', 'json=/dev/stdout'] },
}

/** Processor time of the k6 container, milliseconds a request; bytes it wrote a request. */
async function run(variant: { script: string; args: string[] }): Promise<{ cpuMs: number; bytes: number }> {
  const container = await engine.docker.createContainer({
    Image: k6Image, Labels: labels,
    Cmd: ['run', '--quiet', '--no-usage-report', '--address=', '--log-output=stdout', '--log-format=raw', ...variant.args, '-'],
    Env: [`ENTRY=http://${world}-server:8080`, 'TRIAL_ID=b', `RATE=${ratePerSecond}`, 'WRITE_SHARE=0.5', 'TIMEOUT_MS=5000', `DURATION_MS=${seconds * 1000}`, 'PREALLOCATED_VUS=100', 'MAX_VUS=100'],
    OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true,
    HostConfig: { NetworkMode: world, LogConfig: { Type: 'none', Config: {} } },
  })
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
  const output = new PassThrough()
  engine.docker.modem.demuxStream(stream, output, output)
  let bytes = 0
  output.on('data', (chunk: Buffer) => { bytes += chunk.length })
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
  return (await engine.docker.getContainer(id).stats({ stream: false, 'one-shot': true })).cpu_stats.cpu_usage.total_usage / 1e6
}

await down(engine, world)
try {
  await engine.docker.createNetwork({ Name: world, Labels: labels })
  const target = await engine.docker.createContainer({
    Image: 'blackstart/services', name: `${world}-server`, Labels: labels, Cmd: ['-e', server], HostConfig: { NetworkMode: world, AutoRemove: false },
  })
  await target.start()
  const results = new Map(Object.keys(variants).map((name) => [name, [] as { cpuMs: number; bytes: number }[]]))
  // In turns, so that a busy minute of the machine is shared out.
  for (let round = 0; round < rounds; round++) {
    for (const [name, variant] of Object.entries(variants)) results.get(name)?.push(await run(variant))
  }
  console.log(`k6 at ${ratePerSecond} requests/s, ${rounds} rounds in turns. Median (least to most).\n\n| attempts reach the harness by | n | processor time a request | of it over "nothing" | bytes a request |\n|---|---|---|---|---|`)
  const base = median((results.get('nothing') ?? []).map((each) => each.cpuMs)) ?? NaN
  for (const [name, runs] of results) {
    const times = runs.map((each) => each.cpuMs)
    const middle = median(times) ?? NaN
    console.log(`| ${name} | ${runs.length} | ${middle.toFixed(2)} ms (${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)}) | ${(middle / base).toFixed(2)} times | ${(median(runs.map((each) => each.bytes)) ?? 0).toFixed(0)} |`)
  }
} finally {
  await down(engine, world)
}
process.exit()
