// The doctor finds all that is wrong at once, each with its own words, and never fails itself.
import { expect, test } from 'vitest'
import { diagnose, exitCodeOf } from '../../../setup/doctor.mjs'
import { GIB } from '../../../setup/steps/room.mjs'
import { dockerFails, dockerVersion, fakeHost } from './fake-host.ts'

const lock = JSON.stringify({ packages: { '': {}, 'node_modules/zod': { version: '4.0.0' } } })
const info = (memory: number, more = {}) => ({
  stdout: JSON.stringify({
    MemTotal: memory,
    NCPU: 2,
    DockerRootDir: '/var/lib/docker',
    CgroupDriver: 'systemd',
    CgroupVersion: '2',
    ...more,
  }),
})
const files = {
  '/checkout/package-lock.json': lock,
  '/checkout/node_modules/.package-lock.json': lock,
  '/var/lib/docker': '',
  '/proc/meminfo': 'MemAvailable:    6291456 kB\n',
}
const commands = {
  'docker version': dockerVersion(),
  'docker compose version': { stdout: '2.26.1' },
  'docker info': info(8 * GIB),
}
const podman = {
  stdout: JSON.stringify({
    Client: {},
    Server: { Version: '5.4.2', ApiVersion: '1.41', Components: [{ Name: 'Podman Engine' }] },
  }),
}
// An empty folder: no Compose file, so no image is wanted.
const well = { root: '/checkout', files, commands }

async function failing(machine: Parameters<typeof fakeHost>[0]) {
  const checks = await diagnose(fakeHost(machine).host)
  return { names: checks.filter((check) => !check.ok).map((check) => check.name), exitCode: exitCodeOf(checks), checks }
}

test('a machine with everything passes with exit status 0', async () => {
  expect(await failing(well)).toMatchObject({ names: [], exitCode: 0 })
})

test.for([
  [
    'no memory',
    { ...well, commands: { ...commands, 'docker info': info(2 * GIB) } },
    'memory',
    'the Docker engine has 2.0 GiB, the world needs 4.0 GiB',
  ],
  [
    'memory taken',
    { ...well, files: { ...files, '/proc/meminfo': 'MemAvailable: 1048576 kB\n' } },
    'memory',
    'only 1.0 GiB of it free',
  ],
  [
    'full disk of the engine',
    { ...well, freeBytes: (path: string) => (path === '/var/lib/docker' ? 3 : 50) * GIB },
    'disk of the engine',
    '3.0 GiB free at /var/lib/docker, 4.0 GiB needed',
  ],
  [
    'full disk of the checkout',
    { ...well, freeBytes: (path: string) => (path === '/checkout' ? 0.5 : 50) * GIB },
    'disk of the runs',
    '0.5 GiB free at /checkout, 1.0 GiB needed',
  ],
  [
    'one core',
    { ...well, commands: { ...commands, 'docker info': info(8 * GIB, { NCPU: 1 }) } },
    'cores',
    '1 core, 2 needed',
  ],
  [
    'no freezer',
    { ...well, commands: { ...commands, 'docker info': info(8 * GIB, { CgroupVersion: '1' }) } },
    'pause (cgroup freezer)',
    'no cgroup freezer',
  ],
  ['old Node', { ...well, nodeVersion: '20.1.0' }, 'node', 'Node 20.1.0 is too old'],
  [
    'old packages',
    { ...well, files: { ...files, '/checkout/node_modules/.package-lock.json': '{}' } },
    'npm packages',
    'node_modules/zod is missing',
  ],
  [
    'old engine',
    { ...well, commands: { ...commands, 'docker version': dockerVersion('1.40') } },
    'docker engine',
    'too old',
  ],
  [
    'old Compose',
    { ...well, commands: { ...commands, 'docker compose version': { stdout: '2.17.3' } } },
    'docker compose',
    'Docker Compose 2.17.3 is too old',
  ],
  ['Podman', { ...well, commands: { ...commands, 'docker version': podman } }, 'docker engine', 'Podman 5.4.2 answers'],
  [
    'another machine',
    { ...well, env: { DOCKER_HOST: 'tcp://far:2375' } },
    'docker engine',
    'on another machine (tcp://far:2375)',
  ],
  ['no passwords', { ...well, env: {} }, 'passwords', 'the world has no passwords yet'],
  [
    'no cpu controller',
    { ...well, commands: { ...commands, 'docker info': info(8 * GIB, { CpuCfsQuota: false }) } },
    'cpu-starve (cpu controller)',
    'cpu-starve cannot run',
  ],
  [
    'Compose v1',
    { ...well, commands: { ...commands, 'docker compose version': { code: 1 }, 'docker-compose!': {} } },
    'docker compose',
    'only Compose v1',
  ],
] as const)('%s: named by its own check, exit status 3', async ([, machine, name, words]) => {
  const { names, exitCode, checks } = await failing(machine)
  expect(names).toContain(name)
  expect(exitCode).toBe(3)
  const check = checks.find((each) => each.name === name)
  expect(check?.found).toContain(words)
  expect(check?.remedy).not.toBe('')
})

test.for([
  ['missing', {}],
  [
    'stopped',
    {
      'docker version': dockerFails('Cannot connect to the Docker daemon'),
      'dockerd!': {},
      'docker info': { code: 1 },
      'docker compose version': { stdout: '2.1' },
    },
  ],
  [
    'refused',
    {
      'docker version': dockerFails('permission denied'),
      'docker info': { code: 1 },
      'docker compose version': { stdout: '2.1' },
    },
  ],
] as const)('Docker %s: the rest is examined all the same', async ([, broken]) => {
  const { names, checks } = await failing({
    ...well,
    commands: { ...broken },
    nodeVersion: '20.0.0',
    freeBytes: () => GIB / 2,
  })
  expect(names).toEqual(expect.arrayContaining(['docker engine', 'node', 'disk of the runs', 'images']))
  expect(checks.find((check) => check.name === 'memory')?.ok).toBe(true)
})

test('a machine that is sold with 4 GiB shows less, and is enough', async () => {
  const { names } = await failing({ ...well, commands: { ...commands, 'docker info': info(3.7 * GIB) } })
  expect(names).toEqual([])
})

test('installed by npm, and with a world of the user: nothing of a checkout is named, no password asked for', async () => {
  const { host } = fakeHost({ ...well, work: '/theirs', isInstalled: true, env: {} })
  const checks = await diagnose(host, 'own-world')
  expect(exitCodeOf(checks)).toBe(0)
  expect(checks.map(({ name, found }) => `${name}: ${found}`).join('\n')).not.toContain('checkout')
  const reference = await diagnose(host)
  expect(reference.filter(({ ok }) => !ok)).toMatchObject([{ name: 'passwords', remedy: 'npx blackstart up does it' }])
})

test.for([
  ['rootless engine', ['name=seccomp,profile=builtin', 'name=rootless', 'name=cgroupns'], 'not tested by us'],
  ['user namespaces', ['name=userns'], 'userns-remap is on'],
  ['SELinux', ['name=selinux'], ':z'],
] as const)('%s: a line of its own, and no complaint', async ([name, SecurityOptions, words]) => {
  const { names, checks } = await failing({
    ...well,
    commands: { ...commands, 'docker info': info(8 * GIB, { SecurityOptions }) },
  })
  expect(names).toEqual([])
  expect(checks.find((check) => check.name === name)?.found).toContain(words)
})

test('an engine in a virtual machine is asked whether it sees the checkout; kills go through a helper there', async () => {
  const desktop = { 'docker info': info(8 * GIB, { OperatingSystem: 'Docker Desktop' }) }
  const files = { ...well.files, '/var/run/docker.pid': '7', '/proc/7/comm': 'dockerd' }
  const { names, checks } = await failing({
    ...well,
    files,
    commands: { ...commands, ...desktop, 'docker run --rm': {} },
  })
  expect(names).toEqual([])
  expect(checks.find((check) => check.name === "Blackstart's folder, as the engine sees it")?.found).toMatch(
    /Docker Desktop.*and sees it/,
  )
  expect(checks.find((check) => check.name === 'kill at once')?.found).toContain('through a helper')

  const blind = await failing({
    ...well,
    commands: { ...commands, ...desktop, 'docker run --rm': { code: 1, stderr: 'mounts denied' } },
  })
  expect(blind.names).toEqual(["Blackstart's folder, as the engine sees it"])
  expect(blind.checks.at(-1)).toMatchObject({
    found: expect.stringContaining('does not see the folder of Blackstart (/checkout: mounts denied)'),
    remedy: expect.stringContaining('share that folder'),
  })
})
