// Goal: watching the host tells how long its work takes, and never keeps the harness from its own.
import { expect, test } from 'vitest'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { observeHost } from '../../../chaos/observers/host.ts'
import type { Instruments } from '../../../chaos/observers/sampler.ts'

test('it is sampled once a second, and what it needs is made in many turns of the event loop', async () => {
  const samples: JournalEvent[] = []
  // Processor time, not time: on a busy machine a turn may be interrupted. And a share of all there was, for machines
  // differ.
  const startMs = cpuMs()
  let [lastMs, longestMs] = [startMs, 0]
  let watching = true
  const turn = () => {
    const now = cpuMs()
    longestMs = Math.max(longestMs, now - lastMs)
    lastMs = now
    if (watching) setTimeout(turn, 1)
  }
  turn()
  const observer = observeHost({
    record: (event: JournalEvent) => {
      samples.push(event)
    },
    now: () => performance.now(),
  } as unknown as Instruments)
  await expect.poll(() => samples.length, { timeout: 20_000, interval: 50 }).toBeGreaterThanOrEqual(2)
  await observer.stop()
  watching = false
  expect(longestMs).toBeLessThan(0.4 * (lastMs - startMs))
  for (const sample of samples) {
    if (sample.kind !== 'host.sampled') throw new Error(`recorded ${sample.kind}`)
    expect(sample.idleShare).toBeGreaterThanOrEqual(0)
    expect(sample.idleShare).toBeLessThanOrEqual(1)
    // From the cache the same steps take some 0.01 ms.
    expect(sample.workMs).toBeGreaterThan(0.05)
  }
})

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
