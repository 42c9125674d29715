/**
 * What the reference world and its instruments cost of this machine's processors, by component: idle, and in trials in
 * which nothing is broken. From the kernel's own counters. `node bench/cost.ts --help`. The world must be up.
 */
import '../chaos/cli/loopback.ts'
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '../chaos/cli/failure.ts'
import { data, jsonData, say } from '../chaos/cli/output.ts'
import { openEngine } from '../chaos/engine/open.ts'
import { EnvironmentError, messageOf, UsageError } from '../chaos/errors.ts'
import { type Counters, readCounters } from '../chaos/host/counters.ts'
import { makeWork } from '../chaos/host/work.ts'
import { median } from '../chaos/judge/statistics.ts'
import { type Cell, measure } from './cost/cell.ts'
import { optionsOf, wholeNumber } from './cost/options.ts'
import { renderCost } from './cost/table.ts'
import { withTrial } from './cost/trial.ts'

const help = `Usage: node bench/cost.ts [options]

What the world and its instruments cost of this machine's processors, by component. The world must be up.

  --rates <list>     requests a second, with commas; 0 is the idle world     (0,40,100,200)
  --seconds <n>      length of each cell                                     (30)
  --rounds <n>       all rates again and again; then median (least to most)  (1)
  --world <name>     name of the world                                       (blackstart)
  --keep <file>      add each cell to this file, a line of JSON each
  --show <file>      measure nothing: print what such a file holds
  --json             print the cells as JSON
  --markdown         print tables (what it does without --json, too)

Each trial adds some 25 s to its cell. Context switches of threads that ended within the cell are in the sum alone.
The fixed cost of a trial, and that of each request, are the line of least squares through the cells with load.
`

function settings() {
  const values = optionsOf({
    rates: { type: 'string', default: '0,40,100,200' },
    seconds: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '1' },
    world: { type: 'string', default: 'blackstart' },
    keep: { type: 'string' },
    show: { type: 'string' },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  })
  if (values.json && values.markdown) throw new UsageError('give --json or --markdown, not both')
  return {
    ...values,
    rates: values.rates.split(',').map((text) => wholeNumber('rates', text.trim(), 0)),
    seconds: wholeNumber('seconds', values.seconds, 1),
    rounds: wholeNumber('rounds', values.rounds, 1),
  }
}

const engine = openEngine()

async function rolesIn(world: string): Promise<Map<string, string>> {
  const containers = await engine.containers(world)
  if (containers.length === 0)
    throw new EnvironmentError(`there is no world ${world}: "npx blackstart up --world ${world}" makes one`)
  return new Map(containers.map(({ id, labels }) => [id, labels['blackstart.role'] ?? '']))
}

/** Both readings, and meanwhile some pieces of work that show how fast the machine is. */
async function watch(seconds: number): Promise<{ from: Counters; to: Counters; workMs: number | null }> {
  const work = await makeWork()
  const pieces: number[] = []
  const from = readCounters()
  while (performance.now() - from.atMs < seconds * 1_000) {
    await delay(500)
    const startMs = performance.now()
    work()
    pieces.push(performance.now() - startMs)
  }
  return { from, to: readCounters(), workMs: median(pieces) }
}

async function idleCell(world: string, seconds: number): Promise<Cell> {
  const roles = await rolesIn(world)
  const { from, to, workMs } = await watch(seconds)
  return {
    rate: 0,
    requests: null,
    failed: null,
    slowestMs: null,
    verdict: null,
    workMs,
    ...measure(from, to, { roles, harness: undefined }),
  }
}

async function loadedCell(world: string, rate: number, seconds: number): Promise<Cell> {
  return withTrial({ world, rate, cellMs: seconds * 1_000 }, async (trial) => {
    const roles = await rolesIn(world)
    const { from, to, workMs } = await watch(seconds)
    const lengthMs = to.atMs - from.atMs
    const endWallMs = performance.timeOrigin + to.atMs
    const { requests, failed, slowestMs, verdict } = await trial.ended({ endWallMs, lengthMs })
    return {
      rate,
      requests: (requests * 1_000) / lengthMs,
      failed,
      slowestMs,
      verdict,
      workMs,
      ...measure(from, to, { roles, harness: trial.pid }),
    }
  })
}

async function main(): Promise<void> {
  const { help: wantsHelp, rates, seconds, rounds, world, keep, show, json } = settings()
  if (wantsHelp) return data(help)
  if (process.platform !== 'linux') throw new EnvironmentError('the counters are those of Linux; this is not Linux')
  const cells: Cell[] = show === undefined ? [] : kept(show)
  if (show === undefined)
    for (let round = 1; round <= rounds; round++)
      for (const rate of rates) {
        say(`${new Date().toISOString()} round ${round}: ${rate === 0 ? 'idle' : `${rate} requests/s`}`)
        const cell = await (rate === 0 ? idleCell(world, seconds) : loadedCell(world, rate, seconds))
        cells.push(cell)
        if (keep !== undefined) appendFileSync(keep, `${JSON.stringify(cell)}\n`)
      }
  if (json) jsonData(cells, 2)
  else data(renderCost(cells))
}

function kept(file: string): Cell[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Cell)
  } catch (error) {
    throw new UsageError(`--show ${file}: ${messageOf(error)}`, { cause: error })
  }
}

process.exit(
  await main().then(
    () => 0,
    (error: unknown) => codeOf(error),
  ),
)
