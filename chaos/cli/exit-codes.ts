import { EXIT } from '../errors.ts'
import type { VerdictName } from '../judge/verdict.ts'

/** The exit status of a command that came to a verdict. */
export const exitCodes: Record<VerdictName, number> = {
  met: EXIT.met,
  missed: EXIT.missed,
  inconclusive: EXIT.inconclusive,
}
