// Measures what docs/measurements.md shows, and prints it as that table. Not a test: it judges nothing.
//   node bench/phases.ts [--trials 5]        on an otherwise idle machine; takes about 3 minutes and 2.5 a pair of trials

import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { DockerEngine } from '../chaos/engine/docker/engine.ts'
import { median } from '../chaos/judge/statistics.ts'
import type { Verdict } from '../chaos/judge/verdict.ts'
import { executeTrial, healLeftovers } from '../chaos/run/execute.ts'
import { harnessFacts } from '../chaos/run/facts.ts'
import { control } from '../chaos/scenarios/library/control.ts'
import { regionBlackhole } from '../chaos/scenarios/library/region-blackhole.ts'
import { regionKill } from '../chaos/scenarios/library/region-kill.ts'
import type { Scenario } from '../chaos/scenarios/schema.ts'
import { down } from '../chaos/world/down.ts'
import { untilReady } from '../chaos/world/ready.ts'
import { up } from '../chaos/world/up.ts'

const world = 'blackstart-bench'
const trials = Number(process.argv[process.argv.indexOf('--trials') + 1]) || 5
const engine = new DockerEngine()
const row = (what: string, n: number | string, value: string) => console.log(`| ${what} | ${n} | ${value} |`)
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
const spread = (values: number[], show: (value: number) => string) =>
  values.length === 0
    ? 'not measured'
    : `${show(median(values) ?? 0)} (${show(Math.min(...values))} to ${show(Math.max(...values))})`

async function timed<T>(work: () => Promise<T>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

/** Processor time of the world's containers so far, by role, in milliseconds, and their memory in bytes. */
async function usage(role?: string): Promise<{ cpuMs: Map<string, number>; memoryBytes: number }> {
  const cpuMs = new Map<string, number>()
  let memoryBytes = 0
  await Promise.all(
    (await engine.containers(world))
      .filter(({ state, labels }) => state === 'running' && (role === undefined || labels['blackstart.role'] === role))
      .map(async ({ id, labels }) => {
        const stats = await engine.docker.getContainer(id).stats({ stream: false, 'one-shot': true })
        const its = labels['blackstart.role'] ?? '?'
        cpuMs.set(its, (cpuMs.get(its) ?? 0) + stats.cpu_stats.cpu_usage.total_usage / 1e6)
        memoryBytes +=
          stats.memory_stats.usage -
          ((stats.memory_stats.stats as { total_inactive_file?: number } | undefined)?.total_inactive_file ?? 0)
      }),
  )
  return { cpuMs, memoryBytes }
}

const total = (cpuMs: Map<string, number>) => [...cpuMs.values()].reduce((sum, each) => sum + each, 0)
const percent = (ms: number, ofMs: number) => `${((ms / ofMs) * 100).toFixed(0)} % of a core`

async function trial(scenario: Scenario): Promise<Verdict> {
  console.error(`${new Date().toISOString()} ${scenario.name} at ${scenario.load.ratePerSecond}/s`)
  return (await executeTrial({ scenario, engine, world, signal: new AbortController().signal, say: console.error }))
    .verdict
}

async function worlds(): Promise<void> {
  const ups: number[] = []
  const downs: number[] = []
  for (let n = 0; n < 3; n++) {
    ups.push(await timed(() => up({ engine, world })))
    if (n < 2) downs.push(await timed(() => down(engine, world)))
  }
  row('`up` from built images to every node ready', ups.length, spread(ups, seconds))
  row('`down`, leaving nothing', downs.length, spread(downs, seconds))
  const resets: number[] = []
  for (let n = 0; n < 5; n++)
    resets.push(
      await timed(async () => {
        await healLeftovers(engine, world, undefined)
        await untilReady(await engine.topology(world), { limitMs: 60_000 })
      }),
    )
  row('reset of a sound world (heal, verify)', resets.length, spread(resets, seconds))
}

async function idle(): Promise<void> {
  await delay(20_000)
  const before = await usage()
  const lengthMs = await timed(() => delay(20_000))
  const after = await usage()
  row('idle world, processor', 1, percent(total(after.cpuMs) - total(before.cpuMs), lengthMs))
  row('idle world, memory', 1, `${(after.memoryBytes / 2 ** 20).toFixed(0)} MiB`)
}

async function load(ratePerSecond: number): Promise<void> {
  let k6Ms = 0
  let sampled = { atMs: performance.now(), k6Ms: 0 }
  const harness = process.cpuUsage()
  const startMs = performance.now()
  const sampling = setInterval(
    () =>
      void usage('load')
        .then(({ cpuMs }) => {
          const now = { atMs: performance.now(), k6Ms: cpuMs.get('load') ?? 0 }
          if (now.k6Ms > sampled.k6Ms && sampled.k6Ms > 0)
            k6Ms = Math.max(k6Ms, (now.k6Ms - sampled.k6Ms) / (now.atMs - sampled.atMs))
          sampled = now
        })
        .catch(() => {}),
    4_000,
  )
  const verdict = await trial({ ...control, load: { ...control.load, ratePerSecond, maxVirtualUsers: 400 } })
  clearInterval(sampling)
  const { user, system } = process.cpuUsage(harness)
  const broken = verdict.validity.filter((check) => !check.holds).map((check) => check.name)
  row(`k6 at ${ratePerSecond} requests/s, busiest 4 s`, 1, percent(k6Ms, 1))
  row(
    `harness at ${ratePerSecond} requests/s, whole trial`,
    1,
    percent((user + system) / 1000, performance.now() - startMs),
  )
  row(
    `control at ${ratePerSecond} requests/s`,
    verdict.requests ?? 0,
    `${verdict.failedRequests} failed, slowest ${verdict.slowestRequestMs} ms, ${broken.length === 0 ? 'valid' : `not valid: ${broken.join(', ')}`}`,
  )
}

async function recoveries(scenario: Scenario): Promise<void> {
  const verdicts: Verdict[] = []
  for (let n = 0; n < trials; n++) verdicts.push(await trial(scenario))
  tellVerdicts(scenario.name, verdicts)
  const valid = verdicts.filter((verdict) => verdict.verdict !== 'inconclusive')
  tellRecovery(scenario.name, valid)
  tellFaults(scenario.name, valid)
  tellObservers(scenario.name, valid)
}

function tellVerdicts(name: string, verdicts: readonly Verdict[]): void {
  const counts = (['met', 'missed', 'inconclusive'] as const).map(
    (kind) => `${verdicts.filter((verdict) => verdict.verdict === kind).length} ${kind}`,
  )
  row(`${name}: verdicts`, verdicts.length, counts.join(', '))
  for (const { verdict, validity } of verdicts) {
    if (verdict !== 'inconclusive') continue
    const broken = validity.filter((check) => !check.holds).map((check) => check.name)
    row(`${name}: inconclusive because`, 1, broken.join(', '))
  }
}

/** What is known of a figure, over all trials that have it. */
function figures(verdicts: readonly Verdict[], pick: (verdict: Verdict) => number | null | undefined): number[] {
  return verdicts.flatMap((verdict) => pick(verdict) ?? [])
}

function tellRecovery(name: string, valid: readonly Verdict[]): void {
  const recovered = figures(valid, (verdict) => verdict.recoveredInMs)
  const each = recovered.map(seconds).join(', ')
  row(`${name}: recovered in`, valid.length, `${spread(recovered, seconds)}; each ${each}`)
  for (const phase of ['detect', 'elect', 'promote', 'route', 'settle'] as const) {
    const phases = figures(valid, (verdict) => verdict.phasesMs[phase])
    row(`${name}: ${phase}`, valid.length, spread(phases, seconds))
  }
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const lost = sum(figures(valid, (verdict) => verdict.lostWrites))
  const acked = sum(figures(valid, (verdict) => verdict.ackedWrites))
  row(`${name}: lost of acknowledged writes`, valid.length, `${lost} of ${acked}`)
  const dual = figures(valid, (verdict) => verdict.dualWritableMs)
  row(
    `${name}: two primaries`,
    valid.length,
    spread(dual, (ms) => `${ms} ms`),
  )
}

function tellFaults(name: string, valid: readonly Verdict[]): void {
  const between = (from: number | null | undefined, to: number | null | undefined) => (to ?? NaN) - (from ?? NaN)
  const spreads = figures(valid, ({ faults: [first] }) => first?.spreadMs)
  row(
    `${name}: fault spread`,
    valid.length,
    spread(spreads, (ms) => `${ms.toFixed(1)} ms`),
  )
  const proved = figures(valid, ({ faults: [first] }) => between(first?.requestedMs, first?.effectiveMs))
  row(`${name}: fault proved after`, valid.length, spread(proved, seconds))
  const healed = figures(valid, ({ faults: [first] }) => between(first?.healRequestedMs, first?.healedMs))
  row(`${name}: heal proved after`, valid.length, spread(healed, seconds))
  const redundant = figures(valid, ({ moments }) => between(moments.healedMs, moments.redundantMs))
  row(`${name}: redundant after heal`, valid.length, spread(redundant, seconds))
}

function tellObservers(name: string, valid: readonly Verdict[]): void {
  const whole = (ms: number) => `${ms.toFixed(0)} ms`
  for (const observer of ['database', 'dcs', 'router', 'beacon', 'harness']) {
    const subjects = valid.flatMap((verdict) => verdict.observers.filter((each) => each.observer === observer))
    const p50 = spread(
      subjects.map(({ p50Ms }) => p50Ms),
      whole,
    )
    const p95 = spread(
      subjects.map(({ p95Ms }) => p95Ms),
      whole,
    )
    row(`${name}: ${observer} observer, between samples`, subjects.length, `p50 ${p50}, p95 ${p95}`)
  }
}

const { commit, node } = await harnessFacts()
console.log(
  `Commit ${commit}, Node ${node}, ${cpus().length} cores (${cpus()[0]?.model ?? '?'}), ${new Date().toISOString().slice(0, 10)}. Median (least to most).\n`,
)
console.log('| what | n | measured |\n|---|---|---|')
{
  await using _world = { [Symbol.asyncDispose]: async () => void (await down(engine, world)) }
  await worlds()
  await idle()
  for (const rate of [40, 100]) await load(rate)
  await untilReady(await engine.topology(world), { limitMs: 120_000 })
  for (const scenario of [regionKill, regionBlackhole]) await recoveries(scenario)
}
process.exit()
