// Goal: a calibration is cited on the machine that it was made on, and nowhere else; without one trials run as ever.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { calibrationFile, keepCalibration, keptCalibration } from '../../../chaos/calibrate/kept.ts'

const host = { cores: 2, memoryBytes: 8e9, kernel: '6.18', platform: 'linux x64', engine: '20.10' }
const calibration = {
  at: '2026-11-27T12:00:00.000Z',
  commit: 'abc',
  errors: [{ host: 'idle' as const, ratePerSecond: 40, n: 20, recoveredInMs: 1, writeGapMs: null }],
}
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-kept-'))
  process.env['BLACKSTART_WORK_DIR'] = folder
})
afterEach(() => {
  delete process.env['BLACKSTART_WORK_DIR']
  rmSync(folder, { recursive: true })
})

test('kept, and found again', () => {
  expect(keptCalibration(host)).toBeUndefined()
  keepCalibration(host, calibration)
  expect(keptCalibration(host)).toEqual(calibration)
  expect(keptCalibration({ ...host, memoryBytes: 9e9 })).toEqual(calibration)
})

test.each(['cores', 'kernel', 'platform', 'engine'] as const)('not on a machine with another %s', (key) => {
  keepCalibration(host, calibration)
  expect(keptCalibration({ ...host, [key]: key === 'cores' ? 4 : 'other' })).toBeUndefined()
})

test('a file that cannot be read is none', () => {
  keepCalibration(host, calibration)
  writeFileSync(calibrationFile(), '{"machine":')
  expect(keptCalibration(host)).toBeUndefined()
})
