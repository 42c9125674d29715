import { join } from 'node:path'
import { CommandFailed, EnvironmentError } from './errors.mjs'

/**
 * @typedef {object} Missing what a check found to be missing
 * @property {string} found one sentence without a full stop
 * @property {string} remedy what the user can do about it
 * @property {{ title: string, run: (task: import('./host/progress.mjs').Task) => Promise<unknown> }} [fix] what set-up can
 * do about it by itself
 *
 * @typedef {object} Step
 * @property {string} name also the name of its log
 * @property {() => Promise<Missing | undefined>} check cheap, changes nothing
 *
 * @typedef {object} Runner
 * @property {import('./host/progress.mjs').Show} show
 * @property {string} logs the folder of the logs
 * @property {AbortSignal} stop set once another step has failed
 * @property {() => Promise<void>} claim called before the first change, waits until no other set-up works in this
 * checkout
 */

/**
 * Makes sure of one thing. Checks it; where something is missing, says so, repairs it, and checks again.
 * @param {Runner} runner
 * @param {Step} step
 * @throws {EnvironmentError} when it cannot be repaired from here, or the repair failed
 */
export async function ensure({ show, logs, stop, claim }, step) {
  stop.throwIfAborted()
  const seen = await step.check()
  if (seen === undefined) return
  if (seen.fix === undefined) throw new EnvironmentError(seen.found, seen.remedy)
  await claim()
  // Another set-up may have done it while this one waited for its turn.
  const missing = await step.check()
  if (missing === undefined) return
  stop.throwIfAborted()
  if (missing.fix === undefined) throw new EnvironmentError(missing.found, missing.remedy)

  const task = show.begin(missing.fix.title, join(logs, `${step.name}.log`))
  try {
    await missing.fix.run(task)
  } catch (error) {
    if (stop.aborted) task.stopped()
    else task.failed()
    throw failure(error, missing.fix.title, task.logFile)
  }
  const still = await step.check()
  if (still !== undefined) {
    task.failed()
    throw new EnvironmentError(
      `${missing.fix.title} succeeded, but ${still.found}`,
      `${still.remedy} (log: ${task.logFile})`,
    )
  }
  task.done()
}

/**
 * @param {unknown} error
 * @param {string} title
 * @param {string} logFile
 * @returns {unknown}
 */
function failure(error, title, logFile) {
  if (!(error instanceof CommandFailed)) return error
  const lines = error.tail.map((line) => `    | ${line}`).join('\n')
  return new EnvironmentError(
    `${title}: failed at\n    ${error.message}${lines && `\n  its last lines:\n${lines}`}`,
    `the whole log is in ${logFile}; remove the cause and run the same command again: finished steps are not repeated`,
    { cause: error },
  )
}
