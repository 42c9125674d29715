import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { delimiter, join } from 'node:path'
import { EnvironmentError, explain, SetUpInterrupted, UsageError } from './errors.mjs'
import { EXIT } from './exit-statuses.mjs'
import { endBy } from './guard.mjs'
import { signalAll } from './host/exec.mjs'
import { thisMachine } from './host/host.mjs'
import { progressOn } from './host/progress.mjs'
import { askLoopbackDirectly } from './loopback.mjs'
import { prepare } from './prepare.mjs'
import { PACKAGE_ROOT, workFolder } from './roots.mjs'
import { nodeFor } from './steps/node.mjs'

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * Makes the machine ready. A Ctrl-C meanwhile stops it; what was done stays done.
 * @param {import('./needs.mjs').Need} need
 * @param {import('./host/progress.mjs').Show} [show]
 * @returns {Promise<import('./host/host.mjs').Host>} its environment leads to the engine, also where a Docker context does
 * @throws {EnvironmentError} when something is missing that set-up cannot or may not repair
 * @throws {SetUpInterrupted}
 * @throws {UsageError} when BLACKSTART_WORK_DIR names no folder
 */
export async function makeReady(need, show = progressOn(process.stderr)) {
  const stop = new AbortController()
  const host = thisMachine(PACKAGE_ROOT, stop.signal, workFolder(process.env))
  let interrupted = false
  /** @param {NodeJS.Signals} signal */
  const interrupt = (signal) => {
    interrupted = true
    signalAll(signal)
    stop.abort()
  }
  for (const signal of SIGNALS) process.on(signal, interrupt)
  endBy(() => interrupt('SIGTERM'))
  try {
    await prepare(host, need, { show, stop })
  } catch (error) {
    if (!interrupted) throw error
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
    endBy(undefined)
  }
  if (interrupted) throw new SetUpInterrupted()
  return host
}

/**
 * As `makeReady`, for a program that has nothing else to say: this one also prints what went wrong.
 * @param {import('./needs.mjs').Need} need
 * @returns {Promise<{ host: import('./host/host.mjs').Host } | { exitCode: number }>}
 */
export async function ready(need) {
  const show = progressOn(process.stderr)
  try {
    return { host: await makeReady(need, show) }
  } catch (error) {
    show.say(explain(error))
    if (error instanceof SetUpInterrupted) return { exitCode: EXIT.interrupted }
    const isTheirs = error instanceof EnvironmentError || error instanceof UsageError
    return { exitCode: isTheirs ? error.exitCode : EXIT.bug }
  }
}

/**
 * Runs a program on Node 24 in this terminal and waits for it, whatever signals arrive: it heals what it broke before
 * it ends.
 * @param {import('./host/host.mjs').Host} host
 * @param {string[]} args of Node
 * @param {Record<string, string>} [extraEnv]
 * @param {{ stdio?: import('node:child_process').StdioOptions, niceness?: number }} [options] `stdio`: this terminal by
 * default; `niceness`: 19 for work that gives way to all other
 * @returns {Promise<number>} its exit status; 128 and the signal's number when one killed it
 */
export function runOnNode24(host, args, extraEnv = {}, { stdio = 'inherit', niceness = 0 } = {}) {
  const { node, folder } = nodeFor(host)
  // What the compiler made of a program, its packages and its types, kept: half of what a command takes to start.
  // In a project of the user's, only once there is a folder of ours: looking at the help must leave nothing behind.
  const kept =
    !host.isInstalled || host.exists(host.kept) ? { NODE_COMPILE_CACHE: join(host.kept, 'compile-cache') } : {}
  const env = {
    ...kept,
    ...host.env,
    ...askLoopbackDirectly(host.env),
    PATH: `${folder}${delimiter}${host.env['PATH']}`,
    ...extraEnv,
  }
  const child = spawn(node, args, { stdio, env })
  if (child.pid !== undefined && niceness > 0) setPriority(child.pid, niceness)
  // A terminal sends Ctrl-C to the child as well. Passing it on would make two of one, and the second means "abandon".
  const fromTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    if (signal !== 'SIGINT' || !fromTerminal) child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, pass)
  // The child may have something to heal and ends on its own, so this waits for it in any case; it writes to the same
  // terminal or pipe.
  endBy(() => {})
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`set-up: ${node} does not start: ${error.message}\n`)
      resolve(EXIT.bug)
    })
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}
