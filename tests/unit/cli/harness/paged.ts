/**
 * A command with a page beside it, as urgent as a trial's harness: it opens the page, says "working", and ends with the
 * exit status that it reads from stdin. Told by its arguments whether the page stays, and joins what goes on.
 */
import '../../../../setup/guarded.mjs'
import { once } from 'node:events'
import { say } from '../../../../chaos/cli/output.ts'
import { withPage } from '../../../../chaos/cli/page-beside.ts'
import { preferThisProcess } from '../../../../chaos/host/priority.ts'

const told = process.argv.slice(2)
await preferThisProcess()
const status = await withPage(
  { world: 'paged', ui: true },
  async (openPage) => {
    await openPage({ joins: told.includes('joins') })
    say('working')
    const [line] = await once(process.stdin, 'data')
    process.stdin.pause()
    return Number(line)
  },
  { stays: told.includes('stays') },
)
process.exit(status)
