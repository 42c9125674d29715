/**
 * What a scenario is: load, faults on a time line, objectives. Pure data; the same shape in TypeScript, YAML and the
 * journal.
 */
import { z } from 'zod'
import {
  highestRate,
  longestDelayMs,
  longestMs,
  longestName,
  longestTitle,
  mostFaults,
  mostRequests,
  mostSurges,
  mostTags,
  mostTimes,
  mostVirtualUsers,
  shortestSurgeMs,
} from '../limits.ts'
import { targetSchema } from '../topology/target.ts'
import { type FaultKind, faultKinds, faultNamed, type IsPlain, type ToldTo } from './kinds.ts'

export { type Target, targetSchema } from '../topology/target.ts'
export { type FaultKind, faultKindSchema, faultKinds, type OptionsOf } from './kinds.ts'

const lengthMs = z.number().positive().max(longestMs)
const requests = z.number().int().nonnegative().max(mostRequests)

/** What all faults have, whatever their kind. */
export const whenSchema = z.strictObject({
  target: targetSchema,
  /** Offset from the first fault (T0), in milliseconds. */
  atMs: z.number().nonnegative().max(longestMs).default(0),
  /** Time from injection to heal, in milliseconds. */
  forMs: lengthMs,
  /** Whether roles in the target mean those of the trial's start, or those of the moment when the fault is due. */
  resolve: z.enum(['start', 'due']).default('start'),
})
type When = z.infer<typeof whenSchema>

export type SpecOf<K extends FaultKind> = {
  [Each in K]: When & { kind: Each } & (IsPlain<Each> extends true
      ? { with?: Record<string, never> | undefined }
      : { with: ToldTo<Each> })
}[K]
export type FaultSpec = SpecOf<FaultKind>

const specs = faultKinds.map((kind) => {
  const { options } = faultNamed(kind)
  const isPlain = Object.keys(options.shape).length === 0
  return z.strictObject({ kind: z.literal(kind), ...whenSchema.shape, with: isPlain ? options.optional() : options })
})
/** One alternative a kind, chosen by `kind`. Its types are those above, since mapping a list loses them. */
export const faultSpecSchema = z.discriminatedUnion('kind', specs as [(typeof specs)[number]]) as unknown as z.ZodType<
  FaultSpec,
  z.input<typeof whenSchema> & { kind: FaultKind; with?: unknown }
>

export const loadSchema = z.strictObject({
  /** Arrivals a second, on a fixed schedule (open model). */
  ratePerSecond: z.number().int().positive().max(highestRate).default(40),
  /** Share of arrivals that write, 0 to 1. */
  writeShare: z.number().min(0).max(1).default(0.5),
  /** A client gives up on a request after this long, in milliseconds. */
  timeoutMs: z.number().positive().max(longestDelayMs).default(5_000),
  /**
   * Virtual users at most; an arrival that finds none free is dropped, and the trial inconclusive. When nothing
   * answers, all arrivals of one client time-out are under way at the same time: 200, with the defaults.
   */
  maxVirtualUsers: z.number().int().positive().max(mostVirtualUsers).default(300),
  /** More arrivals for a while, `times` as many. They count from the first fault, as the faults do; in order. */
  surges: z
    .array(
      z.strictObject({
        atMs: z.number().nonnegative().max(longestMs),
        forMs: z.number().min(shortestSurgeMs).max(longestMs),
        times: z.number().gt(1).max(mostTimes),
      }),
    )
    .min(1)
    .max(mostSurges)
    .optional(),
})
export type LoadSpec = z.infer<typeof loadSchema>
export type SurgeSpec = NonNullable<LoadSpec['surges']>[number]

export const objectivesSchema = z.strictObject({
  /** RTO: recovered within this many milliseconds of the first fault. */
  recoverWithinMs: lengthMs.optional(),
  /** Recovered within this many milliseconds of the last heal's request, whatever happened before it. */
  recoverAfterHealMs: lengthMs.optional(),
  /** RPO in writes: acked writes that may be lost. */
  lostWrites: requests.optional(),
  /** Never two databases accepting writes in the same instant. */
  onePrimary: z.boolean().optional(),
  /** Requests that may fail, from the first fault to the trial's end. */
  failedRequests: requests.optional(),
  /** The same of reads alone: writes may fail. */
  failedReads: requests.optional(),
  /** Slowest successful request, in milliseconds. */
  slowestRequestMs: lengthMs.optional(),
  /**
   * 99 of 100 writes from the first fault to the trial's end succeed within this many milliseconds of their scheduled
   * time.
   */
  writeP99Ms: lengthMs.optional(),
  /** The longest that no write may be acknowledged, in milliseconds: a stop that every write waits out, too. */
  writeGapMs: lengthMs.optional(),
  /** The same of reads. */
  readGapMs: lengthMs.optional(),
  /** Time in which some client has waited for longer than `window.stalledOverMs`, at most, in milliseconds. */
  stalledMs: z.number().nonnegative().max(longestMs).optional(),
  /** No other database may take over: what the fault takes away is not worth a failover. */
  samePrimary: z.boolean().optional(),
  /** How often another database may take over from the one before, from the first fault to the trial's end. */
  takeOvers: requests.optional(),
  /** How often the DCS may elect a leader, from the first fault to the trial's end. */
  dcsElections: requests.optional(),
  /** How stale a read may be, in milliseconds: 0 for not at all. */
  staleReadMs: z.number().nonnegative().max(longestMs).optional(),
  /** No client may see an account go back to an older version. */
  monotonicReads: z.boolean().optional(),
  /**
   * What "recovered" asks of a 5 s window. Two seconds is what a client of the reference stack may have to wait while a
   * region comes or goes.
   */
  window: z
    .strictObject({
      /** Share of requests that succeed, 0 to 1. */
      successShare: z.number().min(0).max(1).default(0.999),
      /** 99th percentile of the latency from the scheduled time, in milliseconds. */
      p99Ms: lengthMs.default(2_000),
      /** A client that waits for longer than this, in milliseconds, is stalled. */
      stalledOverMs: lengthMs.default(1_000),
    })
    .prefault({}),
})
export type Objectives = z.infer<typeof objectivesSchema>

export const scenarioSchema = z.strictObject({
  /** Kebab-case name, e.g. `region-kill`. A run's folder is called by it, which bounds its length. */
  name: z
    .string()
    .max(longestName)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  /** The story in one sentence. */
  title: z.string().max(longestTitle),
  /** Tags to choose scenarios by; `smoke`, `core` and `full` put it into the suites of these names. */
  tags: z.array(z.string().max(longestName)).max(mostTags).default([]),
  load: loadSchema.prefault({}),
  /** Steady load before the first fault, in milliseconds. */
  steadyMs: lengthMs.default(5_000),
  faults: z.array(faultSpecSchema).min(1).max(mostFaults),
  /** Load and observation go on for this long after the first fault, in milliseconds. */
  observeMs: lengthMs,
  objectives: objectivesSchema,
})
export type Scenario = z.infer<typeof scenarioSchema>
