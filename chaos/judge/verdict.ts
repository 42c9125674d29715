/**
 * What the judge says of one trial. `null` where nothing was measured, never 0. Lengths in milliseconds; moments
 * relative to the trial's start.
 */
import { z } from 'zod'
import { faultKindSchema } from '../scenarios/schema.ts'
import { objectiveResultSchema, phaseSchema, validityCheckSchema, verdictNameSchema } from './verdict-parts.ts'

export * from './verdict-parts.ts'

export const verdictSchemaVersion = 1
const nullableMs = z.number().nullable()

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
   * In what its scenario differs from the included one of its name, a phrase for each field; absent where it does not.
   * It is told, and no part of the verdict.
   */
  differsFromIncluded: z.array(z.string()).optional(),
  /** What no objective tells of, because this world cannot be asked, or nobody did; absent where there is none. */
  notLookedFor: z.array(z.object({ what: z.string(), why: z.string() })).optional(),

  /**
   * `uninterrupted`: no window was bad, and no request failed. `some-failed`: no window was bad, but requests failed.
   * `censored`: not recovered inside the observed window. null: not measured.
   */
  outcome: z.enum(['uninterrupted', 'some-failed', 'recovered', 'censored']).nullable(),
  recoveredInMs: nullableMs,
  /**
   * How long after that the outage may have gone on unseen, since it hit only some requests: at its density another bad
   * one would have come within this time (99 %). One arrival's slot where every request failed.
   */
  recoveryResolutionMs: nullableMs.default(null),
  censoredAtMs: nullableMs,
  /**
   * From T0 to the first success of a request that came after the first failed one and is of its kind (write or read);
   * of those that were due from T0 on.
   */
  timeToFirstSuccessMs: nullableMs,
  /**
   * This, and all that is counted below up to `blastRadius`, counts one population: the requests that had not ended at
   * T0, up to the end of the client stream. Failed: not acked. Here: the sum of the slots of the failed, from T0 on.
   */
  failingMs: nullableMs,
  slowestRequestMs: nullableMs,
  /**
   * How far two figures can be from the truth, and the calibration of the machine from which that follows; `null` in it
   * where the machine was not calibrated: then the figures are those of sampling alone. `n`: outages of known length.
   * `notCited`: why the journal's calibration says nothing of this trial, as when it is of another machine.
   */
  uncertainty: z
    .object({
      recoveredInMs: nullableMs,
      writeGapMs: nullableMs,
      calibration: z
        .object({ at: z.string(), commit: z.string(), ratePerSecond: z.number(), n: z.number().int() })
        .nullable(),
      notCited: z.string().optional(),
    })
    .nullable()
    .default(null),
  /** Writes, and how many of them failed. Like all fields with a default: absent from older verdicts. */
  writes: z.number().int().nullable().default(null),
  failedWrites: z.number().int().nullable().default(null),
  /**
   * 99 of 100 of these writes succeeded within this time of their schedule; null also when more than 1 in 100 failed.
   */
  writeP99Ms: nullableMs.default(null),
  /**
   * The longest time between two acknowledgements of writes in a row of which the later one is after T0, and where it
   * began. Open: it reached the end of the stream, so it lasted at least so long. Null also when no write was
   * acknowledged.
   */
  writeGapMs: nullableMs.default(null),
  writeGapFromMs: nullableMs.default(null),
  writeGapOpen: z.boolean().default(false),
  /** The same of reads. */
  readGapMs: nullableMs.default(null),
  readGapFromMs: nullableMs.default(null),
  readGapOpen: z.boolean().default(false),
  /** Region → the same of what this region answered. */
  gapsByRegion: z.record(z.string(), z.object({ writeGapMs: nullableMs, readGapMs: nullableMs })).default({}),
  /** Time from T0 on in which some client had waited for longer than `stalledOverMs`. */
  stalledMs: nullableMs.default(null),
  stalledOverMs: nullableMs.default(null),
  requests: z.number().int().nullable(),
  failedRequests: z.number().int().nullable(),
  /** Of the failed, those that were due after recovery: too few for another outage. */
  strayFailures: z.number().int().nullable().default(null),
  droppedArrivals: z.number().int().nullable(),
  /** Region that answered (or "none") → requests and failures. */
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
  /** Stored on some databases and absent from others. */
  divergentWrites: z.number().int().nullable(),
  /** False where the stored data has any defect; null also where there was no invariant to check. */
  invariantsHold: z.boolean().nullable(),
  /** Stores beside the databases, such as Redis: what they lost was not looked for. */
  unauditedStores: z.array(z.string()).default([]),

  dualWritableMs: nullableMs,
  dualWritable: z.array(z.object({ nodes: z.array(z.string()), fromMs: z.number(), toMs: z.number() })),
  /**
   * Reads from T0 on that answered an older version than one acknowledged before they began, and by how much at the
   * worst; by region that answered: `reads` began after an acknowledged write to their account. null: the answers say
   * no versions, so nobody looked.
   */
  staleReads: z.number().int().nullable().default(null),
  worstStaleMs: nullableMs.default(null),
  staleByRegion: z
    .record(z.string(), z.object({ reads: z.number().int(), stale: z.number().int(), worstMs: z.number() }))
    .nullable()
    .default(null),
  /** Of the reads that began after another one of their account (and session) had ended, those that went back. */
  readsAgain: z.number().int().nullable().default(null),
  readsBack: z.number().int().nullable().default(null),
  /**
   * Whether no other database took over from the one that was primary at T0; null if it was not observed. Primary is who
   * had last begun to commit; if another one held the leader key then, neither of the two takes over from the other.
   */
  primaryKept: z.boolean().nullable().default(null),
  /**
   * Which ones did, and the first evidence of each kind: by a new holder of the leader key, by a probe write that it
   * committed.
   */
  takeOvers: z
    .array(z.object({ node: z.string(), atMs: z.number(), how: z.string(), observer: z.string() }))
    .default([]),
  /**
   * How many leaders the DCS elected, from the first fault to the trial's end: those of whom somebody told, and as many as
   * the terms allow. Null where its term was not known before the one, or after the load had ended.
   */
  dcsElections: z.object({ atLeast: z.number().int(), atMost: z.number().int() }).nullable().default(null),

  /**
   * Phases count from here, on the trial's clock: from the request of the fault that took the primary (or a server)
   * away. `recoveredInMs` counts from the first fault, `moments.requestedMs`, which may be earlier.
   */
  phasesFromMs: nullableMs.default(null),
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
