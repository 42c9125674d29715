/**
 * A process that watches the host until there are two samples, and says what that cost: processor time, not time, for on
 * a busy machine a turn of the event loop may be interrupted.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { observeHost } from '../../../chaos/observers/host.ts'
import type { Instruments } from '../../../chaos/observers/sampler.ts'

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const samples: JournalEvent[] = []
const startMs = cpuMs()
let [lastMs, longestMs] = [startMs, 0]
const observer = observeHost({
  record: (event: JournalEvent) => void samples.push(event),
  now: () => performance.now(),
} as unknown as Instruments)
while (samples.length < 2) {
  await delay(1)
  const now = cpuMs()
  longestMs = Math.max(longestMs, now - lastMs)
  lastMs = now
}
await observer.stop()
console.log(JSON.stringify({ samples, longestMs, allMs: lastMs - startMs }))
