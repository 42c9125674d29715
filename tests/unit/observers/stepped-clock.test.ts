// Goal: a clock that steps during a trial, the load generator's or the harness's own, is caught by `clocks-agree`.
// Method: the observer of the clocks with a beacon that tells the load generator's time, which steps; what it records
// stands in an otherwise sound journal.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Engine } from '../../../chaos/engine/engine.ts'
import { startClock } from '../../../chaos/journal/clock.ts'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { duration } from '../../../chaos/judge/figures.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { observeClocks } from '../../../chaos/observers/clocks.ts'
import { met } from '../../journals/golden.ts'
import { topology } from '../../journals/world.ts'

/** Both clocks are read in whole milliseconds. */
const readingErrorMs = 2

type Reading = Extract<EventBody, { kind: 'load.clock' }>

/** What is recorded where `theirs` is the load generator's clock and `ours` the harness's, before and after a step. */
async function recorded(clocks: { theirs: () => number; ours: () => number; step: () => void }): Promise<Reading[]> {
  const beacon = createServer((_, response) =>
    response.end(JSON.stringify({ site: 'edge', wallMs: clocks.theirs(), peers: {}, heard: {} })),
  ).listen(0, '127.0.0.1')
  await new Promise((resolve) => beacon.once('listening', resolve))
  const status = (beacon.address() as AddressInfo).port
  const readings: Reading[] = []
  const observer = observeClocks({
    topology: {
      ...topology,
      nodes: [{ name: 'beacon-edge', role: 'beacon', site: 'edge', ports: { status }, attributes: {} }],
    },
    engine: { wallMs: async () => undefined } as unknown as Engine,
    clock: startClock(),
    record: (body) => void readings.push(body as Reading),
    wallMs: clocks.ours,
  })
  try {
    await expect.poll(() => readings.length, { timeout: 20_000 }).toBe(1)
    clocks.step()
    await delay(100)
  } finally {
    await observer.stop()
    beacon.close()
  }
  return readings
}

/** The recorded readings, one after the other, in a journal of which everything else is sound. */
function clocksAgree(readings: Reading[]) {
  const told = met()
  const half = told.t0Ms + 3000
  const journal = told.change('load.clock', (event) => ({
    ...event,
    ...(event.atMs < half ? readings[0] : readings.at(-1)),
  }))
  return judge(journal.build()).validity.find(({ name }) => name === 'clocks-agree')
}

test('clocks that stay as they are agree', async () => {
  // A busy machine may take too long over an answer to tell.
  const look = async () => clocksAgree(await recorded({ theirs: Date.now, ours: Date.now, step: () => {} }))
  await expect.poll(look, { timeout: 25_000 }).toMatchObject({ holds: true })
})

test.each([-400, 400])('planted defect: the clock of the load generator steps by %i ms', async (stepMs) => {
  let shiftMs = 0
  const readings = await recorded({
    theirs: () => Date.now() + shiftMs,
    ours: Date.now,
    step: () => void (shiftMs = stepMs),
  })
  // A reading is exact to half of its round trip, which a busy machine makes long.
  const { offsetMs, roundTripMs } = readings.at(-1) as { offsetMs: number; roundTripMs: number }
  expect(Math.abs(offsetMs - stepMs)).toBeLessThanOrEqual(roundTripMs / 2 + readingErrorMs)
  expect(clocksAgree(readings)).toMatchObject({
    holds: false,
    detail: expect.stringContaining(`the clock of the load generator is off by ${duration(offsetMs)} (`),
  })
})

test.each([-400, 400])("planted defect: the harness's own clock steps by %i ms", async (stepMs) => {
  let shiftMs = 0
  const readings = await recorded({
    theirs: Date.now,
    ours: () => Date.now() + shiftMs,
    step: () => void (shiftMs = stepMs),
  })
  expect(clocksAgree(readings)).toMatchObject({
    holds: false,
    detail: expect.stringMatching(/^the wall clock stepped by -?(3[89]|4[01])\d/),
  })
})
