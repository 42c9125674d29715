/** The errors that a user can do something about, each with its exit status. All others are bugs in Blackstart. */
import { EXIT as statuses } from '../setup/exit-statuses.mjs'

type Status = 'met' | 'missed' | 'inconclusive' | 'notReady' | 'badUsage' | 'bug' | 'interrupted'
/** Typed here: the types of the package must not lead to setup/, which has none of its own. */
export const EXIT: Readonly<Record<Status, number>> = statuses

export class BlackstartError extends Error {
  override name = 'BlackstartError'
  readonly exitCode: number = EXIT.bug
}
/** Bad usage or a bad scenario: the message names what was given and the nearest valid name. */
export class UsageError extends BlackstartError {
  override name = 'UsageError'
  override readonly exitCode: number = EXIT.badUsage
}
/** The machine, the engine or the world is not ready: the message says what to do. */
export class EnvironmentError extends BlackstartError {
  override name = 'EnvironmentError'
  override readonly exitCode: number = EXIT.notReady
}
/** An instrument could not observe or act. In a trial this makes the verdict inconclusive. */
export class InstrumentError extends BlackstartError {
  override name = 'InstrumentError'
  override readonly exitCode: number = EXIT.inconclusive
}

export function messageOf(error: unknown): string {
  // The first error explains those while cleaning up.
  if (error instanceof SuppressedError)
    return `${messageOf(error.suppressed)}; and while cleaning up: ${messageOf(error.error)}`
  return error instanceof Error ? error.message || error.name : String(error)
}

/** All errors in order: the first one, and those that came while cleaning up after it. */
export function errorsOf(error: unknown): unknown[] {
  return error instanceof SuppressedError ? [...errorsOf(error.suppressed), ...errorsOf(error.error)] : [error]
}

/**
 * What went wrong first: of an error that was followed by others while cleaning up (`using` makes them one), the cause.
 */
export function causeOf(error: unknown): unknown {
  return errorsOf(error)[0]
}

/** The exit status that an error means: that of its cause, whatever failed while cleaning up after it. */
export function statusOf(error: unknown): number {
  const cause = causeOf(error)
  return cause instanceof BlackstartError ? cause.exitCode : EXIT.bug
}

/**
 * A sentence that refuses a name, with the nearest valid one and all of them: `there is no region "eest"; did you mean
 * "east"? (available: east, west)`.
 */
export function withNearest(refusal: string, given: string, valid: readonly string[]): string {
  const near = nearest(given, valid)
  return `${refusal}${near === undefined ? '' : `; did you mean "${near}"?`}${availableWords(valid)}`
}

/** " (available: east, west)", to end a sentence with; nothing where there is nothing. */
export function availableWords(valid: readonly string[]): string {
  return valid.length === 0 ? '' : ` (available: ${valid.join(', ')})`
}

/** The valid name nearest to what was typed. Undefined when nothing is near. */
export function nearest(given: string, valid: readonly string[]): string | undefined {
  const scored = valid
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  const best = scored[0]
  return best && best.distance <= Math.max(2, Math.floor(given.length / 2)) ? best.name : undefined
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
