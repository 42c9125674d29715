/** Our launcher, of any program: its arguments. */
import '../../../../setup/guarded.mjs'
import { fileURLToPath } from 'node:url'
import { thisMachine } from '../../../../setup/host/host.mjs'
import { runOnNode24 } from '../../../../setup/program.mjs'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
process.exitCode = await runOnNode24(thisMachine(root, new AbortController().signal), process.argv.slice(2))
