// Goal: the whole instrument (k6, its stream, the journal, the judge) measures outages of known length, and an
// instrument that is wrong is caught by name. Nothing is left behind, also when it is interrupted.
// Method: a tiny calibration against the real stub; then the same evidence, made wrong on purpose. It is no trial, and
// measures time as a trial does: nothing may run beside it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assess, type Calibration, runRounds } from '../../chaos/calibrate/calibrate.ts'
import type { Facts, Lane } from '../../chaos/calibrate/lane.ts'
import { outagesInRow, type Round } from '../../chaos/calibrate/plan.ts'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { recordedJournal } from '../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import { down } from '../../chaos/world/down.ts'

const world = 'blackstart-test-calibrate'
const engine = new DockerEngine()
const facts: Facts = {
  host: { cores: 2, model: '', memoryBytes: 1, kernel: '', platform: '', engine: '' },
  harness: { version: '', commit: '', node: '' },
  versions: { k6: '' },
}
const rounds: Round[] = [
  {
    host: 'idle',
    lanes: [
      {
        ratePerSecond: 100,
        outages: outagesInRow(
          [
            { kind: 'stop', forMs: 400 },
            { kind: 'stall', forMs: 1_300 },
            { kind: 'fail', forMs: 400 },
          ],
          Math.random,
        ),
      },
    ],
  },
]
const run = (signal = new AbortController().signal, progress: (text: string) => void = () => {}) =>
  runRounds({ engine, world, rounds, facts, signal, progress })
const judged = (lanes: Lane[]): Calibration => assess({ at: '', ...facts }, lanes)
/** The same evidence, as a wrong instrument would have recorded it. */
const spoilt = (lanes: Lane[], spoil: (request: RequestEvent) => RequestEvent | null): Calibration =>
  judged(
    lanes.map((lane) => ({
      ...lane,
      // Whether the host had room does not matter to what is planted.
      idleShare: 1,
      journal: recordedJournal([
        ...lane.journal.milestones,
        ...[...lane.journal.requests].map(spoil).filter((request) => request !== null),
      ]),
    })),
  )

let lanes: Lane[]
beforeAll(async () => {
  // A busy minute of the machine says nothing of the instrument; it is measured again.
  for (let attempt = 0; attempt < 3; attempt++) {
    lanes = await run()
    if (judged(lanes).problems.length === 0) return
  }
})
afterAll(async () => void (await down(engine, world)))

test('every answer is on record, every outage is seen, and seen to end when it did', ({ skip }) => {
  const { outages, defects, problems } = judged(lanes)
  skip(problems.length > 0, `the machine had no room: ${problems.join('; ')}`)
  expect(outages.map(({ kind, seen }) => [kind, seen])).toEqual([
    ['stop', 'recovered'],
    ['stall', 'recovered'],
    ['fail', 'recovered'],
  ])
  expect(defects.filter((defect) => /on record|not seen/.test(defect))).toEqual([])
  const errors = outages.flatMap((outage) => outage.errors.filter(({ figure }) => figure === 'recovered in'))
  expect(errors).toHaveLength(3)
  // A slot and ten milliseconds are what the command asks for; one in twenty may be more, and here there are three.
  expect(errors.map(({ ms }) => Math.abs(ms)).toSorted((a, b) => a - b)[1]).toBeLessThanOrEqual(20)
})

test('planted: times 40 ms late', () => {
  const { defects } = spoilt(lanes, (request) => ({
    ...request,
    scheduledMs: request.scheduledMs + 40,
    startedMs: request.startedMs + 40,
    endedMs: request.endedMs + 40,
  }))
  expect(defects).toContainEqual(
    expect.stringMatching(/^"recovered in" at 100 requests\/s on the idle host: 95 of 100/),
  )
})

test('planted: one answer in ten is not recorded', () => {
  const { defects } = spoilt(lanes, (request) => (request.n % 10 === 0 ? null : request))
  expect(defects).toContainEqual(expect.stringMatching(/^answers on record at 100 requests\/s .* the stub served \d+/))
})

test('planted: requests that failed are recorded as served', () => {
  const { defects } = spoilt(lanes, (request) => ({ ...request, outcome: 'acked' }))
  expect(defects).toContainEqual(expect.stringMatching(/^a (stop|fail) of .* was not seen$/))
})

test('interrupted in the middle, it leaves nothing behind', async () => {
  const interrupt = new AbortController()
  const running = run(interrupt.signal, () => setTimeout(() => interrupt.abort(new Error('enough')), 2_000))
  await expect(running).rejects.toThrow('enough')
  expect(await engine.belongings(world)).toEqual([])
})
