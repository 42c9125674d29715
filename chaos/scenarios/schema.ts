/** What a scenario is: load, faults on a time line, objectives. Pure data; the same shape in TypeScript, YAML and the journal. */
import { z } from 'zod'

/** Fault kinds that the harness can inject. The header of each file in chaos/faults says what the kind models. */
export const faultKinds = ['none', 'kill', 'hang', 'refuse'] as const
export const faultKindSchema = z.enum(faultKinds)
export type FaultKind = z.infer<typeof faultKindSchema>

/** A target by role (`primary`: the one that holds, or whose site holds, the writable database when the trial starts) or by name. */
export const targetSchema = z.discriminatedUnion('scope', [
  z.object({ scope: z.literal('region'), name: z.string() }),
  z.object({ scope: z.literal('zone'), name: z.string() }),
  z.object({ scope: z.literal('node'), name: z.string() }),
  z.object({ scope: z.literal('link'), sites: z.tuple([z.string(), z.string()]) }),
  z.object({ scope: z.literal('nothing') }),
])
export type Target = z.infer<typeof targetSchema>

export const faultSpecSchema = z.object({
  kind: faultKindSchema,
  target: targetSchema,
  /** Offset from the first fault (T0), in milliseconds. */
  atMs: z.number().nonnegative(),
  /** Time from injection to heal, in milliseconds. */
  forMs: z.number().positive(),
})
export type FaultSpec = z.infer<typeof faultSpecSchema>

export const loadSchema = z.object({
  /** Arrivals a second, on a fixed schedule (open model). */
  ratePerSecond: z.number().positive(),
  /** Share of arrivals that write, 0 to 1. */
  writeShare: z.number().min(0).max(1),
  /** A client gives up on a request after this long, in milliseconds. */
  timeoutMs: z.number().positive(),
  /** Virtual users at most; an arrival that finds none free is dropped, and the trial inconclusive. */
  maxVirtualUsers: z.number().int().positive(),
})
export type LoadSpec = z.infer<typeof loadSchema>

export const objectivesSchema = z.object({
  /** RTO: recovered within this many milliseconds of the first fault. */
  recoverWithinMs: z.number().positive().optional(),
  /** RPO in writes: acked writes that may be lost. */
  lostWrites: z.number().int().nonnegative().optional(),
  /** Never two databases accepting writes in the same instant. */
  onePrimary: z.boolean().optional(),
  /** Requests that may fail, from the first fault to the trial's end. */
  failedRequests: z.number().int().nonnegative().optional(),
  /** Slowest successful request, in milliseconds. */
  slowestRequestMs: z.number().positive().optional(),
  /** What "recovered" asks of a 5 s window. */
  window: z.object({
    /** Share of requests that succeed, 0 to 1. */
    successShare: z.number().min(0).max(1),
    /** 99th percentile of the latency from the scheduled time, in milliseconds. */
    p99Ms: z.number().positive(),
  }),
})
export type Objectives = z.infer<typeof objectivesSchema>

export const scenarioSchema = z.object({
  /** Kebab-case name, e.g. `region-kill`. */
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  /** The story in one sentence. */
  title: z.string(),
  tags: z.array(z.string()),
  load: loadSchema,
  /** Steady load before the first fault, in milliseconds. */
  steadyMs: z.number().positive(),
  faults: z.array(faultSpecSchema).min(1),
  /** Load and observation go on for this long after the first fault, in milliseconds. */
  observeMs: z.number().positive(),
  objectives: objectivesSchema,
})
export type Scenario = z.infer<typeof scenarioSchema>
