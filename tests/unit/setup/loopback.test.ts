// Goal: what runs on this machine is asked directly, whatever proxies Node is told to use.
// Method: a server on 127.0.0.1, and a Node of its own that asks it, under settings that lead to a proxy where nobody
// listens.

import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../../chaos/roots.ts'
import { askLoopbackDirectly } from '../../../setup/loopback.mjs'
import { runOnNode24 } from '../../../setup/program.mjs'
import { fakeHost } from './fake-host.ts'

const server = createServer((_, response) => response.end('here'))
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))

const proxied = [
  { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9' },
  { NODE_USE_ENV_PROXY: '1', http_proxy: 'http://127.0.0.1:9', NO_PROXY: 'example.org' },
  { NODE_OPTIONS: '--use-env-proxy', HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' },
]
const ask = () => {
  const address = JSON.stringify(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return `import http from 'node:http'
    await new Promise((resolve, reject) => http.get(${address}, (answer) => answer.resume().on('end', resolve)).on('error', reject))
    if (await (await fetch(${address})).text() !== 'here') process.exit(1)`
}

test.for(proxied)('by a program of its own, under %o', async (env) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', `import './chaos/cli/loopback.ts'\n${ask()}\nconsole.log('both')`],
    { cwd: packageRoot, env: { PATH: process.env['PATH'], ...env } },
  )
  expect(stdout.trim()).toBe('both')
})

test.for(proxied)('by what the set-up starts, under %o', async (env) => {
  const { host } = fakeHost({
    nodeVersion: process.versions.node,
    nodePath: process.execPath,
    env: { PATH: process.env['PATH'], ...env },
  })
  expect(await runOnNode24(host, ['--input-type=module', '-e', ask()])).toBe(0)
})

test('and who was to be asked directly before still is', () => {
  expect(askLoopbackDirectly({ NO_PROXY: 'a.example, .b.example', no_proxy: 'a.example,localhost' })).toEqual({
    NO_PROXY: 'a.example,.b.example,localhost,127.0.0.1,::1',
    no_proxy: 'a.example,.b.example,localhost,127.0.0.1,::1',
  })
})
