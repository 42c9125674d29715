import { EXIT } from './exit-statuses.mjs'

/** This machine lacks something. Says what was found and what to do about it; never a stack trace for the user. */
export class EnvironmentError extends Error {
  exitCode = EXIT.notReady

  /**
   * @param {string} found what was seen, as a sentence without a full stop
   * @param {string} remedy what the user can do
   * @param {{ cause?: unknown }} [options]
   */
  constructor(found, remedy, options) {
    super(found, options)
    this.name = 'EnvironmentError'
    this.remedy = remedy
  }
}

/** A setting that makes no sense. Says what is wrong with it and what to do about it. */
export class UsageError extends Error {
  exitCode = EXIT.badUsage

  /** @param {string} message */
  constructor(message) {
    super(message)
    this.name = 'UsageError'
  }
}

/** A Ctrl-C, while the machine was made ready. */
export class SetUpInterrupted extends Error {
  constructor() {
    super('interrupted. What is done stays done: the same command goes on from here')
    this.name = 'SetUpInterrupted'
  }
}

/** A command that was needed ended badly, or not at all. */
export class CommandFailed extends Error {
  /**
   * @param {string} command the command line
   * @param {string} how "exited with 1", "gave up after 30 s"
   * @param {string[]} tail the last lines it wrote
   */
  constructor(command, how, tail) {
    super(`${command}: ${how}`)
    this.name = 'CommandFailed'
    this.tail = tail
  }
}

/**
 * What the user reads when set-up cannot go on.
 * @param {unknown} error
 * @returns {string}
 */
export function explain(error) {
  if (error instanceof EnvironmentError) return `not ready: ${error.message}\n  what to do: ${error.remedy}`
  if (error instanceof SetUpInterrupted || error instanceof UsageError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
