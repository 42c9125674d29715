/** Events of the load generator: its start, its end, its clock, and each request. */
import { z } from 'zod'
import { event, ms } from './event.ts'

/**
 * `durationMs`: how long it was asked to make arrivals, from the first one on. `surges`: when it was asked to make more
 * of them, in order.
 */
export const loadStarted = event('load.started', {
  ratePerSecond: z.number(),
  firstArrivalMs: ms,
  durationMs: ms.optional(),
  surges: z.array(z.object({ fromMs: ms, toMs: ms, ratePerSecond: z.number() })).optional(),
})
/** How many arrivals it made, and had to leave out, as it says itself; null where it did not. */
export const loadEnded = event('load.ended', {
  exitCode: z.number().int().nullable(),
  iterations: z.number().int().nullable(),
  dropped: z.number().int().nullable(),
  reason: z.string().optional(),
  /**
   * When it was asked to stop: in a drill, whose end is not known beforehand. Requests under way at that moment have no
   * record.
   */
  stoppedMs: ms.optional(),
})
/**
 * Difference between the load generator's wall clock and ours, and the round trip by which it was measured; null if
 * neither a beacon nor the engine answered. `by`: which of them did. `stepMs`: how far our wall clock had stepped
 * against the monotonic one, at the worst since the event before.
 */
export const loadClock = event('load.clock', {
  offsetMs: ms.nullable(),
  roundTripMs: ms.nullable(),
  stepMs: ms,
  by: z.string().optional(),
})
/** The error of a request that the harness itself cut off, when it asked the load to stop. */
export const cutOff = 'cut off at the end of the load'
/** Errors of requests that had no answer. Of the first three it is certain that the request never left. */
export const errors = {
  refused: 'connection refused',
  connectTimeout: 'connect timeout',
  notResolved: 'name not resolved',
  timeout: 'timeout',
  reset: 'connection reset',
} as const
export const neverLeft: ReadonlySet<string> = new Set([errors.refused, errors.connectTimeout, errors.notResolved])
export const outcomes = ['acked', 'rejected', 'unknown'] as const
const whole = z.number().int().nonnegative()
export const request = event('request', {
  /** Arrival number, from 0; a write's key is `<trialId>-<n>`. */
  n: z.number().int().nonnegative(),
  op: z.enum(['write', 'read']),
  scheduledMs: ms,
  startedMs: ms,
  endedMs: ms,
  /** Reads use `acked` for a 2xx answer. */
  outcome: z.enum(outcomes),
  /** HTTP status, 0 when there was no answer. */
  status: z.number().int(),
  error: z.string().optional(),
  /** App node that answered, its region, and the database node behind the answer, where known. */
  node: z.string().optional(),
  region: z.string().optional(),
  database: z.string().optional(),
  /** Which client of its own it belongs to, where clients come back: here the write whose account a read looks at. */
  session: whole.optional(),
  /**
   * What the answer speaks of: an account and its version, and for a write a second account and its version. A transfer
   * raises the versions of both its accounts.
   */
  versions: z.union([z.tuple([whole, whole]), z.tuple([whole, whole, whole, whole])]).optional(),
})
