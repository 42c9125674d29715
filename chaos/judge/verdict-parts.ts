/** What a verdict is made of: its name, the phases of an outage, the result of each promise and of each check. */
import { z } from 'zod'

const nullableMs = z.number().nullable()

export const verdictNames = ['met', 'missed', 'inconclusive'] as const
export const verdictNameSchema = z.enum(verdictNames)
export type VerdictName = z.infer<typeof verdictNameSchema>

export const phaseNames = ['detect', 'elect', 'promote', 'route', 'settle'] as const
export const phaseSchema = z.object({
  name: z.enum(phaseNames),
  fromMs: nullableMs,
  toMs: nullableMs,
  /**
   * Length; null when either boundary was not observed. The lengths that have a value sum to the last observed boundary
   * − `phasesFromMs`: with a `settle`, to `moments.recoveredMs` − `phasesFromMs`.
   */
  lengthMs: nullableMs,
  /** Who saw the closing boundary, e.g. "dcs watch at etcd-witness". */
  observer: z.string(),
  /** The closing boundary lies within [toMs − uncertaintyMs, toMs]. */
  uncertaintyMs: nullableMs,
  /** "overlap", "unobserved" or "not needed", with what happened; absent when the boundary is plain. */
  flag: z.string().optional(),
  /** Bounds that the components' own timeouts allow, and the setting that dominates. */
  predicted: z.object({ lowMs: z.number(), highMs: z.number(), dominatedBy: z.string() }).nullable(),
})
export type Phase = z.infer<typeof phaseSchema>

export const objectiveResultSchema = z.object({
  name: z.enum([
    'recover-within',
    'recover-after-heal',
    'lost-writes',
    'invariants-hold',
    'one-primary',
    'same-primary',
    'take-overs',
    'dcs-elections',
    'failed-requests',
    'failed-reads',
    'slowest-request',
    'write-p99',
    'write-gap',
    'read-gap',
    'stalled',
    'stale-reads',
    'monotonic-reads',
  ]),
  /** The promise in words, e.g. "no acknowledged write is lost". */
  promise: z.string(),
  limit: z.union([z.number(), z.boolean()]),
  actual: z.union([z.number(), z.boolean(), z.null()]),
  verdict: verdictNameSchema,
  /** One sentence with the evidence: which, when, how many. */
  message: z.string(),
})
export type ObjectiveResult = z.infer<typeof objectiveResultSchema>

export const validityCheckSchema = z.object({
  name: z.enum([
    'journal-complete',
    'journal-consistent',
    'load-reached-rate',
    'no-dropped-arrivals',
    'replication-caught-up',
    'host-had-room',
    'harness-not-starved',
    'clocks-agree',
    'observers-without-gaps',
    'fault-as-planned',
    'fault-proved',
    'fault-lasted',
    'heal-proved',
    'every-database-read',
    'instruments-worked',
    'request-times-possible',
  ]),
  holds: z.boolean(),
  detail: z.string(),
})
export type ValidityCheck = z.infer<typeof validityCheckSchema>
