/** What a calibration of the instruments on this machine showed: `blackstart calibrate` measures it. */
import { z } from 'zod'
import { ms } from './event.ts'
import type { EventOf } from './schema.ts'

/** The machine, and the instruments on it that are not Blackstart's own. */
export const calibratedMachineSchema = z.object({
  cores: z.number(),
  /** The processor's name. */
  model: z.string(),
  memoryBytes: z.number(),
  kernel: z.string(),
  platform: z.string(),
  engine: z.string(),
  node: z.string(),
  k6: z.string(),
})
export type CalibratedMachine = z.infer<typeof calibratedMachineSchema>

/**
 * `recoveredInMs`, `writeGapMs`: 95 of 100 errors of that figure exceeded the time between two clients by at most this
 * much; null where it was not measured. `n`: outages that were measured.
 */
export const calibrationSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  commit: z.string(),
  /** Where it was measured. Journals before it do not say: then it was the trial's own machine by what was known. */
  machine: calibratedMachineSchema.optional(),
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

/** The machine of a trial or of a calibration, as far as it is said. Pure. */
export function machineOf({
  host,
  harness,
  versions,
}: Pick<EventOf<'trial.opened'>, 'host' | 'harness' | 'versions'>): Partial<CalibratedMachine> {
  const { model, ...rest } = host
  const { k6 } = versions
  return { ...rest, ...(model !== undefined && { model }), node: harness.node, ...(k6 !== undefined && { k6 }) }
}
