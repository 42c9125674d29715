/** What every event of a journal has. */
import { z } from 'zod'
import { farthestMs } from './limits.ts'

/** A moment or a length, in milliseconds. */
export const ms = z.number().min(-farthestMs).max(farthestMs)
const base = { seq: z.number().int().nonnegative(), atMs: ms }
export const event = <K extends string, S extends z.ZodRawShape>(kind: K, shape: S) =>
  z.object({ ...base, kind: z.literal(kind), ...shape })
