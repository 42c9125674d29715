/**
 * What a trial pays for pages that look at it: trials without any and with some, in turn. `node bench/pages.ts --help`.
 * The world must be up.
 */
import '../chaos/cli/loopback.ts'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { codeOf } from '../chaos/cli/failure.ts'
import { data, say } from '../chaos/cli/output.ts'
import { EnvironmentError } from '../chaos/errors.ts'
import { type Counters, readCounters } from '../chaos/host/counters.ts'
import { median } from '../chaos/judge/statistics.ts'
import { optionsOf, wholeNumber } from './cost/options.ts'
import { withTrial } from './cost/trial.ts'

const help = `Usage: node bench/pages.ts [options]

What a trial in which nothing is broken pays for pages that look at it. Pages take what a browser's would and draw
nothing: a browser's own work is another machine's. One in four sleeps, and takes nothing.

  --rate <n>     requests a second                    (200)
  --pages <n>    pages that look                      (20)
  --trials <n>   of each, without and with, in turn   (5)
  --seconds <n>  that are measured, in each           (20)
  --world <name> name of the world                    (blackstart)
`

const main = fileURLToPath(new URL('../chaos/cli/main.ts', import.meta.url))
interface Settings {
  world: string
  rate: number
  pages: number
  trials: number
  seconds: number
}

/** Undefined where only the help is wanted. */
function settingsGiven(): Settings | undefined {
  const {
    help: wantsHelp,
    world,
    ...numbers
  } = optionsOf({
    rate: { type: 'string', default: '200' },
    pages: { type: 'string', default: '20' },
    trials: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
    world: { type: 'string', default: 'blackstart' },
    help: { type: 'boolean', default: false },
  })
  const number = (name: keyof typeof numbers) => wholeNumber(name, numbers[name], 1)
  return wantsHelp
    ? undefined
    : { world, rate: number('rate'), pages: number('pages'), trials: number('trials'), seconds: number('seconds') }
}

/** Shares of one core, in percent; lengths in milliseconds. */
interface Measured {
  /** The process of the trial. */
  harness: number
  /** The process that serves the pages. */
  server: number
  /** Of the observers, the one with the largest. */
  gapP95Ms: number
  gapMostMs: number
  verdict: string
  bytes: number
}

/** A server of pages that shows the runs of a folder, and pages that look at them. */
class Lookers implements AsyncDisposable {
  readonly #server: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #pages: ClientRequest[] = []
  /** What the pages that are awake have taken. */
  bytes = 0
  /** Pages that the server no longer answers. */
  lost = 0

  constructor({ runs, world }: { runs: string; world: string }) {
    this.#server = spawn(process.execPath, [main, 'ui', '--world', world, '--no-open'], {
      env: { ...process.env, BLACKSTART_RUNS: runs },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#closed = once(this.#server, 'close')
  }

  get pid(): number {
    return this.#server.pid ?? 0
  }

  async open(count: number): Promise<void> {
    if (!this.#server.stdout) throw new EnvironmentError('the server of pages has no output')
    const address = await Promise.race([
      once(createInterface(this.#server.stdout), 'line').then(([line]) => String(line)),
      this.#closed.then(() => undefined),
    ])
    if (address === undefined) throw new EnvironmentError('the server of pages ended before it was open')
    const url = new URL(address)
    const cookie = (await fetch(url, { redirect: 'manual' })).headers.get('set-cookie')?.split(';')[0] ?? ''
    await Promise.all(Array.from({ length: count }, (_, n) => this.#look(url, cookie, { sleeps: n % 4 === 3 })))
  }

  async #look(url: URL, cookie: string, { sleeps }: { sleeps: boolean }): Promise<void> {
    const page = get(new URL('/api/frames', url), { headers: { cookie } })
    this.#pages.push(page)
    const [response] = (await once(page, 'response')) as [IncomingMessage]
    if (response.statusCode !== 200) throw new EnvironmentError(`a page was answered ${response.statusCode}`)
    const lose = () => this.lost++
    page.on('error', lose)
    response.on('close', lose).on('error', () => {})
    if (!sleeps) response.on('data', (chunk: Buffer) => (this.bytes += chunk.length))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const page of this.#pages) page.on('error', () => {}).destroy()
    this.#server.kill('SIGINT')
    await this.#closed
  }
}

async function measured(pages: number, { world, rate, seconds }: Settings): Promise<Measured> {
  return withTrial({ world, rate, cellMs: (seconds + 15) * 1_000 }, async (trial) => {
    await using lookers = pages > 0 ? new Lookers({ runs: trial.runs, world }) : undefined
    await lookers?.open(pages)
    // Each page has had the trial so far.
    await delay(2_000)
    const bytesBefore = lookers?.bytes ?? 0
    const from = readCounters()
    await delay(seconds * 1_000)
    const to = readCounters()
    const bytes = (lookers?.bytes ?? 0) - bytesBefore
    const lengthMs = to.atMs - from.atMs
    const { observers, verdict } = await trial.ended({
      endWallMs: performance.timeOrigin + to.atMs,
      lengthMs,
    })
    const of = (pid: number) => (100 * (usedBy(pid, to) - usedBy(pid, from))) / lengthMs
    return {
      harness: of(trial.pid),
      server: lookers ? of(lookers.pid) : 0,
      gapP95Ms: Math.max(...observers.map(({ p95Ms }) => p95Ms)),
      gapMostMs: Math.max(...observers.map(({ maxMs }) => maxMs)),
      verdict,
      bytes,
    }
  })
}

function usedBy(pid: number, { processes }: Counters): number {
  return [...processes.values()].find((process) => process.pid === pid)?.ownMs ?? 0
}

function row(pages: number, all: readonly Measured[], { seconds }: Settings): string {
  const of = (key: 'harness' | 'server' | 'gapP95Ms' | 'gapMostMs', unit: string) => {
    const each = all.map((one) => one[key])
    const shown = (value: number | null) => (value ?? 0).toFixed(key.startsWith('gap') ? 0 : 1)
    return `${shown(median(each))} ${unit} (${shown(Math.min(...each))} to ${shown(Math.max(...each))})`
  }
  const rate = all.reduce((sum, { bytes }) => sum + bytes, 0) / all.length / seconds / 1_000
  const verdicts = [...new Set(all.map(({ verdict }) => verdict))].map(
    (name) => `${all.filter(({ verdict }) => verdict === name).length} ${name}`,
  )
  return `| ${[pages, all.length, of('harness', '%'), of('server', '%'), of('gapP95Ms', 'ms'), of('gapMostMs', 'ms'), `${rate.toFixed(0)} kB/s`, verdicts.join(', ')].join(' | ')} |`
}

async function run(): Promise<void> {
  const settings = settingsGiven()
  if (settings === undefined) return data(help)
  const rows: [pages: number, all: Measured[]][] = [
    [0, []],
    [settings.pages, []],
  ]
  for (let trial = 1; trial <= settings.trials; trial++)
    for (const [pages, all] of rows) {
      say(`${new Date().toISOString()} trial ${trial}: ${pages} pages`)
      all.push(await measured(pages, settings))
      say(JSON.stringify(all.at(-1)))
    }
  data(
    "| pages | n | the trial, of a core | their server, of a core | an observer's gap, p95 | longest | sent | verdicts |",
  )
  data('| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const [pages, all] of rows) data(row(pages, all, settings))
}

process.exit(
  await run().then(
    () => 0,
    (error: unknown) => codeOf(error),
  ),
)
