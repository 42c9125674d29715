// `npm test`: makes this machine ready, checks the types, lints, runs the tests, and ends with the line
// `N passed, N failed`.
import './guarded.mjs'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { countTests, failures, lastLine } from './counts.mjs'
import { lint } from './lint.mjs'
import { needOfTests } from './needs.mjs'
import { ready, runOnNode24 } from './program.mjs'

const args = process.argv.slice(2)
const machine = await ready(needOfTests(args))
process.exitCode = 'host' in machine ? await checkAndTest(machine.host) : machine.exitCode
// Nothing may come after this line, in whatever way the rest ended.
if (!('host' in machine)) console.log(lastLine({ passed: 0, failed: 1, skipped: 0 }))

/** @param {import('./host/host.mjs').Host} host @returns {Promise<number>} the exit status */
async function checkAndTest(host) {
  const types = await runOnNode24(host, [program(host, 'typescript/bin/tsc'), '--noEmit', '--pretty', 'false'])
  if (types !== 0) console.log('the type check failed (npm run check): this counts as one failed test')
  const style = await lint(host)
  if (style !== 0) console.log('the linter found problems (npm run lint): this counts as one failed test')

  const results = join(host.root, '.blackstart', 'test-results.json')
  rmSync(results, { force: true })
  // Testcontainers' reaper is an image that not every machine can pull; the tests clean up after themselves.
  const env = { TESTCONTAINERS_RYUK_DISABLED: 'true' }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`]
  const status = await runOnNode24(host, [program(host, 'vitest/vitest.mjs'), 'run', ...reporters, ...args], env)

  const json = existsSync(results) ? readFileSync(results, 'utf8') : undefined
  const counts = countTests(json, { status, typesOk: types === 0, lintOk: style === 0 })
  for (const failure of failures(json)) console.log(failure)
  console.log(lastLine(counts))
  return status || types || style || (counts.failed > 0 ? 1 : 0)
}

/** @param {import('./host/host.mjs').Host} host @param {string} path */
function program(host, path) {
  return join(host.root, 'node_modules', path)
}
