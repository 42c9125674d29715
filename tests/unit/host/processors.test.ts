// Goal: whoever waits for room waits while there is none, and no longer than it may.
// Method: processors whose idle time the test tells.
import { expect, test } from 'vitest'
import { type CpuTimes, untilRoom } from '../../../chaos/host/processors.ts'

let idleOf100 = 0
const times = { idle: 0, all: 0 }
function look(): CpuTimes {
  times.idle += idleOf100
  times.all += 100
  return { ...times }
}

async function waitedMs(limitMs: number): Promise<number> {
  const startMs = performance.now()
  await untilRoom(limitMs, look)
  return performance.now() - startMs
}

test('one look is enough where a quarter is idle', async () => {
  idleOf100 = 25
  expect(await waitedMs(60_000)).toBeLessThan(10_000)
})

test('where less is, it is waited for', async () => {
  idleOf100 = 24
  setTimeout(() => {
    idleOf100 = 30
  }, 400)
  const waited = await waitedMs(60_000)
  expect(waited).toBeGreaterThanOrEqual(400)
  expect(waited).toBeLessThan(10_000)
})

test('and no longer than the limit', async () => {
  idleOf100 = 0
  const waited = await waitedMs(600)
  expect(waited).toBeGreaterThanOrEqual(600)
  expect(waited).toBeLessThan(10_000)
})
