// Goal: a container in which a health check begins just when it is to be frozen is frozen a moment later; one that never
// can be is an error that says what to do; and whatever else the engine says stands as it is.
// Method: an engine on a socket that answers as Docker with cgroup v1 does.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Daemon } from '../../../chaos/engine/docker/daemon.ts'
import { freezeOf } from '../../../chaos/engine/docker/freeze.ts'
import type { Container } from '../../../chaos/engine/engine.ts'

const refused = 'Cannot pause container db: OCI runtime pause failed: unable to freeze: unknown'

let folder: string
let server: Server
let daemon: Daemon
/** What the next pause is answered: status and message. */
let answers: [number, string][]
let pauses: number
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-freeze-'))
  answers = []
  pauses = 0
  server = createServer(({ url }, response) => {
    const isPause = url?.endsWith('/pause')
    if (isPause) pauses++
    const [status, message] = (isPause && (answers.length > 1 ? answers.shift() : answers[0])) || [200, '']
    const state = { State: { Running: true, Pid: 1, Status: 'running', StartedAt: '' } }
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(status === 204 ? undefined : JSON.stringify(isPause ? { message } : state))
  })
  const socketPath = join(folder, 'docker.sock')
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const docker = new Docker({ socketPath })
  daemon = { docker, containers: async () => [{ service: 'db', id: 'db' } as Container] }
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const freeze = async (limitMs: number) => (await freezeOf(daemon, { limitMs, againMs: 1 }).ready('w', ['db'])).freeze()

test('it tries again while the runtime is unable to freeze, and takes a freeze that came late for one', async () => {
  answers = [
    [500, refused],
    [500, refused],
    [204, ''],
  ]
  await freeze(20_000)
  expect(pauses).toBe(3)
  answers = [
    [500, refused],
    [409, 'Container db is already paused'],
  ]
  await freeze(20_000)
})

test('within a bound, and then says what to do', async () => {
  answers = [[500, refused]]
  await expect(freeze(500)).rejects.toThrow(/^db could not be frozen, in \d+ tries: .*unable to freeze.*health check/)
  expect(pauses).toBeGreaterThan(1)
})

test.for<[number, string]>([
  [409, 'Container db is already paused'],
  [500, 'no such cgroup'],
])('anything else is no reason to try again: %s', async ([status, message]) => {
  answers = [[status, message]]
  await expect(freeze(20_000)).rejects.toThrow(message)
  expect(pauses).toBe(1)
})
