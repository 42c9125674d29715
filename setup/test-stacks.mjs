// `npm run test:stacks`: makes this machine ready, builds the images of the systems in stacks/, and breaks each of them.
import './guarded.mjs'
import { countTests, failures, lastLine } from './counts.mjs'
import { ready } from './program.mjs'
import { runVitest } from './vitest.mjs'

const machine = await ready('stacks')
process.exitCode = 'host' in machine ? await testStacks(machine.host) : machine.exitCode
if (!('host' in machine)) console.log(lastLine({ passed: 0, failed: 1, skipped: 0 }))

/** @param {import('./host/host.mjs').Host} host @returns {Promise<number>} the exit status */
async function testStacks(host) {
  const [run = { status: 1, json: undefined }] = await runVitest(host, [
    '--project',
    'stacks',
    ...process.argv.slice(2),
  ])
  for (const failure of failures(run.json)) console.log(failure)
  console.log(lastLine(countTests(run.json, run.status)))
  return run.status
}
