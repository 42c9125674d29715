/**
 * What the judge says of one trial. `null` where nothing was measured, never 0. Lengths in milliseconds; moments
 * relative to the trial's start.
 */
import { z } from 'zod'
import { faultKindSchema } from '../scenarios/schema.ts'

export const verdictSchemaVersion = 1
const nullableMs = z.number().nullable()
export const verdictNames = ['met', 'missed', 'inconclusive'] as const
export const verdictNameSchema = z.enum(verdictNames)
export type VerdictName = z.infer<typeof verdictNameSchema>

export const phaseNames = ['detect', 'elect', 'promote', 'route', 'settle'] as const
export const phaseSchema = z.object({
  name: z.enum(phaseNames),
  fromMs: nullableMs,
  toMs: nullableMs,
  /** Length; null when either boundary was not observed. Phases with a value sum to `recoveredInMs`. */
  lengthMs: nullableMs,
  /** Who saw the closing boundary, e.g. "dcs watch at etcd-witness". */
  observer: z.string(),
  /** The closing boundary lies within [toMs − uncertaintyMs, toMs]. */
  uncertaintyMs: nullableMs,
  /** "overlap" or "unobserved", with what happened; absent when the boundary is plain. */
  flag: z.string().optional(),
  /** Bounds that the components' own timeouts allow, and the setting that dominates. */
  predicted: z.object({ lowMs: z.number(), highMs: z.number(), dominatedBy: z.string() }).nullable(),
})
export type Phase = z.infer<typeof phaseSchema>

export const objectiveResultSchema = z.object({
  name: z.enum([
    'recover-within',
    'lost-writes',
    'invariants-hold',
    'one-primary',
    'same-primary',
    'failed-requests',
    'slowest-request',
    'write-p99',
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

export const verdictSchema = z.object({
  schemaVersion: z.literal(verdictSchemaVersion),
  trialId: z.string(),
  scenario: z.string(),
  title: z.string(),
  startedAt: z.string(),
  verdict: verdictNameSchema,
  /** One sentence: why this verdict. */
  summary: z.string(),
  validity: z.array(validityCheckSchema),
  objectives: z.array(objectiveResultSchema),

  /**
   * `uninterrupted`: no window ever failed. `censored`: not recovered inside the observed window. null: not measured.
   */
  outcome: z.enum(['uninterrupted', 'recovered', 'censored']).nullable(),
  recoveredInMs: nullableMs,
  censoredAtMs: nullableMs,
  /**
   * From T0 to the first success of a request that came after the first failed one and is of its kind (write or read).
   */
  timeToFirstSuccessMs: nullableMs,
  /** Sum of the arrival slots whose request failed, from T0 on. */
  failingMs: nullableMs,
  slowestRequestMs: nullableMs,
  /**
   * Writes scheduled from T0 on, and how many of them failed. Like all fields with a default: absent from older
   * verdicts.
   */
  writes: z.number().int().nullable().default(null),
  failedWrites: z.number().int().nullable().default(null),
  /**
   * 99 of 100 of these writes succeeded within this time of their schedule; null also when more than 1 in 100 failed.
   */
  writeP99Ms: nullableMs.default(null),
  /** Requests from T0 on, those under way at T0 included. */
  requests: z.number().int().nullable(),
  failedRequests: z.number().int().nullable(),
  droppedArrivals: z.number().int().nullable(),
  /** Region that answered (or "none") → requests and failures from T0 to recovery. */
  blastRadius: z.record(z.string(), z.object({ requests: z.number().int(), failed: z.number().int() })),

  ackedWrites: z.number().int().nullable(),
  rejectedWrites: z.number().int().nullable(),
  unknownWrites: z.number().int().nullable(),
  /** Acked and absent from at least one database node after heal and catch-up. */
  lostWrites: z.number().int().nullable(),
  /** Up to 20 of them: arrival number and when it was acked. */
  lostWriteSamples: z.array(
    z.object({ n: z.number().int(), key: z.string(), ackedAtMs: z.number(), absentFrom: z.array(z.string()) }),
  ),
  /** RPA in seconds' terms: from the first to the last lost write's ack. */
  lostSpanMs: nullableMs,
  unknownStoredWrites: z.number().int().nullable(),
  resurrectedWrites: z.number().int().nullable(),
  duplicatedWrites: z.number().int().nullable(),
  /** Stored on some databases and absent from others; one whose outcome is unknown may still have been on its way. */
  divergentWrites: z.number().int().nullable(),
  invariantsHold: z.boolean().nullable(),

  dualWritableMs: nullableMs,
  dualWritable: z.array(z.object({ nodes: z.array(z.string()), fromMs: z.number(), toMs: z.number() })),
  /** Whether no other database took over from the one that was primary at T0; null if it was not observed. */
  primaryKept: z.boolean().nullable().default(null),
  /** Which ones did, and the evidence: by a new holder of the leader key, by a probe write that it committed. */
  takeOvers: z
    .array(z.object({ node: z.string(), atMs: z.number(), how: z.string(), observer: z.string() }))
    .default([]),

  phasesMs: z.object({
    detect: nullableMs,
    elect: nullableMs,
    promote: nullableMs,
    route: nullableMs,
    settle: nullableMs,
  }),
  phases: z.array(phaseSchema),
  /** T0…T8 of the design, on the trial's clock. */
  moments: z.object({
    requestedMs: nullableMs,
    effectiveMs: nullableMs,
    firstFailureMs: nullableMs,
    detectedMs: nullableMs,
    electedMs: nullableMs,
    promotedMs: nullableMs,
    routedMs: nullableMs,
    recoveredMs: nullableMs,
    healedMs: nullableMs,
    redundantMs: nullableMs,
  }),
  faults: z.array(
    z.object({
      faultId: z.string(),
      kind: faultKindSchema,
      target: z.string(),
      /** The options of the kind, e.g. `{ latencyMs: 80 }`. */
      with: z.record(z.string(), z.unknown()).optional(),
      requestedMs: z.number(),
      effectiveMs: nullableMs,
      spreadMs: nullableMs,
      healRequestedMs: nullableMs,
      healedMs: nullableMs,
      doesNotModel: z.array(z.string()),
    }),
  ),
  observers: z.array(
    z.object({
      observer: z.string(),
      subject: z.string(),
      samples: z.number().int(),
      p50Ms: z.number(),
      p95Ms: z.number(),
      maxMs: z.number(),
      unexplainedGaps: z.number().int(),
    }),
  ),
})
export type Verdict = z.infer<typeof verdictSchema>
