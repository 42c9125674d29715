import { expect, test } from 'vitest'
import { composeStep, findCompose } from '../../../setup/compose.mjs'
import { debian12, fakeHost } from './fake-host.ts'

const noPlugin = { code: 1, stderr: "docker: 'compose' is not a docker command." }

test('version 2 will do', async () => {
  expect(await findCompose(fakeHost({ commands: { 'docker compose version': { stdout: '2.26.1-4\n' } } }).host)).toEqual({ version: '2.26.1-4' })
})

test('version 1 alone is named as such', async () => {
  const { host } = fakeHost({ commands: { docker: noPlugin, 'docker-compose!': {} }, uid: 1000, files: debian12 })
  const missing = await composeStep(host).check()
  expect(missing).toMatchObject({ found: expect.stringContaining('only Compose v1'), remedy: expect.stringContaining('docs.docker.com/compose') })
  expect(missing?.fix).toBeUndefined()
})

test('root on Debian: installing is offered and announced', async () => {
  const { host } = fakeHost({ commands: { docker: noPlugin, 'apt-get': {} }, files: debian12 })
  const missing = await composeStep(host).check()
  expect(missing?.found).toBe('Docker Compose v2 (docker compose) is not installed')
  expect(missing?.fix?.title).toContain('changes this machine')
})
