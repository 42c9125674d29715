/**
 * A process that watches the host until there are two samples, and says what it took to make what that needs, in all and
 * in the longest turn of the event loop: processor time, not time, for on a busy machine a turn may be interrupted; and
 * of this thread alone, for V8 compiles and collects garbage in others, and late on a busy machine.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { thisMachine } from '../../../chaos/host/machine.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { observeHost } from '../../../chaos/observers/host.ts'
import type { Instruments } from '../../../chaos/observers/sampler.ts'

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const samples: JournalEvent[] = []
const startMs = cpuMs()
let [lastMs, longestMs, madeMs] = [startMs, 0, Infinity]
const machine = {
  ...thisMachine,
  async makeWork() {
    const work = await thisMachine.makeWork()
    madeMs = cpuMs()
    return work
  },
}
const observer = observeHost(
  { record: (event: JournalEvent) => void samples.push(event), now: () => performance.now() } as unknown as Instruments,
  machine,
)
while (samples.length < 2) {
  await delay(1)
  const now = cpuMs()
  if (lastMs < madeMs) longestMs = Math.max(longestMs, now - lastMs)
  lastMs = now
}
await observer.stop()
console.log(JSON.stringify({ samples, longestMs, allMs: madeMs - startMs }))
