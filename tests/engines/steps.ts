/**
 * What is tried on an engine: a world comes up, survives the loss of a region, and goes; each kind of fault does as it
 * says; nothing is left.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verdictSchema } from '../../chaos/judge/verdict.ts'
import { packageRoot } from '../../chaos/roots.ts'
import { type Counts, countTests, failures } from '../../setup/counts.mjs'

/** Where a step runs: what is added to the environment, and what stands before each command. */
export interface Place {
  env: Record<string, string>
  enter: string[]
}
export interface Outcome extends Counts {
  note: string
}
/** `needs`: the step without which it would only fail again. */
export interface Step {
  name: string
  needs?: string
  run(place: Place): Promise<Outcome>
}

const world = 'blackstart-engines'
const passed: Outcome = { passed: 1, failed: 0, skipped: 0, note: '' }
const failed = (note: string): Outcome => ({ passed: 0, failed: 1, skipped: 0, note })

/**
 * Contract tests that are about the engine: all kinds of fault, what they leave, what lasts when we die, a world that
 * does not come up, one whose links route past the engine's rules.
 */
const contractTests = [
  'faults-links',
  'faults-nodes',
  'faults-switchover',
  'faults-together',
  'generated',
  'kill',
  'neighbours',
  'outside',
  'property',
  'routes',
  'sigkill',
  'up',
  'compose-file',
  'k6-stream',
]

export const steps: Step[] = [
  { name: 'up', run: (place) => cli(place, ['up'], 300_000) },
  { name: 'region-kill', needs: 'up', run: regionKill },
  { name: 'down', run: (place) => cli(place, ['down'], 120_000) },
  { name: 'contract tests', run: contract },
  { name: 'nothing left', run: nothingLeft },
]

/**
 * One trial. As in the suites: one that a busy machine kept from proving anything is run again, and then skipped; one
 * that was missed counts.
 */
async function regionKill(place: Place): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const { code, output } = await command(
      place,
      [process.execPath, main, 'run', 'region-kill', '--world', world, '--json'],
      400_000,
    )
    const verdict = verdictSchema.safeParse(parse(output)).data
    if (verdict === undefined) return failed(`ended with ${code} and without a verdict`)
    if (verdict.verdict === 'met')
      return { ...passed, note: `0 failed, slowest ${((verdict.slowestRequestMs ?? 0) / 1_000).toFixed(1)} s` }
    if (verdict.verdict === 'missed') return failed(verdict.summary)
    const room = verdict.validity.find(({ name, holds }) => name === 'host-had-room' && !holds)
    if (attempt >= 2) return room ? { passed: 0, failed: 0, skipped: 1, note: room.detail } : failed(verdict.summary)
    process.stderr.write(`proved nothing, once more: ${verdict.summary}\n`)
  }
}

async function contract(place: Place): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-engines-'))
  try {
    const results = join(folder, 'results.json')
    const files = contractTests.map((name) => `tests/contract/${name}.test.ts`)
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`]
    const { code } = await command(
      place,
      [
        process.execPath,
        join(packageRoot, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--project',
        'contract',
        ...reporters,
        ...files,
      ],
      20 * 60_000,
    )
    const json = existsSync(results) ? readFileSync(results, 'utf8') : undefined
    const counts = countTests(json, code ?? 1)
    return { ...counts, note: [`${counts.passed} passed, ${counts.failed} failed`, ...failures(json)].join('\n') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function nothingLeft(place: Place): Promise<Outcome> {
  const label = ['--filter', 'label=blackstart.world', '--quiet']
  const asked = {
    containers: ['ps', '--all', ...label],
    networks: ['network', 'ls', ...label],
    volumes: ['volume', 'ls', ...label],
  }
  const left: string[] = []
  for (const [what, args] of Object.entries(asked)) {
    const { code, output } = await command(place, ['docker', ...args], 30_000)
    const count = output.split('\n').filter(Boolean).length
    if (code !== 0 || count > 0) left.push(code === 0 ? `${count} ${what}` : `${what}: not to be asked`)
  }
  return left.length === 0 ? passed : failed(left.join(', '))
}

const main = join(packageRoot, 'chaos/cli/main.ts')

async function cli(place: Place, args: string[], limitMs: number): Promise<Outcome> {
  const startMs = performance.now()
  const { code } = await command(place, [process.execPath, main, ...args, '--world', world], limitMs)
  return code === 0
    ? { ...passed, note: `${((performance.now() - startMs) / 1_000).toFixed(0)} s` }
    : failed(`exit status ${code}`)
}

/** Runs a command in a place. What it says for people is shown; what it says for programs is returned. */
async function command(
  { env, enter }: Place,
  words: string[],
  limitMs: number,
): Promise<{ code: number | null; output: string }> {
  const [program = '', ...args] = [...enter, ...words]
  const child = spawn(program, args, {
    cwd: packageRoot,
    env: { ...process.env, TESTCONTAINERS_RYUK_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
    if (words.includes('run') && !words.includes('--json')) process.stderr.write(String(chunk))
  })
  const limit = setTimeout(() => child.kill('SIGTERM'), limitMs)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(limit)
  return { code, output }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
