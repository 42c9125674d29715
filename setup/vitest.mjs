// Runs Vitest. Of all tests, two runs go on at once: contract tests mostly wait for containers, and those of the page for
// the browser; meanwhile the unit tests have the processor, at the lowest priority. Trials come last, alone: a trial
// beside other work measures that work.

import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runOnNode24 } from './program.mjs'

/** Of the systems in stacks/, the one that takes least time; `npm run test:stacks` has the others, too. */
const stackAmongAll = 'tests/stacks/nats.test.ts'

/**
 * @typedef {{ name: string, status: number, json: string | undefined, seconds: number }} Run `status`: its exit status;
 * `json`: what its JSON reporter wrote
 */
/** @typedef {import('./host/host.mjs').Host} Host */

/**
 * @param {Host} host
 * @param {string[]} args of Vitest; none: all tests
 * @returns {Promise<Run[]>}
 */
export async function runVitest(host, args) {
  if (args.length > 0) return [await vitest(host, 'tests', args)]
  const beside = unitTests(host)
  const contract = await vitest(host, 'contract', ['--project', 'contract'])
  const browser = await vitest(host, 'browser', ['--project', 'browser'])
  const unit = await beside
  const chaos = await vitest(host, 'chaos', ['--project', 'chaos'])
  return [unit, contract, browser, chaos, await vitest(host, 'stacks', ['--project', 'stacks', stackAmongAll])]
}

/** Its output comes as a whole, when it has ended. @param {Host} host @returns {Promise<Run>} */
async function unitTests(host) {
  const folder = join(host.root, '.blackstart', 'logs')
  mkdirSync(folder, { recursive: true })
  const log = join(folder, 'unit-tests.log')
  const file = openSync(log, 'w')
  console.log(`unit tests run beside the others; their output comes when they have ended, and is in ${log}`)
  const args = ['--project', 'unit', '--no-color']
  const run = await vitest(host, 'unit', args, { stdio: ['ignore', file, file], niceness: 19 })
  closeSync(file)
  process.stdout.write(
    `\n${readFileSync(log, 'utf8')}\nunit tests: ended with status ${run.status} after ${run.seconds} s\n`,
  )
  return run
}

/**
 * @param {Host} host
 * @param {string} name of this run
 * @param {string[]} args
 * @param {Parameters<typeof runOnNode24>[3]} [options]
 * @returns {Promise<Run>}
 */
async function vitest(host, name, args, options) {
  const results = join(host.root, '.blackstart', `test-results-${name}.json`)
  rmSync(results, { force: true })
  // Testcontainers' reaper is an image that not every machine can pull; the tests clean up after themselves.
  const env = { TESTCONTAINERS_RYUK_DISABLED: 'true' }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`]
  const program = join(host.root, 'node_modules', 'vitest', 'vitest.mjs')
  const startMs = performance.now()
  const status = await runOnNode24(host, [program, 'run', ...reporters, ...args], env, options)
  const seconds = Math.round((performance.now() - startMs) / 1_000)
  return { name, status, json: existsSync(results) ? readFileSync(results, 'utf8') : undefined, seconds }
}
