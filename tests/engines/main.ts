/**
 * Tries the project on Docker engines: this machine's, and those of other Debian releases beside it, which need no
 * network, for their images are carried over. Human text on stderr; the table, and `N passed, N failed`, on stdout.
 *
 *   npm run test:engines                        each engine that can be had here
 *   npm run test:engines -- debian-testing      this one, and to fail where it cannot be had
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { messageOf } from '../../chaos/errors.ts'
import { packageRoot } from '../../chaos/roots.ts'
import { type Counts, lastLine } from '../../setup/counts.mjs'
import { readComposeFiles } from '../../setup/docker/compose-files.mjs'
import { planOf } from '../../setup/docker/images.mjs'
import { type Host, thisMachine } from '../../setup/host/host.mjs'
import { progressOn } from '../../setup/host/progress.mjs'
import { cannotGuest, docker, fetchTree, type Guest, type Release, startGuest } from './guest.ts'
import { type Outcome, type Place, steps } from './steps.ts'

/** Engines by name. What a release has today is told when it runs: Debian 13 has 26.1, testing has 28.5. */
const guests: Record<string, string> = { 'debian-13': 'trixie', 'debian-testing': 'testing' }
const engines = ['installed', ...Object.keys(guests)]

interface Row extends Outcome {
  engine: string
  step: string
}

const asked = process.argv.slice(2)
if (asked.some((name) => name.startsWith('-') || !engines.includes(name))) {
  process.stderr.write(
    `usage: npm run test:engines -- [engine…]; engines: ${engines.join(', ')}; without one, each that can be had here\n`,
  )
  process.exit(asked.some((name) => ['-h', '--help'].includes(name)) ? 0 : 4)
}

const stop = new AbortController()
const host = thisMachine(packageRoot, stop.signal)
const show = progressOn(process.stderr)
const rows: Row[] = []
let guest: Guest | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, async () => {
    stop.abort()
    await guest?.[Symbol.asyncDispose]()
    process.exit(130)
  })
}
for (const engine of asked.length > 0 ? asked : engines) {
  try {
    rows.push(...(await tried(engine)))
  } catch (error) {
    rows.push({ engine, step: 'start', passed: 0, failed: 1, skipped: 0, note: messageOf(error) })
  }
}
tell(rows)

async function tried(engine: string): Promise<Row[]> {
  const suite = guests[engine]
  if (suite === undefined) return [...(await each(`${engine} (${await versions({})})`, { env: {}, enter: [] }))]
  const why = cannotGuest(host)
  if (why !== undefined)
    return [
      {
        engine,
        step: 'start',
        passed: 0,
        failed: asked.length > 0 ? 1 : 0,
        skipped: asked.length > 0 ? 0 : 1,
        note: `cannot be had here: ${why}`,
      },
    ]
  await using own = (guest = await begun(host, { suite, folder: join(packageRoot, '.blackstart', 'engines', suite) }))
  return await each(`${engine} (${own.version}, Compose ${own.compose})`, own)
}

async function begun(host: Host, release: Release): Promise<Guest> {
  const log = (name: string) => join(packageRoot, '.blackstart', 'logs', `engine-${release.suite}-${name}.log`)
  const fetching = show.begin(`fetching the engine of Debian ${release.suite}`, log('fetch'))
  const tree = await fetchTree(host, release, fetching).then(
    (path) => (fetching.done(), path),
    (error: unknown) => {
      fetching.failed()
      throw error
    },
  )
  const started = await startGuest(release, tree)
  const carrying = show.begin(`carrying the images over to Docker Engine ${started.version}`, log('images'))
  try {
    await carryImages(started)
    carrying.done()
    return started
  } catch (error) {
    carrying.failed()
    await started[Symbol.asyncDispose]()
    throw error
  }
}

/** All images of the project, from this machine's engine to a guest. */
async function carryImages(guest: Guest): Promise<void> {
  const refs = planOf(await readComposeFiles(host)).images.map(({ ref }) => ref)
  const save = spawn('docker', ['save', ...refs], { env: process.env, stdio: ['ignore', 'pipe', 'inherit'] })
  const load = spawn('docker', ['load', '--quiet'], {
    env: { ...process.env, ...guest.env },
    stdio: [save.stdout, 'ignore', 'inherit'],
  })
  const [[saved], [loaded]] = (await Promise.all([once(save, 'exit'), once(load, 'exit')])) as [
    [number | null],
    [number | null],
  ]
  if (saved !== 0 || loaded !== 0)
    throw new Error(`the images could not be carried over: docker save ended with ${saved}, docker load with ${loaded}`)
}

async function versions(env: Record<string, string>): Promise<string> {
  return `${await docker(env, ['version', '--format', '{{.Server.Version}}'])}, Compose ${await docker(env, ['compose', 'version', '--short'])}`
}

/** All steps, in turn; after one that fails the others are tried all the same, for each says something of its own. */
async function each(engine: string, place: Place): Promise<Row[]> {
  const rows: Row[] = []
  for (const step of steps) {
    if (rows.some(({ step: before, failed }) => before === step.needs && failed > 0)) continue
    process.stderr.write(`\n${engine}: ${step.name}\n`)
    rows.push({ engine, step: step.name, ...(await step.run(place)) })
  }
  return rows
}

function tell(rows: readonly Row[]): void {
  for (const { engine, step, note, ...counts } of rows)
    console.log(`${word(counts).padEnd(8)} ${engine}: ${step}${note ? `: ${note}` : ''}`)
  const sum = (of: keyof Counts) => rows.reduce((total, row) => total + row[of], 0)
  const counts = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
  console.log(lastLine(counts))
  process.exitCode = counts.failed > 0 ? 1 : 0
}

function word({ failed, passed }: Counts): string {
  return failed > 0 ? 'FAILED' : passed > 0 ? 'ok' : 'skipped'
}
