// Goal: whatever ends a command before its time, what it broke is healed, and its exit status is no verdict that nobody
// gave: 1 is "missed", and it is also what Node ends with for a pipe without a reader and for an error that nobody
// caught.
//
//   command ──► stdout, stderr ──x── head -5       Ctrl-C, kill, a closed terminal       a bug of ours
//
// Method: real processes and real pipes, whose reading end is closed before a byte is written or after the first line.
// The commands without a world are the command line itself; the one with something to heal is a small program, alone
// and behind our launcher, that would end with 1.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const main = join(root, 'chaos/cli/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'blackstart-ending-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(args: string[]): { child: ChildProcess; said: { text: string }; ended: Promise<number | null> } {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock', BLACKSTART_RUNS: folder },
  })
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes) => {
      said.text += String(bytes)
    })
  return { child, said, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

function closePipes({ child }: ReturnType<typeof start>): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
}

describe('a reader that is gone is an interrupt', () => {
  const run = join(folder, 'missed')
  mkdirSync(run)
  copyFileSync(join(root, 'tests/journals/missed-recovery-time.ndjson'), join(run, 'journal.ndjson'))

  test.each([[['list', '--json']], [['--help']], [['judge', 'missed', '--json']]])('%j ends with 130', async (args) => {
    const command = start([main, ...args])
    closePipes(command)
    expect(await command.ended).toBe(130)
  })

  test('also for our launcher, and what it starts', async () => {
    const command = start([join(root, 'setup/blackstart.mjs'), 'list'])
    closePipes(command)
    expect(await command.ended).toBe(130)
  })

  test('but bad usage is told by its status all the same', async () => {
    const command = start([main, 'run', '--trials', '0'])
    closePipes(command)
    expect(await command.ended).toBe(4)
  })
})

const breaker = join(root, 'tests/unit/cli/harness/breaker.ts')
const launcher = join(root, 'tests/unit/cli/harness/launcher.ts')
let count = 0

/** The breaker, when it has said that it broke something; `heals` tells whether it has healed. */
async function broken(launched: boolean, ...told: string[]) {
  const path = join(folder, `healed-${++count}`)
  const process = start([...(launched ? [launcher] : []), breaker, path, ...told])
  await expect.poll(() => process.said.text, { timeout: 20_000 }).toContain('broken')
  return { ...process, heals: () => existsSync(path) }
}

describe.each([
  ['by itself', false],
  ['behind our launcher', true],
])('a command that has broken something, %s,', (_what, launched) => {
  test('heals when its reader goes away, and ends with 130', async () => {
    const command = await broken(launched)
    closePipes(command)
    expect(await command.ended).toBe(130)
    expect(command.heals()).toBe(true)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('heals after %s', async (signal) => {
    const command = await broken(launched)
    command.child.kill(signal)
    expect(await command.ended).toBe(1)
    expect(command.said.text).toContain('interrupted: healing and stopping')
    expect(command.heals()).toBe(true)
  })

  test.each(['throw', 'reject'])(
    'heals after a bug of ours (%s), which is told once, and ends with 70',
    async (planted) => {
      const command = await broken(launched, '0', planted)
      expect(await command.ended).toBe(70)
      expect(command.said.text).toMatch(
        /blackstart: this is a bug in Blackstart: Error: planted\n +at .*breaker\.ts[^]*a bug in Blackstart: healing and stopping/,
      )
      expect(command.heals()).toBe(true)
    },
  )
})

test('a terminal that was closed tells so more than once, and is no second Ctrl-C', async () => {
  const command = await broken(false, '1500')
  command.child.kill('SIGHUP')
  closePipes(command)
  setTimeout(() => command.child.kill('SIGHUP'), 700)
  expect(await command.ended).toBe(130)
  expect(command.heals()).toBe(true)
})

test('a second Ctrl-C abandons, and says what is left', async () => {
  const command = await broken(false, '20000')
  command.child.kill('SIGINT')
  await expect.poll(() => command.said.text).toContain('again to abandon')
  setTimeout(() => command.child.kill('SIGINT'), 600)
  expect(await command.ended).toBe(130)
  expect(command.said.text).toContain('abandoned. Something is broken')
  expect(command.heals()).toBe(false)
})

describe('a bug of ours', () => {
  const planted = (text: string) => ['--import', `data:text/javascript,${encodeURIComponent(text)}`]

  // A command that is at it for a while, and needs nothing.
  const endless = join(folder, 'endless.ts')
  writeFileSync(endless, 'await new Promise(() => setInterval(() => {}, 1_000))\n')

  const unloadable = (file: string) =>
    `import { registerHooks } from "node:module"; registerHooks({ load(url, context, next) { if (url.endsWith("/${file}")) throw new Error("planted"); return next(url, context) } })`

  test.each([
    ['that nobody catches', 'setTimeout(() => { throw new Error("planted") }, 1500)', ['show', endless]],
    ['in a file that does not load', unloadable('commands-world.ts'), ['list']],
    ['in a file that does not load when its command is called', unloadable('judge.ts'), ['judge', 'last']],
  ])('%s is 70', async (_what, text, args) => {
    const command = start(['--import', join(root, 'setup/guarded.mjs'), ...planted(text), main, ...args])
    expect(await command.ended).toBe(70)
    expect(command.said.text).toMatch(/this is a bug in Blackstart: Error: planted/)
  })

  test('that waits for what nothing will bring is 70', async () => {
    const command = start([
      '--import',
      join(root, 'setup/guarded.mjs'),
      '--input-type=module',
      '--eval',
      'await new Promise(() => {})',
    ])
    expect(await command.ended).toBe(70)
    expect(command.said.text).toContain('it waits for something that can never happen')
  })
})
