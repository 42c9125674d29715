// `npm test`: makes this machine ready, checks the types, lints, runs the tests, and ends with the line
// `N passed, N failed`.
import './guarded.mjs'
import { join } from 'node:path'
import { countTests, failures, lastLine, sumOf, timesLine } from './counts.mjs'
import { lint } from './lint.mjs'
import { needOfTests } from './needs.mjs'
import { ready, runOnNode24 } from './program.mjs'
import { runVitest } from './vitest.mjs'

const args = process.argv.slice(2)
const machine = await ready(needOfTests(args))
process.exitCode = 'host' in machine ? await checkAndTest(machine.host) : machine.exitCode
// Nothing may come after this line, in whatever way the rest ended.
if (!('host' in machine)) console.log(lastLine({ passed: 0, failed: 1, skipped: 0 }))

/** @param {import('./host/host.mjs').Host} host @returns {Promise<number>} the exit status */
async function checkAndTest(host) {
  // Of all tests, trials come minutes later. One that was asked for alone would measure these checks beside it.
  const checking = checkSources(host)
  if (args.length > 0) await checking
  const startMs = performance.now()
  const runs = await runVitest(host, args)
  const [types, style] = await checking
  if (types !== 0) console.log('the type check failed (npm run check): this counts as one failed test')
  if (style !== 0) console.log('the linter found problems (npm run lint): this counts as one failed test')
  for (const { json } of runs) for (const failure of failures(json)) console.log(failure)
  const counts = sumOf(runs.map(({ json, status }) => countTests(json, status)))
  counts.failed += [types, style].filter((status) => status !== 0).length
  console.log(timesLine(runs, performance.now() - startMs))
  console.log(lastLine(counts))
  const statuses = [...runs.map(({ status }) => status), types, style]
  return statuses.find((status) => status !== 0) ?? (counts.failed > 0 ? 1 : 0)
}

/**
 * Types that do not check, and sources that the linter refuses, count as one failed test each.
 * @param {import('./host/host.mjs').Host} host
 * @returns {Promise<[types: number, style: number]>} the exit statuses
 */
function checkSources(host) {
  return Promise.all([
    runOnNode24(host, [program(host, 'typescript/bin/tsc'), '--noEmit', '--pretty', 'false']),
    lint(host),
  ])
}

/** @param {import('./host/host.mjs').Host} host @param {string} path */
function program(host, path) {
  return join(host.root, 'node_modules', path)
}
