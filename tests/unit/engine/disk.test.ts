// Goal: a folder's name from a label is a name, whatever a shell would make of it.
// Method: an engine whose exec runs the command here, on a folder that is called like a piece of shell.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { balloon, removeBalloons } from '../../../chaos/engine/docker/disk.ts'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'

let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'blackstart-balloon-'))
})
afterEach(() => {
  rmSync(place, { recursive: true, force: true })
})

/** An engine with one container, in which a command runs as a process of this machine, in the test's folder. */
function engineHere(): DockerEngine {
  const exec = ({ Cmd: [file = '', ...args] }: { Cmd: string[] }) => {
    let status: number | null = null
    const start = () => {
      const child = spawn(file, args, { cwd: place, stdio: ['ignore', 'pipe', 'inherit'] })
      child.on('exit', (code) => {
        status = code
      })
      return Promise.resolve(child.stdout)
    }
    return Promise.resolve({ start, inspect: () => Promise.resolve({ ExitCode: status ?? 0 }) })
  }
  return new DockerEngine({
    listContainers: () =>
      Promise.resolve([
        { Id: '1', Names: ['/db'], State: 'running', Labels: { 'com.docker.compose.service': 'db' }, Ports: [] },
      ]),
    getContainer: () => ({ exec }),
    modem: { demuxStream: (from: NodeJS.ReadableStream, out: PassThrough) => from.pipe(out, { end: false }) },
  } as unknown as Docker)
}

test.each(['plain', 'with spaces', '"quoted" it\'s', '$(touch made) `touch made`', '; touch made; #', '-rf'])(
  'the file that fills the disk at %j is removed, and nothing else is done',
  async (name) => {
    const path = join(place, name)
    mkdirSync(path)
    writeFileSync(join(path, balloon), '')
    writeFileSync(join(path, 'data'), '')
    const disks = [{ service: 'db', path }]
    expect(await removeBalloons(engineHere(), 'w', disks)).toEqual(['db'])
    expect(readdirSync(path)).toEqual(['data'])
    expect(await removeBalloons(engineHere(), 'w', disks)).toEqual([])
    expect(existsSync(join(place, 'made'))).toBe(false)
  },
)
