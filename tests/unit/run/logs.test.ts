// Goal: the logs of a trial are in its folder, whatever a container calls its service.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { expect, test } from 'vitest'
import { saveLogs } from '../../../chaos/run/logs.ts'
import { Engine } from '../../../chaos/engine/docker.ts'

test("a service's name does not lead out of the folder", async () => {
  const place = mkdtempSync(join(tmpdir(), 'blackstart-logs-'))
  const names = ['pg-east-a', '../../outside']
  const said = Buffer.from('said\n')
  const engine = new Engine({
    listContainers: () =>
      Promise.resolve(
        names.map((name) => ({
          Id: name,
          Names: [],
          State: 'running',
          Labels: { 'com.docker.compose.service': name },
          Ports: [],
        })),
      ),
    getContainer: () => ({
      logs: () => Promise.resolve(Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, said.length]), said])),
    }),
  } as unknown as Docker)
  try {
    await saveLogs(engine, 'w', join(place, 'run', 'logs'), new Date())
    expect(existsSync(join(place, 'outside.log'))).toBe(false)
    expect(readdirSync(join(place, 'run', 'logs')).toSorted()).toEqual(['.._.._outside.log', 'pg-east-a.log'])
    expect(readFileSync(join(place, 'run', 'logs', 'pg-east-a.log'), 'utf8')).toBe('said\n')
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})
