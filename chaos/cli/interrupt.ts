/** Interrupts. The first Ctrl-C heals and stops; a second one abandons, and says what is left broken. */

import { endBy } from '../../setup/guard.mjs'
import { EXIT } from '../errors.ts'
import { say } from './output.ts'

export class Interrupted extends Error {
  override name = 'Interrupted'
}

/**
 * A terminal's Ctrl-C reaches every process of the group, and npm and our launcher pass theirs on: one press arrives
 * two or three times. A person does not press again this soon.
 */
const onePressMs = 500
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** After a bug, work may never end. Healing, proving the heal and removing a world take less than this. */
const afterBugMs = 180_000
/** Of the last `untilInterrupted`: takes its handlers away. */
let release = () => {}

export interface Interruptible {
  /** What an abandoned command leaves behind, as a sentence. */
  left(): string
  /** What the command does when it is interrupted. */
  doing?: string
}

/**
 * A signal that aborts when the command is to end: on the first SIGINT, SIGTERM or SIGHUP, when the reader of the
 * output has gone, and after a bug (the guard sets its exit status). When a terminal was closed, Ctrl-C cannot be
 * pressed again, so SIGHUP never abandons. When it is called again, only the new signal aborts.
 */
export function untilInterrupted({ left, doing = 'healing and stopping' }: Interruptible): AbortSignal {
  const controller = new AbortController()
  let firstMs = 0
  const interrupt = (what: string, reason: string) => {
    if (controller.signal.aborted) return
    firstMs = performance.now()
    // Abort first: `say` may fail, and that brings us here again.
    controller.abort(new Interrupted(reason))
    say(`\n${what}: ${doing} (press Ctrl-C again to abandon)`)
  }
  const onSignal = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) interrupt('interrupted', `interrupted by ${name}`)
    else if (name !== 'SIGHUP' && performance.now() - firstMs > onePressMs) {
      say(`\nabandoned. ${left()}`)
      process.exit(EXIT.interrupted)
    }
  }
  release()
  for (const name of signals) process.on(name, onSignal)
  release = () => {
    for (const name of signals) process.off(name, onSignal)
  }
  endBy((reason, { bug }) => {
    interrupt(reason, reason)
    if (bug)
      setTimeout(() => {
        say(`\nabandoned: not finished ${afterBugMs / 1_000} s after a bug in Blackstart. ${left()}`)
        process.exit(EXIT.bug)
      }, afterBugMs).unref()
  })
  return controller.signal
}

/** Between two pieces of work: there is nothing to heal, so that an interrupt ends the process at once. */
export function endInterrupts(): void {
  release()
}

/** Whether this error is the interruption itself, and nothing that failed after it. */
export function isInterruption(error: unknown): boolean {
  return (
    error instanceof Interrupted ||
    (error instanceof Error && error.name === 'AbortError' && isInterruption(error.cause))
  )
}
