/** Ctrl-C: the first heals and stops, the second abandons and says what is left. */
import { say } from './output.ts'

export class Interrupted extends Error { override name = 'Interrupted' }

/**
 * A terminal's Ctrl-C reaches every process of the group, and npm and our launcher pass theirs on: one press arrives two or three
 * times. Nobody presses again this soon.
 */
const onePressMs = 500

/** A signal that aborts on the first SIGINT, SIGTERM or SIGHUP. `left` says, on the second, what an abandoned command leaves behind. */
export function untilInterrupted(left: () => string): AbortSignal {
  const controller = new AbortController()
  let firstMs = 0
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        firstMs = performance.now()
        say('\ninterrupted: healing and stopping (again to abandon)')
        controller.abort(new Interrupted(`interrupted by ${name}`))
      } else if (performance.now() - firstMs > onePressMs) {
        say(`\nabandoned. ${left()}`)
        process.exit(130)
      }
    })
  }
  return controller.signal
}
