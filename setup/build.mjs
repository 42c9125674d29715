// `npm run build`, and `npm pack` before it packs: JavaScript and types of chaos/, in dist/. npm may run on an older Node.
import './guarded.mjs'
import { join } from 'node:path'
import { ready, runOnNode24 } from './program.mjs'
import { PACKAGE_ROOT } from './roots.mjs'

const machine = await ready('modules')
process.exitCode =
  'host' in machine ? await runOnNode24(machine.host, [join(PACKAGE_ROOT, 'tools/build.ts')]) : machine.exitCode
