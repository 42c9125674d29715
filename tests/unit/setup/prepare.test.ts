// The whole of set-up on machines that exist only here: nothing is done that a check did not find missing.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readComposeFiles } from '../../../setup/docker/compose-files.mjs'
import { EnvironmentError } from '../../../setup/errors.mjs'
import type { Need } from '../../../setup/needs.mjs'
import { PASSWORDS } from '../../../setup/password-names.mjs'
import { prepare } from '../../../setup/prepare.mjs'
import { debian12, dockerFails, dockerVersion, fakeHost, fedora, recordingShow } from './fake-host.ts'

const lock = JSON.stringify({ packages: { 'node_modules/zod': { version: '4.0.0' } } })
const GIB = 1024 ** 3
const info = (memory: number) => ({
  stdout: JSON.stringify({ MemTotal: memory, NCPU: 2, DockerRootDir: '/var/lib/docker', CgroupVersion: '2' }),
})
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'prepare-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const build = { context: '/nowhere', dockerfile_inline: 'FROM debian\n' }
const composeConfig = JSON.stringify({ name: 'world', services: { app: { image: 'blackstart/app', build } } })
const emptyEngine = { 'docker image inspect': { code: 1, stdout: '[]' } }

function machine(
  commands: NonNullable<Parameters<typeof fakeHost>[0]>['commands'] = {},
  more: Parameters<typeof fakeHost>[0] = {},
) {
  const files: Record<string, string> = {
    [join(root, 'package-lock.json')]: lock,
    [join(root, 'node_modules/.package-lock.json')]: lock,
    [join(root, 'docker-compose.yml')]: '',
    '/var/lib/docker': '',
    ...more.files,
  }
  const ready = {
    'docker version': dockerVersion(),
    'docker compose version': { stdout: '2.26.1' },
    'docker compose -f': { stdout: composeConfig },
    'docker info': info(8 * GIB),
    ...commands,
  }
  const fake = fakeHost({ root, ...more, files, commands: ready })
  // What set-up itself writes into the checkout must be seen by its next run.
  const cache = join(root, '.blackstart')
  fake.host.read = (path) => (path.startsWith(cache) && existsSync(path) ? readFileSync(path, 'utf8') : files[path])
  return fake
}

async function setUp(need: Need, { host }: ReturnType<typeof fakeHost>) {
  const show = recordingShow()
  const outcome = await prepare(host, need, { show, stop: new AbortController() }).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { show, outcome }
}

/** Remembers what was built, as an engine does. */
function enginesMemory() {
  let label: string | undefined
  return {
    'docker image inspect': () => ({
      code: 0,
      stdout:
        label === undefined
          ? '[]'
          : JSON.stringify([
              { RepoTags: ['blackstart/app:latest'], Config: { Labels: { 'blackstart.inputs': label } } },
            ]),
    }),
    built: (hash: string) => (label = hash),
  }
}

test('the first run builds what is missing, the second asks and does nothing', async () => {
  const { built, ...memory } = enginesMemory()
  const { host, ran } = machine(memory)
  const exec = host.exec
  host.exec = (command, args, options) => {
    // One that the user has chosen may be in a container, from where no image reaches the engine.
    if (args.includes('build')) expect(options.env?.['BUILDX_BUILDER']).toBe('default')
    if (args.includes('build')) built(JSON.parse(options.input ?? '').services.app.build.labels['blackstart.inputs'])
    return args.includes('build') ? exec('docker', ['version'], options) : exec(command, args, options)
  }
  const first = await setUp('world', { host, ran })
  expect(first.outcome).toBeUndefined()
  expect(first.show.lines).toEqual(['building 1 image (blackstart/app)', 'done: building 1 image (blackstart/app)'])

  ran.length = 0
  const second = await setUp('world', { host, ran })
  expect(second.outcome).toBeUndefined()
  expect(second.show.lines).toEqual([])
  expect(ran.filter((line) => !/^docker (version|info|compose version|image inspect)/.test(line))).toEqual([])
})

test('a check that still fails after its repair is an error, not a loop', async () => {
  const { outcome } = await setUp(
    'world',
    machine({ ...emptyEngine, 'docker image inspect blackstart/debian:trixie-slim': {}, 'docker compose -f -': {} }),
  )
  expect(outcome).toBeInstanceOf(EnvironmentError)
  expect(String(outcome)).toContain('succeeded, but')
})

test('judging a journal needs no Docker', async () => {
  const { host, ran } = machine({}, {})
  expect((await setUp('modules', { host, ran })).outcome).toBeUndefined()
  expect(ran).toEqual([])
})

test('taking a world down needs an engine and builds nothing', async () => {
  const { host, ran } = machine(emptyEngine)
  expect((await setUp('engine', { host, ran })).outcome).toBeUndefined()
  expect(ran.filter((line) => /build|pull|image/.test(line))).toEqual([])
})

test("a world of the user's needs neither the reference world's images nor its passwords", async () => {
  const { built: _, ...memory } = enginesMemory()
  const { host, ran } = machine(memory, { env: { PATH: '/usr/bin' } })
  const { outcome, show } = await setUp('own-world', { host, ran })
  expect(outcome).toBeUndefined()
  expect(show.lines).toEqual([])
  expect(existsSync(join(root, '.env'))).toBe(false)
})

const cannotConnect = dockerFails('Cannot connect to the Docker daemon')
test.for([
  ['Docker missing', { 'docker version': { missing: true, code: null } }, { files: fedora }, 'Docker is not installed'],
  ['no engine', { 'docker version': cannotConnect }, { files: fedora }, 'no engine is installed'],
  ['stopped, not root', { 'docker version': cannotConnect, 'dockerd!': {} }, { uid: 1000 }, 'not running'],
  ['refused', { 'docker version': dockerFails('permission denied') }, { uid: 1000 }, 'refuses this user'],
  ['too old', { 'docker version': dockerVersion('1.40', '19.3') }, {}, 'too old'],
  ['another machine', {}, { env: { DOCKER_HOST: 'tcp://far:2375' } }, 'on another machine (tcp://far:2375)'],
  [
    'old Compose',
    { 'docker compose version': { stdout: '2.17.3' } },
    { uid: 1000, files: debian12 },
    'Docker Compose 2.17.3 is too old',
  ],
  [
    'forbidden to start',
    { 'docker version': cannotConnect, 'dockerd!': {} },
    { env: { BLACKSTART_INSTALL: 'never' } },
    'not running',
  ],
  [
    'Compose v1 only',
    { 'docker compose version': { code: 1 }, 'docker-compose!': {} },
    { uid: 1000, files: debian12 },
    'only Compose v1',
  ],
  ['no memory', { 'docker info': info(GIB) }, {}, 'too little memory'],
  [
    'low disk',
    emptyEngine,
    { freeBytes: () => 2 * GIB },
    'the disk is nearly full: 2.0 GiB free at /var/lib/docker, 4.0 GiB needed',
  ],
] as const)('%s: says so and exits with 3, having changed nothing', async ([, commands, more, words]) => {
  const { host, ran } = machine(commands, more)
  const { outcome, show } = await setUp('world', { host, ran })
  expect(outcome).toBeInstanceOf(EnvironmentError)
  expect(outcome).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining(words),
    remedy: expect.stringMatching(/\S/),
  })
  expect(show.lines).toEqual([])
  expect(ran.filter((line) => /apt|dockerd|build |pull|import/.test(line))).toEqual([])
})

test('a failed build shows its last lines and the log', async () => {
  const { outcome } = await setUp(
    'world',
    machine({
      ...emptyEngine,
      'docker image inspect blackstart/debian:trixie-slim': {},
      'docker compose -f -': { code: 17, tail: ['E: no such package'] },
    }),
  )
  expect(outcome).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('| E: no such package'),
    remedy: expect.stringContaining('images.log'),
  })
})

test('the lock is given back, also after a failure', async () => {
  await setUp('world', machine({ ...emptyEngine, 'docker pull': { code: 1, stderr: 'no space left on device' } }))
  expect(readdirSync(join(root, '.blackstart'))).not.toContain('setup.lock')
})

test('what is to be built can be told before there are passwords: Compose, which insists on them, is given some', async () => {
  const { host, ran } = machine({ 'docker image inspect': { stdout: '[]' } })
  const exec = host.exec
  const given: (string | undefined)[] = []
  host.exec = (command, args, options) => {
    if (args.includes('config')) given.push(...PASSWORDS.map((name) => options.env?.[name]))
    return exec(command, args, options)
  }
  expect(await readComposeFiles({ ...host, env: {} })).toHaveLength(1)
  expect(ran.filter((line) => line.includes('config'))).toHaveLength(1)
  expect(given).toHaveLength(PASSWORDS.length)
  expect(given).not.toContain(undefined)
})

test('an engine that does not see the checkout is told of before a world is brought up', async () => {
  const { built, ...memory } = enginesMemory()
  built('anything')
  const { host } = machine(
    { ...memory, 'docker run --rm': { code: 1, stderr: 'mounts denied' } },
    { platform: 'darwin' },
  )
  host.exec = ((exec) => (command, args, options) => {
    if (args.includes('build')) built(JSON.parse(options.input ?? '').services.app.build.labels['blackstart.inputs'])
    return exec(command, args, options)
  })(host.exec)
  expect((await setUp('world', { host, ran: [] })).outcome).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('does not see the folder of Blackstart'),
  })
})

test('what nodes could not read is opened for them before anything is built', async () => {
  mkdirSync(join(root, 'regions'))
  writeFileSync(join(root, 'regions/east.yml'), '', { mode: 0o600 })
  const { show } = await setUp('world', machine({ ...emptyEngine, 'docker image inspect debian:trixie-slim': {} }))
  expect(show.lines[0]).toMatch(/^letting the nodes read regions/)
  expect(statSync(join(root, 'regions/east.yml')).mode & 0o777).toBe(0o644)
})
