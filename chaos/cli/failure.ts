/** The error message and the exit status of a command that failed. */
import { CommanderError } from 'commander'
import { BlackstartError, EXIT, errorsOf, messageOf } from '../errors.ts'
import { fileProblem } from '../files.ts'
import { isInterruption } from './interrupt.ts'
import { say } from './output.ts'

/** Reports the first error, and those that came while cleaning up after it. Returns the exit status. */
export function codeOf(error: unknown): number {
  const [first, ...later] = errorsOf(error)
  const status = tell(first)
  for (const each of later) say(`blackstart: and while cleaning up: ${messageOf(each)}`)
  return status
}

function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.met : EXIT.badUsage
  if (isInterruption(error)) return EXIT.interrupted
  if (error instanceof BlackstartError) {
    say(`blackstart: ${error.message}`)
    return error.exitCode
  }
  const problem = engineProblem(error) ?? fileProblem(error)
  if (problem) {
    say(`blackstart: ${problem}`)
    return EXIT.notReady
  }
  say(`blackstart: this is a bug in Blackstart: ${error instanceof Error ? error.stack : String(error)}`)
  return EXIT.bug
}

/**
 * An unexpected failure to connect is a failure of the engine, and so is an error that it answers. Errors of files have
 * a `path`, and messages of their own.
 */
function engineProblem(error: unknown): string | undefined {
  const { code, syscall, statusCode } = error as NodeJS.ErrnoException & { statusCode?: unknown }
  if (Number(statusCode) >= 500) return `the Docker engine failed: ${messageOf(error)}`
  if (syscall !== 'connect' && syscall !== 'getaddrinfo') return undefined
  return `the Docker engine cannot be reached (${code}): "npx blackstart doctor" says what is missing`
}
