// Goal: the first error is the one that is shown, with its exit status; what went wrong while cleaning up comes after
// it. And nothing is cleaned up under the hands of a Compose that is still at work.
//
//   run ──► docker compose up ──x── "no such setting"         run ──► docker compose up ◄── SIGTERM
//     └───► take the world down ──x── "no space left"           └───── waits ─────► take the world down
//
// Method: the command line as a process of its own. Set-up sees this machine's engine; the world is one on a socket
// that does as it is told here, and so does what is on the path in the place of "docker compose up".
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { forgetSettings } from '../../chaos/world/settings.ts'
import { StubEngine } from '../unit/world/stub-engine.ts'

const main = fileURLToPath(new URL('../../chaos/cli/main.ts', import.meta.url))
const world = 'blackstart-test-unit-first-error'
const folder = mkdtempSync(join(tmpdir(), 'blackstart-first-error-'))
const children: ChildProcess[] = []
afterAll(() => {
  // Of a test that failed half-way.
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
  forgetSettings(world)
  rmSync(folder, { recursive: true, force: true })
})

const docker = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim()

/**
 * Starts the command line with a script in the place of `docker compose … up`; everything else that is asked of
 * `docker` goes to the real one.
 */
function blackstart(stub: StubEngine, up: string, ...args: string[]) {
  const real = process.env['DOCKER_HOST']
    ? `DOCKER_HOST='${process.env['DOCKER_HOST']}'; export DOCKER_HOST`
    : 'unset DOCKER_HOST'
  writeFileSync(
    join(folder, 'docker'),
    `#!/bin/sh\ncase "$*" in *" up "*) ;; *) ${real}; exec ${docker} "$@" ;; esac\n${up}\n`,
    { mode: 0o755 },
  )
  const env = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env['PATH']}`,
    DOCKER_HOST: `unix://${stub.socket}`,
    BLACKSTART_RUNS: folder,
  }
  const child = spawn(process.execPath, [main, ...args, '--world', world], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      said.text += String(bytes)
    })
  return { child, said, ended: once(child, 'close').then(([code]) => code as number | null) }
}

test.each([[['demo']], [['run', 'control']], [['run', 'control', 'region-kill']]])(
  '%j: when bringing up fails, and taking down after it too, the first is told first',
  async (args) => {
    await using stub = await new StubEngine().start()
    stub.before = (asked) => (asked === 'GET volumes' ? { status: 500, message: 'no space left on device' } : undefined)
    const command = blackstart(stub, 'echo "Error: no such setting" >&2; exit 1', ...args)
    expect(await command.ended).toBe(3)
    expect(command.said.text).toMatch(
      /blackstart: "docker compose .*" ended with status 1:\n {2}Error: no such setting\nblackstart: and while cleaning up: .*no space left on device/,
    )
  },
)

test('an interrupted up waits for Compose to end before it takes anything down', async () => {
  await using stub = await new StubEngine().start()
  const [working, log] = [join(folder, 'working'), join(folder, 'log')]
  const early: string[] = []
  stub.before = (asked) => {
    if (asked.startsWith('DELETE') && existsSync(working)) early.push(asked)
    return undefined
  }
  // As the real one: the plug-in is a child of its own, which alone minds the signal.
  const compose = `trap 'sleep 1; echo asked to end >> ${log}; rm ${working}; exit 130' TERM; touch ${working}; echo creating; while :; do sleep 0.05; done`
  const command = blackstart(stub, `trap : TERM\nsh -c "${compose}"`, 'run', 'control')
  await expect.poll(() => existsSync(working), { timeout: 25_000 }).toBe(true)
  stub.things.containers = ['made']
  command.child.kill('SIGTERM')
  expect(await command.ended).toBe(130)
  expect(readFileSync(log, 'utf8')).toBe('asked to end\n')
  expect({ early, left: stub.things.containers }).toEqual({ early: [], left: [] })
  expect(command.said.text).not.toContain('bug in Blackstart')
})

test('down that is interrupted says what is left, and ends with 130', async () => {
  await using stub = await new StubEngine().start()
  stub.things.containers = ['made']
  stub.refuse = () => ({ status: 409, message: 'removal of container made is already in progress' })
  const command = blackstart(stub, 'exit 1', 'down')
  await expect.poll(() => stub.asked, { timeout: 25_000 }).toContain('DELETE containers/made')
  command.child.kill('SIGHUP')
  expect(await command.ended).toBe(130)
  expect(command.said.text).toContain(
    `Part of the world ${world} is still there: "npx blackstart down --world ${world}" removes the rest`,
  )
})
