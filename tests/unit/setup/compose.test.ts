import { expect, test } from 'vitest'
import { builderStep } from '../../../setup/steps/builder.mjs'
import { composeStep, findCompose } from '../../../setup/steps/compose.mjs'
import { debian12, fakeHost } from './fake-host.ts'

const noPlugin = { code: 1, stderr: "docker: 'compose' is not a docker command." }

test('version 2 will do', async () => {
  expect(
    await findCompose(fakeHost({ commands: { 'docker compose version': { stdout: '2.26.1-4\n' } } }).host),
  ).toEqual({ version: '2.26.1-4' })
})

test('version 1 alone is named as such', async () => {
  const { host } = fakeHost({ commands: { docker: noPlugin, 'docker-compose!': {} }, uid: 1000, files: debian12 })
  const missing = await composeStep(host).check()
  expect(missing).toMatchObject({
    found: expect.stringContaining('only Compose v1'),
    remedy: expect.stringContaining('docs.docker.com/compose'),
  })
  expect(missing?.fix).toBeUndefined()
})

test('root on Debian: installing is offered and announced', async () => {
  const { host } = fakeHost({ commands: { docker: noPlugin, 'apt-get': {} }, files: debian12 })
  const missing = await composeStep(host).check()
  expect(missing?.found).toBe('Docker Compose v2 (docker compose) is not installed')
  expect(missing?.fix?.title).toContain('changes this machine')
})

const compose = (version: string) => ({ 'docker compose version': { stdout: `${version}\n` } })

test.for(['2.17.3', 'v2.2.3', '2.20.3+ds1-0ubuntu1', '2.24.5'])(
  'Compose %s: the version, the least one and why are named, and root on Debian is offered a newer one',
  async (version) => {
    const { host } = fakeHost({ commands: { ...compose(version), 'apt-get': {} }, files: debian12 })
    const missing = await composeStep(host).check()
    expect(missing?.found).toBe(
      `Docker Compose ${version} is too old: 2.24.6 or newer is needed (for "include", and "extends" in what it includes)`,
    )
    expect(missing?.fix?.title).toContain('changes this machine')
    expect((await composeStep({ ...host, uid: 1000 }).check())?.fix).toBeUndefined()
  },
)

test.for(['2.24.6', 'v2.26.1-4', '2.40.3+ds1-1', '5.1.3'])('Compose %s will do', async (version) => {
  expect(await composeStep(fakeHost({ commands: compose(version) }).host).check()).toBeUndefined()
})

test.for([
  ['2.40.3', undefined, undefined],
  ['5.0.0', 'github.com/docker/buildx v0.30.1 9e66234', undefined],
  ['5.0.0', 'github.com/docker/buildx 0.13.1 0.13.1-1', 'through buildx 0.17 or newer, and this one is 0.13.1'],
  ['5.0.0', undefined, 'through buildx 0.17 or newer, and there is none'],
] as const)('Compose %s with buildx "%s" can build: %s', async ([version, buildx, found]) => {
  const { host } = fakeHost({
    uid: 1000,
    commands: { ...compose(version), 'docker buildx version': buildx === undefined ? { code: 1 } : { stdout: buildx } },
  })
  const missing = await builderStep(host).check()
  if (found === undefined) expect(missing).toBeUndefined()
  else expect(missing?.found).toContain(found)
})

test('of the packages that the machine has, the first that is new enough is installed over one that is too old', async () => {
  const { host, ran } = fakeHost({
    files: debian12,
    commands: {
      ...compose('2.17.3'),
      'apt-get': {},
      'apt-cache policy docker-compose-plugin': { stdout: '  Candidate: 2.24.5-1~debian.12~bookworm\n' },
      'apt-cache policy docker-compose-v2': { stdout: '  Candidate: 2.33.0+ds1-0ubuntu1\n' },
      'apt-cache policy docker-compose': { stdout: '  Candidate: 1.29.2-3\n' },
    },
  })
  await (await composeStep(host).check())?.fix?.run({
    logFile: '',
    line() {},
    log() {},
    done() {},
    failed() {},
    stopped() {},
  })
  expect(ran.filter((line) => line.startsWith('apt-get install'))).toEqual([
    expect.stringMatching(/ docker-compose-v2$/),
  ])
})
