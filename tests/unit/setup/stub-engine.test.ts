// Goal: what the real Docker client makes of an engine's answers is understood: Podman's socket is called Podman's.
// Method: a server on a socket that answers as Podman 5.4 does, and the client of this machine, where there is one.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findEngine } from '../../../setup/docker/engine.mjs'
import { thisMachine } from '../../../setup/host/host.mjs'

const hasClient = (() => {
  try {
    execFileSync('docker', ['--version'])
    return true
  } catch {
    return false
  }
})()

let folder = ''
let server: Server
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stub-'))
  server = createServer(({ url }, answer) => {
    answer.setHeader('Api-Version', '1.41')
    answer.setHeader('Libpod-Api-Version', '5.4.2')
    answer.setHeader('content-type', 'application/json')
    answer.end(url?.endsWith('/version') ? JSON.stringify(podman) : 'OK')
  })
  await new Promise<void>((resolve) => server.listen(join(folder, 'podman.sock'), resolve))
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const podman = {
  Platform: { Name: 'linux/amd64/debian-13' },
  Version: '5.4.2',
  ApiVersion: '1.41',
  MinAPIVersion: '1.24',
  Os: 'linux',
  Arch: 'amd64',
  Components: [
    { Name: 'Podman Engine', Version: '5.4.2', Details: { APIVersion: '5.4.2', MinAPIVersion: '4.0.0' } },
    { Name: 'Conmon', Version: 'conmon 2.1.12' },
    { Name: 'OCI Runtime (crun)', Version: 'crun 1.21' },
  ],
}

test.runIf(hasClient)("Podman's socket behind the Docker client is named, with its version", async () => {
  const host = thisMachine(folder, new AbortController().signal)
  host.env['DOCKER_HOST'] = `unix://${join(folder, 'podman.sock')}`
  expect(await findEngine(host)).toMatchObject({
    state: 'podman',
    version: '5.4.2',
    found: expect.stringMatching(/^Podman 5\.4\.2 answers at unix:.*not supported: it has no BuildKit/),
  })
})
