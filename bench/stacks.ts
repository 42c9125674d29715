// Measures what docs/stacks.md shows, and prints it as that table. Not a test: it judges nothing.
//   node bench/stacks.ts [--trials 5] [--only kill,region-kill,region-blackhole] [stack...]
//                               on an otherwise idle machine; a stack takes about 4 minutes for a trial of each of the three
//
// Each stack from a copy of its folder, by the command line, as somebody would try it who has that alone. A trial that
// proved nothing is run again, at most as often as trials were asked for, and is counted apart.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DockerEngine } from '../chaos/engine/docker/engine.ts'
import { median } from '../chaos/judge/statistics.ts'
import { type Verdict, verdictSchema } from '../chaos/judge/verdict.ts'
import { packageRoot } from '../chaos/roots.ts'

const { values, positionals } = parseArgs({
  options: {
    trials: { type: 'string', default: '5' },
    only: { type: 'string', default: 'kill,region-kill,region-blackhole' },
  },
  allowPositionals: true,
})
const trials = Number(values.trials)
const all = readdirSync(join(packageRoot, 'stacks')).filter((name) => name !== 'images' && name !== 'items')
const engine = new DockerEngine()

/** Of a system in which every member takes writes, one of them dies: there is no primary that could be named. */
const memberOf: Record<string, string> = { galera: 'galera-1', nats: 'nats-1' }

function memberKill(stack: string, member: string, folder: string): string {
  const path = join(folder, 'member-kill.yaml')
  const fault = `{ kind: kill, target: { scope: node, name: ${member} }, forMs: 32000 }`
  writeFileSync(
    path,
    `name: member-kill\ntitle: A member of ${stack} dies, and comes back 32 s later\nfaults:\n  - ${fault}\nobserveMs: 50000\n` +
      'objectives: { recoverWithinMs: 10000, failedRequests: 0, lostWrites: 0 }\n',
  )
  return path
}

function blackstart(folder: string, args: string[]): string {
  console.error(`${new Date().toISOString()} blackstart ${args.join(' ')}`)
  const { stdout, status, error } = spawnSync(
    process.execPath,
    [join(packageRoot, 'setup/blackstart.mjs'), ...args],
    // Nothing here takes longer than a quarter of an hour a trial.
    {
      cwd: folder,
      env: { ...process.env, BLACKSTART_WORK_DIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 900_000,
      maxBuffer: 2 ** 28,
    },
  )
  if (error) throw error
  // 1 is missed, and 2 inconclusive: both are figures here.
  if (status === null || status > 2) throw new Error(`blackstart ${args.join(' ')} ended with status ${status}`)
  return String(stdout)
}

/** Valid verdicts, as many as were asked for if the machine allowed, and how many proved nothing. One trial a command. */
function measured(folder: string, scenario: string, world: string): { valid: Verdict[]; void: number } {
  const valid: Verdict[] = []
  let without = 0
  while (valid.length < trials && without < trials) {
    const output = blackstart(folder, ['run', scenario, '--world', world, '--json'])
    const line = output.split('\n').find((each) => each.startsWith('{'))
    if (line === undefined) throw new Error(`run ${scenario} printed no verdict`)
    const verdict = verdictSchema.parse(JSON.parse(line))
    console.error(`  ${verdict.verdict}: ${verdict.summary}`)
    if (verdict.verdict === 'inconclusive') without++
    else valid.push(verdict)
  }
  return { valid, void: without }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
const spread = (given: readonly (number | null)[], show: (value: number) => string) => {
  const values = given.filter((value) => value !== null)
  if (values.length === 0) return 'not measured'
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? show(least) : `${show(median(values) ?? 0)} (${show(least)} to ${show(most)})`
}

function row(stack: string, scenario: string, { valid, void: without }: ReturnType<typeof measured>): void {
  const censored = valid.filter(({ outcome }) => outcome === 'censored').length
  const cells = [
    stack,
    scenario,
    `${valid.length}${without > 0 ? ` (${without} more proved nothing)` : ''}`,
    spread(
      valid.map(({ recoveredInMs, outcome }) => (outcome === 'uninterrupted' ? 0 : recoveredInMs)),
      seconds,
    ) + (censored > 0 ? `, ${censored} not within the trial` : ''),
    spread(
      valid.map(({ writeGapMs }) => writeGapMs),
      seconds,
    ),
    `${spread(
      valid.map(({ failedRequests }) => failedRequests),
      String,
    )} of ${spread(
      valid.map(({ requests }) => requests),
      String,
    )}`,
    spread(
      valid.map(({ lostWrites }) => lostWrites),
      String,
    ),
    valid.every(({ dualWritable }) => dualWritable.length === 0) ? 'never seen' : 'seen',
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

/** Processor time of the world's containers in 20 s without load, as a share of one core. */
async function idleShare(world: string): Promise<number> {
  const usedMs = async () => {
    const containers = (await engine.containers(world)).filter(({ state }) => state === 'running')
    const each = containers.map(async ({ id }) => {
      const stats = await engine.docker.getContainer(id).stats({ stream: false, 'one-shot': true })
      return stats.cpu_stats.cpu_usage.total_usage / 1e6
    })
    return (await Promise.all(each)).reduce((sum, ms) => sum + ms, 0)
  }
  const [startMs, before] = [performance.now(), await usedMs()]
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  return (((await usedMs()) - before) / (performance.now() - startMs)) * 100
}

const costs: string[] = []
console.log('| stack | scenario | n | recovered in | write gap | failed requests | lost | two primaries |')
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const stack of positionals.length > 0 ? positionals : all) {
  const world = `blackstart-bench-${stack}`
  const folder = mkdtempSync(join(tmpdir(), `blackstart-bench-${stack}-`))
  cpSync(join(packageRoot, 'stacks', stack), folder, { recursive: true })
  try {
    const startMs = performance.now()
    blackstart(folder, ['up', '--world', world])
    const upMs = performance.now() - startMs
    costs.push(`| ${stack} | ${seconds(upMs)} | ${(await idleShare(world)).toFixed(0)} % of a core |`)
    console.error(costs.at(-1))
    const member = memberOf[stack]
    const kill = member === undefined ? 'primary-kill' : memberKill(stack, member, folder)
    for (const wanted of values.only.split(',')) {
      const scenario = wanted === 'kill' ? kill : wanted
      row(
        stack,
        wanted === 'kill' && member !== undefined ? 'member-kill' : scenario,
        measured(folder, scenario, world),
      )
    }
  } finally {
    blackstart(folder, ['down', '--world', world])
    rmSync(folder, { recursive: true, force: true })
  }
}
console.log(`\n| stack | up | idle |\n| --- | --- | --- |\n${costs.join('\n')}`)
