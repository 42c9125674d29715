// Goal: a calibration is kept with the machine that it was made on; without one trials run as ever.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { calibrationFile, keepCalibration, keptCalibration } from '../../../chaos/calibrate/kept.ts'
import { machineWords } from '../../../chaos/calibrate/table.ts'

const host = { cores: 2, model: 'Xeon', memoryBytes: 8e9, kernel: '6.18', platform: 'linux x64', engine: '20.10' }
const calibration = {
  at: '2026-11-27T12:00:00.000Z',
  commit: 'abc',
  machine: { ...host, node: 'v24', k6: '1.8.1' },
  errors: [{ host: 'idle' as const, ratePerSecond: 40, n: 20, recoveredInMs: 1, writeGapMs: null }],
}
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-kept-'))
  vi.stubEnv('BLACKSTART_WORK_DIR', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('kept with its machine, and found again', () => {
  expect(keptCalibration()).toBeUndefined()
  keepCalibration(calibration)
  expect(keptCalibration()).toEqual(calibration)
})

test('one that does not say its machine is none', () => {
  const { machine: _, ...rest } = calibration
  keepCalibration(calibration)
  writeFileSync(calibrationFile(), JSON.stringify({ machine: host, calibration: rest }))
  expect(keptCalibration()).toBeUndefined()
  writeFileSync(calibrationFile(), JSON.stringify(rest))
  expect(keptCalibration()).toBeUndefined()
  expect(() => keepCalibration(rest)).toThrow('machine')
})

test('a file that cannot be read is none', () => {
  keepCalibration(calibration)
  writeFileSync(calibrationFile(), '{"machine":')
  expect(keptCalibration()).toBeUndefined()
})

test('people read on which machine it was made', () => {
  expect(
    machineWords({
      at: calibration.at,
      host,
      harness: { version: '0.1.0', commit: 'abc', node: 'v24' },
      versions: { k6: '1.8.1' },
    }),
  ).toBe(
    '2026-11-27, Blackstart 0.1.0 (commit abc), on linux x64: 2 × Xeon, 7.5 GiB, kernel 6.18, engine 20.10, Node v24, k6 1.8.1.',
  )
})
