// Goal: the logs of a trial are in its folder, whatever a container calls its service.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { expect, test } from 'vitest'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'
import { saveLogs } from '../../../chaos/run/logs.ts'

const said = Buffer.from('said\n')

/** `roles`: service → the role of its container. That of a helper has no log, and the engine says so. */
function engineWith(roles: Record<string, string>): DockerEngine {
  const listed = Object.entries(roles).map(([name, role]) => ({
    Id: name,
    Names: [],
    State: 'running',
    Labels: { 'com.docker.compose.service': name, 'blackstart.role': role },
    Ports: [],
  }))
  return new DockerEngine({
    listContainers: () => Promise.resolve(listed),
    getContainer: (id: string) => ({
      logs: () =>
        roles[id] === 'helper'
          ? Promise.reject(new Error('configured logging driver does not support reading'))
          : Promise.resolve(Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, said.length]), said])),
    }),
  } as unknown as Docker)
}

test("a service's name does not lead out of the folder", async () => {
  const place = mkdtempSync(join(tmpdir(), 'blackstart-logs-'))
  const engine = engineWith({ 'pg-east-a': 'database', '../../outside': 'app' })
  try {
    await saveLogs(engine, 'w', join(place, 'run', 'logs'), new Date())
    expect(existsSync(join(place, 'outside.log'))).toBe(false)
    expect(readdirSync(join(place, 'run', 'logs')).toSorted()).toEqual(['.._.._outside.log', 'pg-east-a.log'])
    expect(readFileSync(join(place, 'run', 'logs', 'pg-east-a.log'), 'utf8')).toBe('said\n')
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})

test('what only visits the world has no log to save', async () => {
  const place = mkdtempSync(join(tmpdir(), 'blackstart-logs-'))
  try {
    await saveLogs(engineWith({ db: 'database', rules: 'helper', k6: 'load' }), 'w', place, new Date())
    expect(readdirSync(place)).toEqual(['db.log'])
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})
