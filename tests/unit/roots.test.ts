// Goal: who works in another folder than the package's has runs, passwords and state there, and the package gets nothing.
// Method: BLACKSTART_WORK_DIR names a folder of the test's own; the harness's functions, and its commands as processes.
import { execFile, execFileSync } from 'node:child_process'
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { packageRoot, workRoot } from '../../chaos/roots.ts'
import { harnessFacts } from '../../chaos/run/facts.ts'
import { createRunFolder, findRun } from '../../chaos/run/folder.ts'
import { passwordOf } from '../../chaos/stack/access.ts'
import { drillSocket } from '../../chaos/world/drill-socket.ts'
import { lockWorld } from '../../chaos/world/lock.ts'
import { environmentOf } from '../../chaos/world/settings.ts'
import { worldFolder } from '../../chaos/world/state.ts'
import { thisMachine } from '../../setup/host/host.mjs'
import { PASSWORDS } from '../../setup/password-names.mjs'
import { modulesStep } from '../../setup/steps/modules.mjs'
import { nodeStep } from '../../setup/steps/node.mjs'
import { passwordsStep } from '../../setup/steps/passwords.mjs'
import { writableStep } from '../../setup/steps/writable.mjs'

const world = 'blackstart-test-unit-roots'
const main = join(packageRoot, 'chaos/cli/main.ts')
const launcher = join(packageRoot, 'setup/blackstart.mjs')
let work = ''

beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'blackstart-work-')))
  vi.stubEnv('BLACKSTART_WORK_DIR', work)
  vi.stubEnv('BLACKSTART_RUNS', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(work, { recursive: true, force: true })
})

/** Whatever these tests could leave in the package's folder. */
function tracesInPackage(): string[] {
  return globSync([`runs/*${world}*`, `.blackstart/*/*${world}*`, `${world}.yaml`], { cwd: packageRoot })
}

function blackstart(
  args: string[],
  { script = main, cwd = work }: { script?: string; cwd?: string } = {},
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { cwd, env: process.env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
  })
}

test('the two are one folder, the one with docker-compose.yml, where nothing else is said', () => {
  vi.stubEnv('BLACKSTART_WORK_DIR', undefined)
  expect(workRoot()).toBe(packageRoot)
  expect(existsSync(join(packageRoot, 'docker-compose.yml'))).toBe(true)
})

test('runs, state and locks are where the user works, and the package gets nothing', () => {
  const run = createRunFolder(world, new Date(0))
  expect(dirname(run)).toBe(join(work, 'runs'))
  writeFileSync(join(run, 'journal.ndjson'), '')
  expect(findRun('last')).toBe(run)
  expect(worldFolder(world)).toBe(join(work, '.blackstart/worlds', world))
  lockWorld(world)[Symbol.dispose]()
  expect(globSync(`.blackstart/locks/${world}*`, { cwd: work })).not.toEqual([])
  expect(tracesInPackage()).toEqual([])
})

test('a world of the same name has a drill of its own in each folder', () => {
  const here = drillSocket(world)
  vi.stubEnv('BLACKSTART_WORK_DIR', undefined)
  expect(drillSocket(world)).not.toBe(here)
})

test("the passwords are in the user's own .env, which Compose is told of", async () => {
  const host = { ...thisMachine(packageRoot, new AbortController().signal, work), env: {} }
  const before = readIfThere(join(packageRoot, '.env'))
  await (await passwordsStep(host).check())?.fix?.run({} as never)
  expect(await passwordsStep(host).check()).toBeUndefined()
  expect(await writableStep(host).check()).toBeUndefined()
  expect(readIfThere(join(packageRoot, '.env'))).toBe(before)
  for (const name of PASSWORDS) vi.stubEnv(name, undefined)
  const password = passwordOf('BLACKSTART_PASSWORD_STORE')
  expect(password).toMatch(/^[\w-]{24}$/)
  const settings = { ports: '180', net: '198.18.0', files: [join(packageRoot, 'docker-compose.yml')] }
  expect(environmentOf(world, settings)).toMatchObject({ BLACKSTART_PASSWORD_STORE: password })
  vi.stubEnv('BLACKSTART_PASSWORD_STORE', 'of the shell')
  expect(environmentOf(world, settings)).not.toHaveProperty('BLACKSTART_PASSWORD_STORE')
})

test("the commit of a run is that of the user's repository", async () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: work, encoding: 'utf8' })
  git('init', '--quiet')
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--allow-empty', '-m', 'first')
  expect((await harnessFacts()).commit).toBe(git('rev-parse', '--short=12', 'HEAD').trim())
})

test('a scenario is written where the user works, from whatever folder, and is found by the path that is printed', async () => {
  const elsewhere = join(work, 'elsewhere')
  mkdirSync(elsewhere)
  const written = await blackstart(['new', world], { cwd: elsewhere })
  expect(written).toMatchObject({ code: 0, stdout: `${join('..', `${world}.yaml`)}\n` })
  expect(readFileSync(join(work, `${world}.yaml`), 'utf8')).toContain(
    `$schema=${relative(work, join(packageRoot, 'docs/scenario.schema.json'))}`,
  )
  expect(await blackstart(['show', written.stdout.trim()], { cwd: elsewhere })).toMatchObject({ code: 0 })
  expect(tracesInPackage()).toEqual([])
})

test('a relative folder counts from the current one', async () => {
  mkdirSync(join(work, 'mine'))
  vi.stubEnv('BLACKSTART_WORK_DIR', 'mine')
  expect(await blackstart(['new', world])).toMatchObject({ code: 0, stdout: `${join('mine', `${world}.yaml`)}\n` })
})

test.for([
  ['nowhere', /^blackstart: BLACKSTART_WORK_DIR names .*nowhere, and there is no such folder: make it \(mkdir -p '/],
  ['', /^blackstart: BLACKSTART_WORK_DIR is empty/],
] as const)('"%s" is no folder: bad usage (4), with what to do, before anything is done', async ([folder, words]) => {
  vi.stubEnv('BLACKSTART_WORK_DIR', folder)
  expect(() => workRoot()).toThrow(expect.objectContaining({ exitCode: 4 }) as Error)
  expect(await blackstart(['list'])).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(words) })
  expect(await blackstart(['list'], { script: launcher })).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining('BLACKSTART_WORK_DIR'),
  })
  expect(globSync('**', { cwd: work })).toEqual(['.'])
})

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

test('an installed package works in the project around the current folder, and fetches nothing', async () => {
  const root = join(work, 'node_modules/blackstart')
  mkdirSync(join(root, 'dist/cli'), { recursive: true })
  writeFileSync(join(root, 'dist/cli/main.js'), '')
  const machine = thisMachine(root, new AbortController().signal, work)
  expect(machine).toMatchObject({ isInstalled: true, kept: join(work, '.blackstart') })
  const old = { ...machine, nodeVersion: '20.20.2' }
  expect(await modulesStep(old).check()).toBeUndefined()
  expect(await nodeStep(old).check()).toEqual({
    found: 'Node 20.20.2 is too old, 24 or newer is needed',
    remedy: expect.stringContaining('install Node 24'),
  })
  mkdirSync(join(root, 'chaos'))
  expect(thisMachine(root, new AbortController().signal, work)).toMatchObject({
    isInstalled: false,
    kept: join(root, '.blackstart'),
  })
})
