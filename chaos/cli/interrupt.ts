/** Ctrl-C: the first heals and stops, the second abandons and says what is left. */
import { say } from './output.ts'

export class Interrupted extends Error { override name = 'Interrupted' }

/** A signal that aborts on the first SIGINT, SIGTERM or SIGHUP. `left` says, on the second, what an abandoned command leaves behind. */
export function untilInterrupted(left: () => string): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        say(`\nabandoned. ${left()}`)
        process.exit(130)
      }
      say('\ninterrupted: healing and stopping (again to abandon)')
      controller.abort(new Interrupted(`interrupted by ${name}`))
    })
  }
  return controller.signal
}
