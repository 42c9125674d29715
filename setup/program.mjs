import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, join, resolve as absolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explain, EnvironmentError } from './errors.mjs'
import { signalAll } from './exec.mjs'
import { BUG, endBy, INTERRUPTED } from './guard.mjs'
import { thisMachine } from './host.mjs'
import { askLoopbackDirectly } from './loopback.mjs'
import { nodeFor } from './node.mjs'
import { prepare } from './prepare.mjs'
import { progressOn } from './progress.mjs'

const ROOT = absolute(fileURLToPath(new URL('..', import.meta.url)))
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * Makes the machine ready, or says why it is not. A Ctrl-C meanwhile stops it; what was done stays done.
 * @param {import('./verbs.mjs').Need} need
 * @returns {Promise<{ host: import('./host.mjs').Host } | { exitCode: number }>}
 */
export async function ready(need) {
  const stop = new AbortController()
  const host = thisMachine(ROOT, stop.signal)
  const show = progressOn(process.stderr)
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
    if (!interrupted) return { host }
  } catch (error) {
    if (!interrupted) {
      show.say(explain(error))
      return { exitCode: error instanceof EnvironmentError ? error.exitCode : BUG }
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
  show.say('interrupted. What is done stays done: the same command goes on from here')
  return { exitCode: INTERRUPTED }
}

/**
 * Runs a program on Node 24 in this terminal and waits for it, whatever signals arrive: it heals what it broke before it ends.
 * @param {import('./host.mjs').Host} host
 * @param {string[]} args of Node
 * @param {Record<string, string>} [extraEnv]
 * @returns {Promise<number>} its exit status; 128 and the signal's number when one killed it
 */
export function runOnNode24(host, args, extraEnv = {}) {
  const { node, folder } = nodeFor(host)
  // What the compiler made of a program, its packages and its types, kept: half of what a command takes to start.
  const kept = { NODE_COMPILE_CACHE: join(host.root, '.blackstart', 'compile-cache') }
  const env = { ...kept, ...host.env, ...askLoopbackDirectly(host.env), PATH: `${folder}${delimiter}${host.env['PATH']}`, ...extraEnv }
  const child = spawn(node, args, { stdio: 'inherit', env })
  // A terminal sends Ctrl-C to the child as well. Passing it on would make two of one, and the second means "abandon".
  const fromTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    if (signal !== 'SIGINT' || !fromTerminal) child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, pass)
  // Whatever happens here, the child has something to heal, and ends by itself: it writes to the same terminal or pipe.
  endBy(() => {})
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`set-up: ${node} does not start: ${error.message}\n`)
      resolve(BUG)
    })
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}
