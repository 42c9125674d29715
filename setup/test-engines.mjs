// `npm run test:engines`: makes this machine ready, then tries the project on the Docker engines that can be had here.
import './guarded.mjs'
import { join } from 'node:path'
import { lastLine } from './counts.mjs'
import { ready, runOnNode24 } from './program.mjs'

const machine = await ready('world')
process.exitCode =
  'host' in machine
    ? await runOnNode24(machine.host, [join(machine.host.root, 'tests/engines/main.ts'), ...process.argv.slice(2)])
    : machine.exitCode
if (!('host' in machine)) console.log(lastLine({ passed: 0, failed: 1, skipped: 0 }))
