// Goal: the folder for runs is one, or a sentence says before anything is brought up why it cannot be.
// Method: in a temporary folder that BLACKSTART_RUNS names.
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRunFolder, findRun, listRuns, readVerdictFile, readyRunsFolder } from '../../../chaos/run/folder.ts'

let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'blackstart-folder-'))
  vi.stubEnv('BLACKSTART_RUNS', join(place, 'a', 'runs'))
  writeFileSync(join(place, 'file'), 'precious')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(place, { recursive: true, force: true })
})

test.each([
  ['', 4, /BLACKSTART_RUNS is empty: name the folder for runs in it, or unset it/],
  ['file', 3, /file exists and is not a folder/],
  ['file/below', 3, /the folder .*below cannot be made/],
  // Node's own recursive mkdir tries for ever here.
  ['/proc/x', 3, /the folder \/proc\/x cannot be made: ENOENT/],
])('%j cannot be the folder for runs', (runs, exitCode, message) => {
  vi.stubEnv('BLACKSTART_RUNS', runs === '' ? '' : join(runs.startsWith('/') ? '' : place, runs))
  expect(readyRunsFolder).toThrow(
    expect.objectContaining({ exitCode, message: expect.stringMatching(message) as string }) as Error,
  )
})

test('"last" is a link to the newest run, and what is no link is left as it is', () => {
  const first = createRunFolder('one', new Date('2026-11-03T10:00:00Z'))
  const last = join(place, 'a', 'runs', 'last')
  expect(readlinkSync(last)).toBe(basename(first))
  rmSync(last)
  symlinkSync(join(place, 'file'), last)
  expect(readlinkSync(last)).toBe(join(place, 'file'))
  const second = createRunFolder('one', new Date('2026-11-03T10:00:00Z'))
  expect([basename(second), readlinkSync(last)]).toEqual(['2026-11-03T100000Z-one-2', '2026-11-03T100000Z-one-2'])
  rmSync(last)
  mkdirSync(last)
  expect(() => createRunFolder('one', new Date('2026-11-03T10:00:00Z'))).toThrow(
    /last should be a link to the newest run, but is a folder: rename it/,
  )
  expect(existsSync(join(place, 'a', 'runs', '2026-11-03T100000Z-one-3'))).toBe(false)
})

test('whoever only reads makes no folder', () => {
  expect(listRuns()).toEqual([])
  expect(() => findRun('last')).toThrow('there are no runs yet')
  expect(existsSync(join(place, 'a'))).toBe(false)
})

test('a verdict that is no file is none: a device would be read for ever', () => {
  symlinkSync('/dev/zero', join(place, 'verdict.json'))
  expect(readVerdictFile(place)).toBeUndefined()
})
