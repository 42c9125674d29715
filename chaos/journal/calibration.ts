/** What a calibration of the instruments on this machine showed: `blackstart calibrate` measures it. */
import { z } from 'zod'
import { ms } from './event.ts'

/**
 * `recoveredInMs`, `writeGapMs`: 95 of 100 errors of that figure exceeded the time between two clients by at most this
 * much; null where it was not measured. `n`: outages that were measured.
 */
export const calibrationSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  commit: z.string(),
  errors: z.array(
    z.object({
      host: z.enum(['idle', 'busy']),
      ratePerSecond: z.number(),
      n: z.number().int(),
      recoveredInMs: ms.nullable(),
      writeGapMs: ms.nullable(),
    }),
  ),
})
export type CalibrationFacts = z.infer<typeof calibrationSchema>
