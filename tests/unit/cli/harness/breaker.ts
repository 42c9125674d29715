/**
 * A command that has broken something: it says "broken", goes on talking, and heals when it is to end, which takes it a
 * moment. Told what to do by its arguments.
 */
import '../../../../setup/guarded.mjs'
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isInterruption, untilInterrupted } from '../../../../chaos/cli/interrupt.ts'
import { say } from '../../../../chaos/cli/output.ts'

const [healed = '', healMs = '0', planted = ''] = process.argv.slice(2)
const signal = untilInterrupted({ left: () => 'Something is broken' })
const talk = setInterval(() => say('still broken'), 20)
say('broken')
if (planted === 'throw')
  setTimeout(() => {
    throw new Error('planted')
  }, 50)
if (planted === 'reject') setTimeout(() => void Promise.reject(new Error('planted')), 50)
try {
  await delay(20_000, undefined, { signal })
} catch (error) {
  if (!isInterruption(error)) throw error
}
await delay(Number(healMs))
clearInterval(talk)
writeFileSync(healed, 'healed')
// As after a trial that was missed.
process.exit(1)
