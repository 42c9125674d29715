// Goal: the page that `--ui` opens costs its command nothing: whatever becomes of the page, the command does its work,
// and ends with its work's exit status. And the page ends when it is of no use any more, never before.
//
//   command ──starts──► page's process ◄──looks── browser
//
// Method: real processes. A small command opens a page, works until it is told to end, and leaves the rest to `withPage`;
// the browser is a connection as a page has it. Nothing here gets as far as Docker.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { environment, isAlive, paged, stateOf } from './harness/paged-process.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const main = join(root, 'chaos/cli/main.ts')
const harness = join(root, 'tests/unit/cli/harness')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-paged-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Somebody looks: a connection as the page has it, with all that came over it. */
async function look(address: string): Promise<{ frames: () => string; close(): void }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(address.replace('/?', '/api/frames?'), resolve).once('error', reject)
  })
  let frames = ''
  response.on('data', (bytes) => {
    frames += String(bytes)
  })
  response.on('error', () => {})
  return { frames: () => frames, close: () => response.destroy() }
}

function recordRun(name: string): void {
  mkdirSync(join(folder, name))
  appendFileSync(join(folder, name, 'journal.ndjson'), '')
  rmSync(join(folder, 'last'), { force: true })
  symlinkSync(name, join(folder, 'last'))
}

describe('the end', () => {
  test('comes with the command where no person can end it', async () => {
    const command = await paged(folder)
    const { close } = await look(command.address)
    command.finish(1)
    expect(await command.ended).toBe(1)
    await expect.poll(() => isAlive(command.page)).toBe(false)
    close()
  })

  test('comes, where the page stays, when the last page was closed, and with the status of the work', async () => {
    const command = await paged(folder, 'stays')
    const { close } = await look(command.address)
    command.finish(1)
    await expect.poll(command.said).toContain(`or press Ctrl-C: ${command.address}`)
    const { close: closeSecond } = await look(command.address)
    close()
    expect(isAlive(command.page)).toBe(true)
    closeSecond()
    expect(await command.ended).toBe(1)
    await expect.poll(() => isAlive(command.page)).toBe(false)
  })

  test('comes by Ctrl-C, also where nobody has looked yet, and with the status of the work', async () => {
    const command = await paged(folder, 'stays')
    command.finish(2)
    await expect.poll(command.said).toContain('stays open')
    command.child.kill('SIGINT')
    expect(await command.ended).toBe(2)
    await expect.poll(() => isAlive(command.page)).toBe(false)
  })

  test('comes at once when the command was interrupted', async () => {
    const command = await paged(folder, 'stays')
    command.finish(130)
    expect(await command.ended).toBe(130)
    expect(command.said()).not.toContain('stays open')
    await expect.poll(() => isAlive(command.page)).toBe(false)
  })
})

test('a page that is killed, or that is stopped, changes nothing for the command', async () => {
  const killed = await paged(folder)
  process.kill(killed.page, 'SIGKILL')
  await expect.poll(killed.said).toContain('the control room ended unexpectedly (SIGKILL); this command goes on')
  killed.finish(1)
  expect(await killed.ended).toBe(1)

  const stopped = await paged(folder, 'stays')
  process.kill(stopped.page, 'SIGSTOP')
  stopped.finish(0)
  expect(await stopped.ended).toBe(0)
  await expect.poll(() => isAlive(stopped.page)).toBe(false)
})

test('whoever looks when the command is killed can go on looking; then the page ends, too', async () => {
  const command = await paged(folder)
  const { close } = await look(command.address)
  command.child.kill('SIGKILL')
  await command.ended
  const { frames, close: closeSecond } = await look(command.address)
  close()
  await expect.poll(frames).toContain('"run":null')
  closeSecond()
  await expect.poll(() => isAlive(command.page)).toBe(false)
})

test('the page shows the run that begins now, and not the one before; or the one that the command joins', async () => {
  recordRun('2026-01-01T000000Z-before')
  const begins = await paged(folder)
  const page = await look(begins.address)
  await expect.poll(page.frames).toContain('"run":null')
  recordRun('2026-01-02T000000Z-now')
  await expect.poll(page.frames).toContain('"run":"2026-01-02T000000Z-now"')
  expect(page.frames()).not.toContain('before')
  begins.finish(0)
  await begins.ended

  const joins = await paged(folder, 'joins')
  await expect.poll((await look(joins.address)).frames).toContain('"run":"2026-01-02T000000Z-now"')
  joins.finish(0)
  await joins.ended
})

describe('priority', () => {
  test('the page gives way to all others, however urgent its command is', async () => {
    const command = await paged(folder)
    // Fields 19 and 41 of proc(5): nice, and the policy, of which 0 is the ordinary one.
    const [nice, policy] = [19, 41].map((field) => stateOf(command.page)[field - 3])
    expect(policy).toBe('0')
    // What a real-time process starts has nice 0 at first, however unimportant these tests are.
    expect(Number(nice)).toBeGreaterThanOrEqual(10)
    command.finish(0)
    await command.ended
  })

  test('what is ordered from it is as important as what a person starts', async () => {
    const scenario = join(folder, 'says.ts')
    writeFileSync(scenario, "import { getPriority } from 'node:os'\nthrow new Error(`priority ${getPriority()}`)\n")
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(harness, 'unimportant.ts'), 'show', scenario],
      {
        env: environment(folder),
      },
    )
    expect(JSON.parse(stdout).said).toContain(`priority ${getPriority()}`)
  })
})

describe('the command line', () => {
  async function blackstart(...args: string[]) {
    const child = spawn(process.execPath, [main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(folder),
    })
    const texts = { stdout: '', stderr: '' }
    child.stdout.on('data', (bytes) => {
      texts.stdout += String(bytes)
    })
    child.stderr.on('data', (bytes) => {
      texts.stderr += String(bytes)
    })
    // Its output ends when nobody holds it any more: neither does the page.
    const [code] = await once(child, 'close')
    return { code, ...texts }
  }

  test.each([[['run', 'control', '--ui', '--json']], [['demo', '--ui', '--json']]])(
    '%j says the address on stderr, and otherwise the same as without',
    async (args) => {
      const withIt = await blackstart(...args)
      const without = await blackstart(...args.filter((word) => word !== '--ui'))
      expect(withIt.stderr).toMatch(/^The control room of this command: http:\/\/127\.0\.0\.1:\d+\/\?key=\S{43}\n/)
      expect({ ...withIt, stderr: withIt.stderr.split('\n').slice(1).join('\n') }).toEqual(without)
      expect(without.code).toBe(3)
    },
  )

  test('a port that is taken is told, and the command goes on', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, stdout, stderr } = await blackstart('run', 'control', '--ui-port', String(port))
    taken.close()
    expect(stderr).toMatch(
      new RegExp(`^the control room cannot listen on port ${port}: .*in use.*; this command goes on without it; `),
    )
    expect(stderr).toContain('not ready: no Docker engine answers')
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  })

  test('a mistake in it opens no page', async () => {
    for (const args of [
      ['run', 'region-kil', '--ui'],
      ['fault', 'kil', 'east', '--ui'],
    ]) {
      const { code, stderr } = await blackstart(...args)
      expect(stderr).not.toContain('control room of this command')
      expect(code).toBe(4)
    }
  })
})
