// Each way in which Docker can be unusable has another remedy, so each must be told from the others.
import { expect, test } from 'vitest'
import { isElsewhere } from '../../../setup/docker/address.mjs'
import { findEngine } from '../../../setup/docker/engine.mjs'
import { engineStep } from '../../../setup/steps/engine.mjs'
import { debian12, dockerFails, dockerVersion, fakeHost, fedora } from './fake-host.ts'

const stopped = dockerFails(
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
)
const refused = dockerFails(
  'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
)

/** What the client prints of Podman's socket. */
const podman = {
  stdout: JSON.stringify({
    Client: { Context: 'default' },
    Server: {
      Version: '5.4.2',
      ApiVersion: '1.41',
      Components: [{ Name: 'Podman Engine', Version: '5.4.2' }, { Name: 'Conmon' }],
    },
  }),
}
const env = (more: Record<string, string>) => ({ env: { PATH: '/usr/bin', ...more } })

const machines = [
  { is: 'no-client', says: 'Docker is not installed', do: 'docs.docker.com', host: { files: fedora } },
  { is: 'no-client', says: 'but its command line client', do: 'docker-cli', host: { commands: { 'dockerd!': {} } } },
  {
    is: 'no-engine',
    says: 'no engine is installed',
    do: 'docs.docker.com',
    host: { commands: { 'docker version': stopped }, files: fedora },
  },
  {
    is: 'stopped',
    says: 'installed but not running',
    do: 'systemctl start docker',
    host: { commands: { 'docker version': stopped, 'dockerd!': {} } },
  },
  {
    is: 'stopped',
    says: 'not running',
    do: 'Docker Desktop',
    host: { platform: 'darwin' as const, commands: { 'docker version': stopped } },
  },
  {
    is: 'refused',
    says: 'refuses this user',
    do: 'usermod -aG docker',
    host: { uid: 1000, commands: { 'docker version': refused, 'dockerd!': {} } },
  },
  {
    is: 'too-old',
    says: 'Engine 19.3.1 (API 1.40) is too old',
    do: '20.10 or newer',
    host: { commands: { 'docker version': dockerVersion('1.40', '19.3.1') } },
  },
  {
    is: 'silent',
    says: 'did not answer within 5 s',
    do: 'restart it',
    host: { commands: { 'docker version': { code: null, timedOut: true } } },
  },
  {
    is: 'elsewhere',
    says: 'DOCKER_HOST=tcp://far:2375',
    do: 'unset DOCKER_HOST',
    host: { env: { DOCKER_HOST: 'tcp://far:2375' }, commands: { 'docker version': stopped } },
  },
  {
    is: 'client-mismatch',
    says: 'do not understand each other',
    do: 'update',
    host: {
      commands: {
        'docker version': dockerFails('client version 1.41 is too old. Minimum supported API version is 1.44'),
      },
    },
  },
  {
    is: 'client-mismatch',
    says: 'DOCKER_API_VERSION=1.41 is set, and this Docker engine does not speak it',
    do: 'unset DOCKER_API_VERSION',
    host: {
      ...env({ DOCKER_API_VERSION: '1.41' }),
      commands: {
        'docker version': dockerFails('client version 1.41 is too old. Minimum supported API version is 1.44'),
      },
    },
  },
  {
    is: 'client-mismatch',
    says: 'DOCKER_API_VERSION=1.60 is set, and this Docker engine does not speak it',
    do: 'unset DOCKER_API_VERSION',
    host: {
      ...env({ DOCKER_API_VERSION: '1.60' }),
      commands: {
        'docker version': dockerFails('client version 1.60 is too new. Maximum supported API version is 1.41'),
      },
    },
  },
  {
    is: 'client-mismatch',
    says: 'DOCKER_API_VERSION=1.40 is set, which is too old: 1.41',
    do: 'unset DOCKER_API_VERSION',
    host: { ...env({ DOCKER_API_VERSION: '1.40' }), commands: { 'docker version': dockerVersion('1.41') } },
  },
  {
    is: 'podman',
    says: 'Podman 5.4.2 answers in place of a Docker engine, and is not supported: it has no BuildKit',
    do: 'use Docker Engine 20.10',
    host: { commands: { 'docker version': podman } },
  },
  {
    is: 'podman',
    says: 'Podman 5.4.2 answers at unix:///run/podman.sock',
    do: 'unset DOCKER_HOST',
    host: { ...env({ DOCKER_HOST: 'unix:///run/podman.sock' }), commands: { 'docker version': podman } },
  },
  {
    is: 'far',
    says: 'on another machine (tcp://far:2375)',
    do: 'run this command on that machine, or use an engine here: unset DOCKER_HOST',
    host: { ...env({ DOCKER_HOST: 'tcp://far:2375' }), commands: { 'docker version': dockerVersion() } },
  },
  {
    is: 'far',
    says: 'on another machine (ssh://me@far)',
    do: 'docker context use default',
    host: {
      commands: {
        'docker version': dockerVersion('1.50', '28.0', 'far'),
        'docker context inspect far': { stdout: 'ssh://me@far\n' },
      },
    },
  },
  {
    is: 'podman',
    says: 'the command docker is Podman',
    do: 'install Docker Engine',
    host: {
      commands: { 'docker version': { code: 0, stdout: '{"Client":{}}', stderr: 'Emulate Docker CLI using podman.' } },
    },
  },
] as const

test("Podman in Docker's place is known also where somebody has silenced it: nothing is installed beside it", async () => {
  const { host } = fakeHost({
    commands: {
      'docker version': { code: 0, stdout: '{"Client":{}}' },
      'docker --version': { code: 0, stdout: 'podman version 5.4.2' },
    },
  })
  expect(await findEngine(host)).toMatchObject({ state: 'podman', found: 'the command docker is Podman here' })
})

test.for(machines)('$is: $says', async ({ is, says, do: remedy, host }) => {
  const engine = await findEngine(fakeHost(host).host)
  expect(engine.state).toBe(is)
  expect(engine.found).toContain(says)
  expect(engine.remedy).toContain(remedy)
})

test('no two of these machines are told the same', async () => {
  const told = await Promise.all(machines.map(async ({ host }) => (await findEngine(fakeHost(host).host)).found))
  expect(new Set(told).size).toBe(machines.length)
})

test.for([
  ['1.41', 'ready'],
  ['1.9', 'too-old'],
  ['1.100', 'ready'],
] as const)('API %s is %s', async ([api, state]) => {
  expect((await findEngine(fakeHost({ commands: { 'docker version': dockerVersion(api) } }).host)).state).toBe(state)
})

test('root on Debian without an engine: installing is offered, and announced as a change to the machine', async () => {
  const missing = await engineStep(
    fakeHost({ commands: { 'docker version': stopped, 'apt-get': {} }, files: debian12 }).host,
  ).check()
  expect(missing?.fix?.title).toBe(
    'installing Docker Engine (Debian packages docker.io, iptables): needs root, changes this machine',
  )
})

test.for([
  ['not root', { uid: 1000, files: debian12 }],
  ['another distribution', { files: fedora }],
  ['macOS', { platform: 'darwin' }],
  ['told not to', { files: debian12, env: { BLACKSTART_INSTALL: 'never' } }],
] as const)('%s: nothing is installed', async ([, machine]) => {
  const { host } = fakeHost({ ...machine, commands: { 'apt-get': {} } })
  const missing = await engineStep(host).check()
  expect(missing).toBeDefined()
  expect(missing?.fix).toBeUndefined()
})

test.for([
  ['tcp://far:2375', true],
  ['tcp://192.168.1.7:2376', true],
  ['ssh://far', true],
  ['https://[2001:db8::7]:2376', true],
  ['tcp://127.example.org:2375', true],
  ['10.0.0.5:2375', true],
  ['tcp://127.0.0.1:2375', false],
  ['tcp://localhost:2375', false],
  ['tcp://[::1]:2375', false],
  ['tcp://:2375', false],
  ['tcp://0.0.0.0:2375', false],
  ['127.0.0.1:2375', false],
  ['http://127.0.1.1', false],
  ['unix:///var/run/docker.sock', false],
  ['npipe:////./pipe/docker_engine', false],
  ['fd://', false],
  [undefined, false],
] as const)('an engine at %s is on another machine: %s', ([address, elsewhere]) => {
  expect(isElsewhere(address)).toBe(elsewhere)
})

test('what forbids installing forbids starting, too', async () => {
  const { host } = fakeHost({
    ...env({ BLACKSTART_INSTALL: 'never' }),
    commands: { 'docker version': stopped, 'dockerd!': {} },
  })
  const missing = await engineStep(host).check()
  expect(missing).toMatchObject({
    found: expect.stringContaining('not running'),
    remedy: expect.stringContaining('start it'),
  })
  expect(missing?.fix).toBeUndefined()
})

test('a stopped engine is started by root and only by root', async () => {
  const commands = { 'docker version': stopped, 'dockerd!': {} }
  expect((await engineStep(fakeHost({ commands }).host).check())?.fix?.title).toBe('starting the Docker engine')
  expect((await engineStep(fakeHost({ commands, uid: 1000 }).host).check())?.fix).toBeUndefined()
})

test('a refusing engine is never "started" or installed again', async () => {
  const { host } = fakeHost({ commands: { 'docker version': refused, 'dockerd!': {}, 'apt-get': {} }, files: debian12 })
  expect((await engineStep(host).check())?.fix).toBeUndefined()
})

test('an engine behind a context is made known to libraries that look for a socket', async () => {
  const commands = {
    'docker version': dockerVersion('1.50', '28.0', 'colima'),
    'docker context inspect colima': { stdout: 'unix:///home/me/.colima/docker.sock\n' },
  }
  const { host } = fakeHost({ commands })
  expect(await engineStep(host).check()).toBeUndefined()
  expect(host.env['DOCKER_HOST']).toBe('unix:///home/me/.colima/docker.sock')
})
