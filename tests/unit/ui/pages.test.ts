// Goal: a page that is slow or asleep costs nothing, and misses nothing.
// Method: a journal that grows, one page that takes each frame and one that takes none for a while.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { newestRun, runFolder } from '../../../chaos/ui/newest.ts'
import { Pages, type Wire } from '../../../chaos/ui/pages.ts'
import { RunsList } from '../../../chaos/ui/runs-list.ts'
import type { RunFrame } from '../../../chaos/ui/watched-run.ts'

const path = fileURLToPath(new URL('../../journals/real/switchover.ndjson.gz', import.meta.url))
const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')
const name = '2026-01-01T000000Z-switchover'

let runs: string
beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'blackstart-pages-'))
  vi.stubEnv('BLACKSTART_RUNS', runs)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(runs, { recursive: true })
})

class TakenFrames implements Wire {
  isFree = true
  readonly frames: RunFrame[] = []

  send(frame: object): void {
    this.frames.push(frame as RunFrame)
  }

  get log(): string[] {
    return this.frames.flatMap((frame) => frame.trial.log.map(({ text }) => text))
  }

  get revision(): number {
    return this.frames.at(-1)?.trial.revision ?? 0
  }
}

test('a page that takes nothing is sent nothing, and then all that it missed at once', async () => {
  mkdirSync(join(runs, name))
  const journal = join(runs, name, 'journal.ndjson')
  const write = (from: number, to: number) =>
    appendFileSync(
      journal,
      lines
        .slice(from, to)
        .map((line) => `${line}\n`)
        .join(''),
    )
  write(0, 100)
  await using pages = new Pages({ aside: () => null })
  const [quick, slow] = [new TakenFrames(), new TakenFrames()]
  pages.open(quick, undefined)
  pages.open(slow, name)
  await expect.poll(() => slow.revision).toBe(100)
  slow.isFree = false
  const sent = slow.frames.length
  for (let to = 200; to <= lines.length; to += Math.ceil(lines.length / 8)) {
    write(quick.revision, to)
    await expect.poll(() => quick.revision).toBe(to)
  }
  write(quick.revision, lines.length)
  await expect.poll(() => quick.revision).toBe(lines.length)
  expect(slow.frames.length).toBe(sent)
  slow.isFree = true
  await expect.poll(() => slow.revision).toBe(lines.length)
  expect(slow.log).toEqual(quick.log)
  expect(slow.frames.length).toBeLessThan(quick.frames.length)
})

test('pages that have seen the same get one frame, made once; one that comes later gets its own', async () => {
  mkdirSync(join(runs, name))
  const journal = join(runs, name, 'journal.ndjson')
  writeFileSync(journal, `${lines.slice(0, 100).join('\n')}\n`)
  await using pages = new Pages({ aside: () => null })
  const [one, another, later] = [new TakenFrames(), new TakenFrames(), new TakenFrames()]
  pages.open(one, name)
  pages.open(another, name)
  await expect.poll(() => another.revision).toBe(100)
  expect(another.frames[0]).toBe(one.frames[0])
  appendFileSync(journal, `${lines.slice(100, 150).join('\n')}\n`)
  pages.open(later, name)
  await expect.poll(() => one.revision).toBe(150)
  await expect.poll(() => later.revision).toBe(150)
  expect(later.log).toEqual(one.log)
  expect(one.frames.at(-1)?.since).toBeGreaterThan(0)
})

test('a name that leads out of the folder for runs is no run', () => {
  mkdirSync(join(runs, name))
  writeFileSync(join(runs, name, 'journal.ndjson'), '')
  expect(runFolder(name)).toBe(join(runs, name))
  for (const other of ['', '.', '..', `../${name}`, `./${name}`, `${name}/`, `..\\${name}`, `${name}\0`, 'no-such-run'])
    expect({ other, folder: runFolder(other) }).toEqual({ other, folder: undefined })
})

test('without a link to the last run the newest name is the newest run; where there is none, there is none', () => {
  expect(newestRun()).toBeUndefined()
  for (const each of ['2026-01-01T000000Z-a', '2026-01-02T000000Z-b']) {
    mkdirSync(join(runs, each))
    writeFileSync(join(runs, each, 'journal.ndjson'), '')
  }
  expect(newestRun()).toBe('2026-01-02T000000Z-b')
})

test('the list says what each verdict says, and notices one that comes later', () => {
  const list = new RunsList()
  mkdirSync(join(runs, name))
  writeFileSync(join(runs, name, 'journal.ndjson'), '')
  expect(list.rows()).toMatchObject([{ name, verdict: null, hasReport: false }])
  const verdict = readFileSync(new URL('../../journals/met.verdict.json', import.meta.url), 'utf8')
  writeFileSync(join(runs, name, 'verdict.json'), verdict)
  const { scenario, summary } = JSON.parse(verdict)
  expect(list.rows()).toMatchObject([{ name, verdict: 'met', scenario, summary }])
})
