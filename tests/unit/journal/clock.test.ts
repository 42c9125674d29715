// Goal: a trial's clock is started by both clocks read at once, so that a processor that was taken away in between does
// not look like a step of the wall clock, which would make the trial prove nothing.
// Method: clocks that stand in for the machine's; between one reading and the next, time goes by.
import { afterEach, expect, test, vi } from 'vitest'
import { startClock } from '../../../chaos/journal/clock.ts'

const epochMs = 1_700_000_000_000

/** A machine whose every reading of a clock takes as long as the next of `tookMs`, the last of them for ever. */
function machine(tookMs: readonly number[]) {
  let [nowMs, reading] = [0, 0]
  const read = () => {
    const before = nowMs
    nowMs += tookMs[Math.min(reading++, tookMs.length - 1)] ?? 0
    return before
  }
  vi.spyOn(performance, 'now').mockImplementation(read)
  vi.spyOn(Date, 'now').mockImplementation(() => epochMs + read())
}
/** By how much the clock that is started there takes the wall clock for stepped, in milliseconds. */
function apartMs(): number {
  const clock = startClock()
  return Math.abs(Date.now() - clock.wallStartMs - clock.nowMs())
}
afterEach(() => vi.restoreAllMocks())

test('clocks that are read at once agree', () => {
  machine([0.001])
  expect(apartMs()).toBeLessThan(0.01)
})

test('a wait of 40 ms between both readings is read again', () => {
  machine([40, 0.001])
  expect(apartMs()).toBeLessThan(0.01)
})

test('two waits in a row are', () => {
  machine([40, 0.001, 0.001, 3, 0.001])
  expect(apartMs()).toBeLessThan(0.01)
})

test('a machine on which no reading is quick gets a clock all the same, after a bounded number of tries', () => {
  machine([1])
  expect(startClock().wallStartMs).toBeGreaterThan(epochMs)
  expect(vi.mocked(Date.now).mock.calls.length).toBe(100)
})
