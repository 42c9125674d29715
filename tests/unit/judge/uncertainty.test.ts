// Goal: a verdict says how far its figures can be from the truth, and by which calibration it knows.
// Method: the same journal without a calibration, and with several.
import { expect, test } from 'vitest'
import type { CalibrationFacts } from '../../../chaos/journal/calibration.ts'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { uncertaintyOf } from '../../../chaos/judge/uncertainty.ts'
import { keyNumbers } from '../../../chaos/report/wording.ts'
import { journal } from '../../journals/build.ts'

const calibration: CalibrationFacts = {
  at: '2026-11-27T12:00:00.000Z',
  commit: 'abc',
  errors: [
    { host: 'idle', ratePerSecond: 40, n: 100, recoveredInMs: 1.2, writeGapMs: 3 },
    { host: 'busy', ratePerSecond: 40, n: 140, recoveredInMs: 2, writeGapMs: null },
    { host: 'idle', ratePerSecond: 500, n: 60, recoveredInMs: 4.5, writeGapMs: 5 },
  ],
}
const story = journal().fault('kill').outage({ toMs: 2_000 }).build()
const withCalibration = (given?: CalibrationFacts) =>
  recordedJournal([
    { ...story.opened, wallStartMs: Date.UTC(2026, 10, 28), ...(given && { calibration: given }) } as JournalEvent,
    ...story.milestones.slice(1),
    ...story.requests,
  ])
const at = (ratePerSecond: number, writeShare = 0.5) => {
  const { opened } = withCalibration(calibration)
  return uncertaintyOf({
    ...opened,
    scenario: { ...opened.scenario, load: { ...opened.scenario.load, ratePerSecond, writeShare } },
  })
}

test('without a calibration: the time between two clients, or two that write', () => {
  const { uncertainty } = judge(withCalibration())
  expect(uncertainty).toEqual({ recoveredInMs: 25, writeGapMs: 50, calibration: null })
})

test('with one: what exceeds that, on the host where it was more, and how many outages say so', () => {
  expect(judge(withCalibration(calibration)).uncertainty).toEqual({
    recoveredInMs: 27,
    writeGapMs: 53,
    calibration: { at: calibration.at, commit: 'abc', ratePerSecond: 40, n: 240 },
  })
})

test('the nearest rate at or below counts; for a slower trial the slowest', () => {
  expect(at(499).calibration?.ratePerSecond).toBe(40)
  expect(at(500)).toMatchObject({ recoveredInMs: 7, writeGapMs: 9, calibration: { ratePerSecond: 500, n: 60 } })
  expect(at(10)).toMatchObject({ recoveredInMs: 102, calibration: { ratePerSecond: 40 } })
})

test('a trial that writes nothing has no gap of writes', () => {
  expect(at(40, 0).writeGapMs).toBeNull()
})

test('reports say it beside the figure', () => {
  const note = (given?: CalibrationFacts) =>
    keyNumbers(judge(withCalibration(given))).find(({ label }) => label === 'recovered in')?.note
  expect(note(calibration)).toBe('± 27 ms (calibrated 2026-11-27, n 240)')
  expect(note()).toBe('± 25 ms (not calibrated on this machine: "npx blackstart calibrate")')
})

test.each([
  ['of nothing', { errors: [{ host: 'idle', ratePerSecond: 40, n: 0, recoveredInMs: null, writeGapMs: null }] }],
  ['without outages', { errors: [{ host: 'idle', ratePerSecond: 40, n: 0, recoveredInMs: 2, writeGapMs: 2 }] }],
  [
    'with less than no error',
    { errors: [{ host: 'idle', ratePerSecond: 40, n: 20, recoveredInMs: -9, writeGapMs: 2 }] },
  ],
  ['at no rate', { errors: [{ host: 'idle', ratePerSecond: 0, n: 20, recoveredInMs: 2, writeGapMs: 2 }] }],
  ['made after the trial', { at: '2026-12-24T00:00:00.000Z' }],
  ['made at no time', { at: 'yesterday' }],
] satisfies [string, Partial<CalibrationFacts>][])('a calibration %s is none', (_, change) => {
  expect(judge(withCalibration({ ...calibration, ...change })).uncertainty).toEqual({
    recoveredInMs: 25,
    writeGapMs: 50,
    calibration: null,
  })
})
