// Goal: what happened is on disk when it happened; neither SIGKILL nor a full disk makes the journal unreadable.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readJournal } from '../../../chaos/journal/read.ts'
import type { EventBody, EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import { openJournal, startClock } from '../../../chaos/journal/write.ts'
import { met } from '../../journals/golden.ts'

const [openedEvent] = met().events()
const { seq: _seq, atMs: _atMs, ...opened } = openedEvent as EventOf<'trial.opened'>
const note = (text: string): EventBody => ({ kind: 'note', text })
const request = (n: number): EventBody => ({
  kind: 'request',
  n,
  op: 'write',
  scheduledMs: n,
  startedMs: n,
  endedMs: n + 5,
  outcome: 'acked',
  status: 200,
})
const writer = new URL('./writer.ts', import.meta.url).pathname
let folder = ''
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-write-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
const newPath = (): string => join(folder, `${files++}.ndjson`)
const linesIn = (path: string): number => readFileSync(path, 'utf8').split('\n').length - 1

describe('writing', () => {
  test('what is written is read back, numbered and timed', async () => {
    const path = newPath()
    {
      await using journal = openJournal(path, { nowMs: () => 12.345678, wallStartMs: 0 })
      journal.record(opened)
      journal.record(request(0))
      journal.record(note('known better'), 7)
    }
    const read = await readJournal(path)
    expect(read.milestones.map(({ seq, atMs, kind }) => [seq, atMs, kind])).toEqual([
      [0, 12.346, 'trial.opened'],
      [2, 7, 'note'],
    ])
    expect(read.requests.at(0)).toMatchObject({ seq: 1, atMs: 12.346, n: 0 })
    expect(read).toMatchObject({ complete: true, sequenceBreak: null })
  })

  test('important events are on disk at once, and requests within a batch', async () => {
    const path = newPath()
    await using journal = openJournal(path)
    journal.record(opened)
    expect(linesIn(path)).toBe(1)
    journal.record(request(0))
    expect(linesIn(path)).toBe(1)
    journal.record(note('takes the request along, in order'))
    expect(linesIn(path)).toBe(3)
    journal.record(request(1))
    await expect.poll(() => linesIn(path)).toBe(4)
  })

  test('time never goes back', () => {
    const clock = startClock()
    const first = clock.nowMs()
    expect(clock.nowMs()).toBeGreaterThanOrEqual(first)
    expect(Math.abs(clock.wallStartMs + clock.nowMs() - Date.now())).toBeLessThan(1000)
  })

  test('a journal is never overwritten', () => {
    const path = newPath()
    writeFileSync(path, 'something\n')
    expect(() => openJournal(path)).toThrow(`cannot start a journal in ${path}: the file holds something already`)
  })

  test('closing twice is harmless, and events after it are dropped', async () => {
    const path = newPath()
    const journal = openJournal(path)
    journal.record(opened)
    await journal.close()
    await journal.close()
    journal.record(note('too late'))
    expect(linesIn(path)).toBe(1)
  })

  test('an event that breaks the schema becomes a failed instrument, and the journal stays readable', async () => {
    const path = newPath()
    const journal = openJournal(path)
    journal.record(opened)
    journal.record({ kind: 'load.clock', offsetMs: NaN, roundTripMs: 1, stepMs: 0 })
    await journal.close()
    expect((await readJournal(path)).of('instrument.failed')[0]?.reason).toMatch(
      /^an event that breaks the journal's schema was not written: load\.clock: offsetMs: /,
    )
  })
})

describe('listeners', () => {
  test('hear the events of their kind, or all, until they stop', () => {
    const journal = openJournal(newPath())
    const heard: string[] = []
    const stop = journal.on('note', (event) => heard.push(event.text))
    journal.on('*', (event: JournalEvent) => heard.push(`${event.seq} ${event.kind}`))
    journal.record(opened)
    journal.record(note('first'))
    stop()
    journal.record(note('second'))
    expect(heard).toEqual(['0 trial.opened', 'first', '1 note', '2 note'])
  })

  test('that throw are removed, and the journal says so', async () => {
    const path = newPath()
    const journal = openJournal(path)
    let calls = 0
    journal.on('request', () => {
      calls++
      throw new Error('no terminal')
    })
    journal.record(opened)
    journal.record(request(0))
    journal.record(request(1))
    await journal.close()
    expect(calls).toBe(1)
    expect((await readJournal(path)).of('note')[0]?.text).toBe(
      'a listener to "request" failed and was removed: no terminal',
    )
  })
})

describe('SIGKILL', () => {
  test('costs the last batch at most, and leaves a readable file', { timeout: 30_000 }, async () => {
    const path = newPath()
    const child = spawn(process.execPath, [writer, path, '1000000'], { stdio: 'ignore' })
    await expect.poll(() => existsSync(path) && statSync(path).size > 200_000, { timeout: 20_000 }).toBe(true)
    child.kill('SIGKILL')
    await new Promise((done) => child.once('exit', done))
    const read = await readJournal(path)
    expect(read.sequenceBreak).toBeNull()
    expect(read.requests.length).toBeGreaterThan(500)
  })
})

describe('a file that takes no more', () => {
  test("a full disk shows in `failed`, with the file's name, and record goes on without throwing", {
    timeout: 10_000,
  }, async (context) => {
    if (!existsSync('/dev/full')) return context.skip('this system has no /dev/full')
    const journal = openJournal('/dev/full')
    journal.record(opened)
    const error = await journal.failed
    expect(error.message).toMatch(
      /^cannot write the journal \/dev\/full: ENOSPC: .*; events from here on are lost and the trial is inconclusive$/,
    )
    expect(journal.failure).toBe(error)
    const heard: string[] = []
    journal.on('*', (event) => heard.push(event.kind))
    journal.record(note('still told to listeners'))
    expect(heard).toEqual(['note'])
    await journal.close()
  })

  test('what fitted stays readable, without a torn line', { timeout: 30_000 }, async (context) => {
    if (process.platform === 'win32') return context.skip('needs ulimit')
    const path = newPath()
    // ulimit counts in KiB or in half of that, by shell; a write across the limit is cut short and the next one fails.
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      `ulimit -f 1000; exec "${process.execPath}" "${writer}" "${path}" 6000`,
    ])
    expect(stdout).toMatch(/cannot write the journal .*EFBIG/)
    const read = await readJournal(path)
    expect(read).toMatchObject({ complete: true, sequenceBreak: null })
    expect(read.requests.length).toBeGreaterThan(100)
    expect(read.of('trial.closed')).toEqual([])
  })
})

test('two thousand events a second cost a small part of a core', { timeout: 20_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [writer, newPath(), '2000', '20', '10'])
  // A bound against blunders, loose enough for a busy machine: the measured cost is a tenth of it.
  expect(Number(/^(.*) ms of processor time$/m.exec(stdout)?.[1])).toBeLessThan(500)
})
