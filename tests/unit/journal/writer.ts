/**
 * A process that writes a journal until it is done, killed or out of space, and then says what processor time that cost.
 * Arguments: path, number of requests, how many of them at once (100), and the pause after those, in milliseconds (5).
 */
import { setTimeout as delay } from 'node:timers/promises'
import { openJournal } from '../../../chaos/journal/write.ts'
import { met } from '../../journals/golden.ts'

const [path = '', count = '0', atOnce = '100', pauseMs = '5'] = process.argv.slice(2)
const [opened] = met().events()
await using journal = openJournal(path)
void journal.failed.then((error) => console.log(error.message))
if (opened?.kind === 'trial.opened') journal.record(opened)
const before = process.cpuUsage()
for (let n = 0; n < Number(count); n++) {
  journal.record({
    kind: 'request',
    n,
    op: 'write',
    scheduledMs: n,
    startedMs: n,
    endedMs: n + 5,
    outcome: 'acked',
    status: 200,
  })
  if ((n + 1) % Number(atOnce) === 0) await delay(Number(pauseMs))
}
const { user, system } = process.cpuUsage(before)
console.log(`${(user + system) / 1_000} ms of processor time`)
journal.record({ kind: 'trial.closed', reason: 'completed' })
