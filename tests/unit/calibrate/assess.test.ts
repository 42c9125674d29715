// Goal: a calibration finds no fault with a perfect instrument, and names what is wrong with each planted one.
// Method: lanes on paper, whose clients meet the stub exactly as it is; then instruments that err on purpose.
import { expect, test } from 'vitest'
import { assess, factsOf } from '../../../chaos/calibrate/calibrate.ts'
import { type LanePlan, outagesInRow, roundsOf } from '../../../chaos/calibrate/plan.ts'
import { tableMarkdown, tableText } from '../../../chaos/calibrate/table.ts'
import { parseStubLine } from '../../../chaos/calibrate/truth.ts'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import { seededRandom } from '../../../chaos/random.ts'
import { type PaperOptions, paperLane } from './paper.ts'

const facts = {
  at: '2026-11-27T12:00:00.000Z',
  host: { cores: 2, model: 'Xeon', memoryBytes: 1, kernel: '6', platform: 'linux x64', engine: '20' },
  harness: { version: '0', commit: 'abc', node: '24' },
  versions: { k6: '1' },
}
const plans = (rates: number[]): LanePlan[] =>
  rates.map((ratePerSecond) => ({
    ratePerSecond,
    outages: outagesInRow(
      [20, 300, 1_000, 3_000].flatMap((forMs) => (['stop', 'stall', 'fail'] as const).map((kind) => ({ kind, forMs }))),
      seededRandom(ratePerSecond),
    ),
  }))
const calibrated = (rates: number[], options?: PaperOptions) =>
  assess(
    facts,
    plans(rates).map((plan) => paperLane(plan, options)),
  )
const shifted = (byMs: number) => (request: RequestEvent) => ({
  ...request,
  scheduledMs: request.scheduledMs + byMs,
  startedMs: request.startedMs + byMs,
  endedMs: request.endedMs + byMs,
})

test('a perfect instrument errs by a slot at most, at any rate', () => {
  const { cells, defects, problems } = calibrated([40, 100, 200, 500])
  expect({ defects, problems }).toEqual({ defects: [], problems: [] })
  expect(cells.length).toBe(4 * 5)
  for (const { beyondSlotP95Ms, figure, ratePerSecond } of cells)
    expect(beyondSlotP95Ms, `${figure} at ${ratePerSecond}/s`).toBeLessThanOrEqual(1.001)
})

test('a stop that takes 18 ms to close its connections is no error of the instrument', () => {
  const { cells, defects } = calibrated([500], { closingMs: 18 })
  expect(defects).toEqual([])
  for (const { beyondSlotP95Ms, figure } of cells) expect(beyondSlotP95Ms, figure).toBeLessThanOrEqual(1.001)
})

test('times that are 40 ms late are caught by name, at every rate', () => {
  const { defects } = calibrated([40, 100, 200, 500], { instrument: shifted(40) })
  for (const rate of [40, 100, 200, 500]) {
    expect(defects).toContainEqual(expect.stringMatching(`"recovered in" at ${rate} requests/s on the idle host: 95`))
    expect(defects).toContainEqual(expect.stringMatching(`"first failure" at ${rate} requests/s`))
  }
})

test('times that are 15 ms early are caught at 500/s', () => {
  expect(calibrated([500], { instrument: shifted(-15) }).defects).toContainEqual(
    expect.stringMatching(/"recovered in" at 500 requests\/s.*bias −1[45] ms/),
  )
})

test('one answer in ten that is not recorded is caught by name', () => {
  const { defects } = calibrated([100], { instrument: (request) => (request.n % 10 === 3 ? null : request) })
  expect(defects[0]).toMatch(
    /^answers on record at 100 requests\/s on the idle host: the stub served \d+ requests, and the client stream has \d+ of them$/,
  )
})

test('a failure that is recorded as served is caught: its outage is not seen', () => {
  const { defects } = calibrated([100], {
    instrument: (request) => ({ ...request, outcome: 'acked', status: request.status || 200 }),
  })
  expect(defects).toContainEqual('a stop of 1 s at 100 requests/s on the idle host was not seen')
})

test('failures that go on for ever are caught: the outage is not seen to end', () => {
  const { defects } = calibrated([100], {
    instrument: (request) => (request.n % 20 === 7 ? { ...request, outcome: 'unknown', status: 503 } : request),
  })
  expect(defects).toContainEqual(expect.stringMatching(/a stop of 1 s at 100 requests\/s .* was not seen to end/))
})

test('a host without room, and a load that was not made, say nothing of the instrument', () => {
  expect(calibrated([40], { idleShare: 0.05 }).problems).toEqual([
    'the host that should be idle was so for only 5 % of its time (at least 25 %): end what else runs on it',
  ])
  expect(calibrated([40], { dropped: 3 }).problems).toEqual([
    'the load generator dropped 3 arrivals at 40 requests/s on the idle host',
  ])
  expect(calibrated([40], { host: 'busy', idleShare: 0 }).problems).toEqual([])
})

test('a stream that cannot be believed spoils nothing else', () => {
  const [slow, fast] = plans([40, 500])
  const { cells, problems, defects } = assess(facts, [
    ...(slow ? [paperLane(slow)] : []),
    ...(fast ? [paperLane(fast, { dropped: 400, instrument: shifted(800) })] : []),
  ])
  expect(problems).toEqual(['the load generator dropped 400 arrivals at 500 requests/s on the idle host'])
  expect(new Set(cells.map(({ ratePerSecond }) => ratePerSecond))).toEqual(new Set([40]))
  expect(defects).toEqual([])
})

test('an outage that the stub was late for is not compared', () => {
  const lanes = plans([40]).map((plan) => paperLane(plan))
  const late = lanes.map(({ truth, ...lane }) => ({
    ...lane,
    truth: { ...truth, outages: truth.outages.map((outage, index) => ({ ...outage, lateMs: index < 4 ? 30 : 0 })) },
  }))
  const { outages, defects } = assess(facts, late)
  expect(outages.filter(({ seen, errors }) => seen === 'inexact' && errors.length === 0)).toHaveLength(4)
  expect(defects).toEqual([])
})

test('what is kept for journals has each rate and host once', () => {
  const { errors, ...rest } = factsOf(calibrated([40, 40, 500]))
  expect(rest).toEqual({
    at: facts.at,
    commit: 'abc',
    machine: { ...facts.host, node: '24', k6: '1' },
  })
  expect(errors.map(({ ratePerSecond, host }) => [ratePerSecond, host])).toEqual([
    [40, 'idle'],
    [500, 'idle'],
  ])
  expect(errors[0]?.n).toBeGreaterThanOrEqual(12)
})

test('the table has a line for each figure, in the terminal and in Markdown', () => {
  const { cells } = calibrated([500])
  expect(tableText(cells).split('\n')).toHaveLength(6)
  expect(tableText(cells)).toMatch(/^idle {2}500 .*recovered in .* 10 ms .*✓$/m)
  expect(tableMarkdown(cells).split('\n')).toHaveLength(7)
})

test('the plan: within four minutes, every kind, both hosts, each outage at a moment of its own', () => {
  const length = (extent: Parameters<typeof roundsOf>[0]) =>
    roundsOf(extent, seededRandom(1)).reduce(
      (sum, { lanes }) => sum + Math.max(...lanes.map(({ outages }) => (outages.at(-1)?.atMs ?? 0) + 6_000)),
      0,
    )
  expect(length('quick')).toBeLessThan(38_000)
  expect(length('usual')).toBeLessThan(220_000)
  const rounds = roundsOf('usual', seededRandom(1))
  expect(rounds.map(({ host }) => host)).toEqual(['idle', 'idle', 'busy', 'busy'])
  const outages = rounds.flatMap(({ lanes }) => lanes.flatMap((lane) => lane.outages))
  expect(new Set(outages.map(({ kind }) => kind)).size).toBe(3)
  expect(new Set(outages.map(({ forMs }) => forMs))).toEqual(new Set([20, 50, 100, 200, 500, 1_000, 2_000]))
  const full = roundsOf('full', seededRandom(1)).flatMap(({ lanes }) => lanes.flatMap((lane) => lane.outages))
  expect(Math.max(...full.map(({ forMs }) => forMs))).toBe(30_000)
})

test("the stub's lines are read, and what Node says beside them is not one", () => {
  expect(parseStubLine('(node:1) ExperimentalWarning: stripping types')).toBeUndefined()
  expect(parseStubLine('{"is":"given","served":3,"refused":1}')).toEqual({ is: 'given', served: 3, refused: 1 })
  expect(() => parseStubLine('{"is":"given","served":"many"}')).toThrow()
})
