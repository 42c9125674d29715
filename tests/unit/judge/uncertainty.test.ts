// Goal: a verdict says how far its figures can be from the truth, and by which calibration it knows.
// Method: the same journal without a calibration, and with several.
import { expect, test } from 'vitest'
import type { CalibratedMachine, CalibrationFacts } from '../../../chaos/journal/calibration.ts'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
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

test('declared requests change places, so that two writes may be three arrivals apart', () => {
  const { opened } = story
  const clients = { enter: ['http://router:8080'], requests: [] }
  expect(uncertaintyOf({ ...opened, clients })).toMatchObject({ recoveredInMs: 25, writeGapMs: 100 })
  // A script of one's own has an order that nobody knows.
  expect(uncertaintyOf({ ...opened, clients: { ...clients, script: true } })).toMatchObject({ writeGapMs: 50 })
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
    notCited: 'errors' in change ? 'it measured no outage' : 'it was not made before the trial',
  })
})

const machine: CalibratedMachine = {
  cores: 2,
  model: 'Xeon',
  memoryBytes: 8 * 2 ** 30,
  kernel: '6.18',
  platform: 'linux x64',
  engine: '20.10',
  node: 'v24.1.0',
  k6: '1.8.1',
}
const { node, k6, ...here } = machine
/** Of a trial that says all of its machine, or what is given of it. */
const trialWith = (of: CalibratedMachine | undefined, host: EventOf<'trial.opened'>['host'] = here) =>
  judge(
    recordedJournal([
      {
        ...withCalibration({ ...calibration, ...(of && { machine: of }) }).opened,
        host,
        harness: { ...story.opened.harness, node },
        versions: { k6 },
      },
      ...story.milestones.slice(1),
      ...story.requests,
    ]),
  )

test('one of the same machine is cited, also with a little more memory', () => {
  expect(trialWith(machine).uncertainty?.calibration?.n).toBe(240)
  expect(trialWith({ ...machine, memoryBytes: 8.2 * 2 ** 30 }).uncertainty?.calibration?.n).toBe(240)
})

test.each([
  [{ cores: 4 }, '4 cores, here 2 cores'],
  [{ model: 'EPYC' }, 'the processor EPYC, here the processor Xeon'],
  [{ memoryBytes: 16 * 2 ** 30 }, '16.0 GiB of memory, here 8.0 GiB of memory'],
  [{ kernel: '5.10' }, 'kernel 5.10, here kernel 6.18'],
  [{ platform: 'darwin arm64' }, 'darwin arm64, here linux x64'],
  [{ engine: '28.0' }, 'engine 28.0, here engine 20.10'],
  [{ node: 'v22.0.0' }, 'Node v22.0.0, here Node v24.1.0'],
  [{ k6: '1.2.0' }, 'k6 1.2.0, here k6 1.8.1'],
] satisfies [Partial<CalibratedMachine>, string][])(
  'one of a machine with %o is not, and the verdict says why',
  (other, why) => {
    const verdict = trialWith({ ...machine, ...other })
    const notCited = `it was made on another machine, or by other instruments: ${why}`
    expect(verdict.uncertainty).toEqual({ recoveredInMs: 25, writeGapMs: 50, calibration: null, notCited })
    expect(keyNumbers(verdict).find(({ label }) => label === 'recovered in')?.note).toBe(
      `± 25 ms (the calibration is not cited: ${notCited})`,
    )
  },
)

test('one that hides its machine is not cited, where the trial says its own; nor one whose trial hides it', () => {
  expect(trialWith(undefined).uncertainty).toMatchObject({
    calibration: null,
    notCited: 'it does not say on which machine it was made',
  })
  const { model: _, ...hidden } = here
  expect(trialWith(machine, hidden).uncertainty?.notCited).toContain('the processor Xeon, here unknown')
  expect(trialWith(undefined, hidden).uncertainty?.calibration?.n).toBe(240)
})
