// Goal: nothing is installed or started before a command is known to be one that needs it, and never for one that only
// looks or mends.
// Method: the launcher as a process of its own on a machine without a Docker client, whose package manager, service
// manager and engine are scripts that write down what was asked of them and fail.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const launcher = fileURLToPath(new URL('../../../setup/blackstart.mjs', import.meta.url))
let folder = ''
let asked = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-machine-'))
  asked = join(folder, 'asked')
  mkdirSync(join(folder, 'bin'))
  for (const tool of ['apt-get', 'apt-cache', 'dpkg', 'systemctl', 'nice', 'dockerd']) {
    writeFileSync(join(folder, 'bin', tool), `#!/bin/sh\necho "${tool} $*" >> '${asked}'\nexit 1\n`, { mode: 0o755 })
  }
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A Docker client that finds no engine on its socket. */
function withClient() {
  writeFileSync(
    join(folder, 'bin', 'docker'),
    '#!/bin/sh\necho \'{"Client":{"Context":"default"},"Server":null}\'\necho "Cannot connect to the Docker daemon" >&2\nexit 1\n',
    { mode: 0o755 },
  )
}

function blackstart(
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<{ code: number; stdout: string; stderr: string; asked: string }> {
  const { DOCKER_HOST: _host, DOCKER_CONTEXT: _context, ...rest } = process.env
  const env = { ...rest, PATH: join(folder, 'bin'), ...more }
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, ...args], { env, cwd: folder }, (error, stdout, stderr) =>
      resolve({
        code: typeof error?.code === 'number' ? error.code : error ? -1 : 0,
        stdout,
        stderr,
        asked: existsSync(asked) ? readFileSync(asked, 'utf8') : '',
      }),
    )
  })
}

test.each([
  ['run', 'regoin-kill'],
  ['run', 'region-kill', '--trials', '0'],
  ['run', 'broken.yaml'],
  ['demo', '--scenario', 'regoin-kill'],
  ['up', '-f', 'nowhere.yml'],
  ['fault', 'kil', 'east'],
  ['fault', 'kill', 'east', '--with', 'latencyMs'],
  ['replay', 'nope'],
  ['stauts', '--json'],
])('blackstart %s %s is bad usage (4), and nobody is asked for anything', async (...args) => {
  writeFileSync(join(folder, 'broken.yaml'), 'name: broken\nload: quick\n')
  const { code, stdout, asked } = await blackstart(args)
  expect({ code, stdout, asked }).toEqual({ code: 4, stdout: '', asked: '' })
})

test.each([['status'], ['down'], ['heal'], ['fault', 'kill', 'east']])(
  'blackstart %s without an engine says so (3), and installs none',
  async (...args) => {
    const { code, stdout, stderr, asked } = await blackstart(args)
    expect({ code, stdout, asked }).toEqual({ code: 3, stdout: '', asked: '' })
    expect(stderr).toMatch(/^blackstart: not ready: .*[Dd]ocker.*\n {2}what to do: /)
  },
)

test.each([['status'], ['down']])('blackstart %s starts no engine either', async (verb) => {
  withClient()
  const { code, asked, stderr } = await blackstart([verb])
  expect({ code, asked }).toEqual({ code: 3, asked: '' })
  expect(stderr).toMatch(/not ready: .*(not running|no engine is installed)/)
})

// Set-up installs and starts where it may: as root. The system's own dockerd is found beside the scripts, where there
// is one.
test.runIf(process.getuid?.() === 0 && existsSync('/etc/debian_version'))(
  'a command that brings a world up does ask, once its scenario is known to be sound',
  async () => {
    const { code, asked, stderr } = await blackstart(['run', 'region-kill', '--world', 'machine-test'])
    expect(code).toBe(3)
    expect(asked).toContain('apt-get install')
    expect(stderr).toContain('needs root, changes this machine')
  },
)

test('Ctrl-C while the engine is asked ends the command (130), and what was asked', async () => {
  writeFileSync(join(folder, 'bin', 'docker'), `#!/bin/sh\necho $$ > '${asked}'\nexec /bin/sleep 60\n`, { mode: 0o755 })
  const child = spawn(process.execPath, [launcher, 'status'], {
    env: { ...process.env, PATH: join(folder, 'bin') },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => {
    said += String(text)
  })
  const ended = once(child, 'close')
  await vi.waitUntil(() => existsSync(asked) && readFileSync(asked, 'utf8').endsWith('\n'), { timeout: 20_000 })
  child.kill('SIGINT')
  expect((await ended)[0]).toBe(130)
  expect(said).toContain('interrupted. What is done stays done')
  expect(() => process.kill(Number(readFileSync(asked, 'utf8')), 0)).toThrow('ESRCH')
})
