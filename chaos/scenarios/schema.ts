/**
 * What a scenario is: load, faults on a time line, objectives. Pure data; the same shape in TypeScript, YAML and the
 * journal.
 */
import { z } from 'zod'
import { kindOptions, type FaultKind } from './kinds.ts'
import {
  highestRate,
  longestDelayMs,
  longestHostName,
  longestMs,
  longestName,
  longestTitle,
  mostFaults,
  mostNames,
  mostRequests,
  mostTags,
  mostVirtualUsers,
} from './limits.ts'

export { faultKinds, faultKindSchema, type FaultKind, type OptionsOf } from './kinds.ts'

/** Of a node, a site or a region. */
const hostName = z.string().max(longestHostName)
const lengthMs = z.number().positive().max(longestMs)
const requests = z.number().int().nonnegative().max(mostRequests)

/**
 * A target by role or by name. `primary` is the database that accepts writes, or what it stands in; `other` is the
 * region that the primary does not stand in. A fault says when its roles are looked up (`resolve`).
 */
export const targetSchema = z.discriminatedUnion('scope', [
  /** A region: all its nodes, or all its links. `primary`, `other` or a name. */
  z.strictObject({ scope: z.literal('region'), name: hostName }),
  /** Any site by name: a region, the witness, the edge. */
  z.strictObject({ scope: z.literal('site'), name: hostName }),
  /** `primary` or "east/a". */
  z.strictObject({ scope: z.literal('zone'), name: hostName }),
  /** `primary` or a Compose service name. */
  z.strictObject({ scope: z.literal('node'), name: hostName }),
  z.strictObject({ scope: z.literal('nodes'), names: z.array(hostName).min(1).max(mostNames) }),
  /** Database nodes that are not the primary: all of them, or one in the other region. */
  z.strictObject({ scope: z.literal('standbys'), which: z.enum(['all', 'one']) }),
  /** The DCS member that leads. */
  z.strictObject({ scope: z.literal('dcsLeader') }),
  /** The global router that clients enter by (`active`), or one by name. */
  z.strictObject({ scope: z.literal('router'), name: hostName }),
  /** The link between two sites; `primary` and `other` mean the regions. */
  z.strictObject({ scope: z.literal('link'), sites: z.tuple([hostName, hostName]) }),
  z.strictObject({ scope: z.literal('nothing') }),
])
export type Target = z.infer<typeof targetSchema>

const when = {
  target: targetSchema,
  /** Offset from the first fault (T0), in milliseconds. */
  atMs: z.number().nonnegative().max(longestMs).default(0),
  /** Time from injection to heal, in milliseconds. */
  forMs: lengthMs,
  /** Whether roles in the target mean those of the trial's start, or those of the moment when the fault is due. */
  resolve: z.enum(['start', 'due']).default('start'),
}
const spec = <K extends FaultKind>(kind: K) =>
  z.strictObject({ kind: z.literal(kind), ...when, with: kindOptions[kind] })
/** Kinds that need not be told anything. */
const plain = <K extends FaultKind>(kind: K) =>
  z.strictObject({ kind: z.literal(kind), ...when, with: kindOptions[kind].optional() })

export const faultSpecSchema = z.discriminatedUnion('kind', [
  plain('none'),
  plain('kill'),
  plain('pause'),
  plain('blackhole'),
  spec('one-way'),
  plain('hang'),
  plain('refuse'),
  spec('slow'),
  spec('jitter'),
  spec('bandwidth'),
  plain('reset'),
  spec('flap'),
  spec('partial'),
  plain('drain'),
  spec('switchover'),
  plain('disk-full'),
  spec('crash-loop'),
  spec('cpu-starve'),
])
export type FaultSpec = z.infer<typeof faultSpecSchema>
export type SpecOf<K extends FaultKind> = Extract<FaultSpec, { kind: K }>

export const loadSchema = z.strictObject({
  /** Arrivals a second, on a fixed schedule (open model). */
  ratePerSecond: z.number().int().positive().max(highestRate).default(40),
  /** Share of arrivals that write, 0 to 1. */
  writeShare: z.number().min(0).max(1).default(0.5),
  /** A client gives up on a request after this long, in milliseconds. */
  timeoutMs: z.number().positive().max(longestDelayMs).default(5_000),
  /**
   * Virtual users at most; an arrival that finds none free is dropped, and the trial inconclusive. When nobody answers,
   * a client's patience of arrivals is under way at once: 200, with the defaults.
   */
  maxVirtualUsers: z.number().int().positive().max(mostVirtualUsers).default(300),
})
export type LoadSpec = z.infer<typeof loadSchema>

export const objectivesSchema = z.strictObject({
  /** RTO: recovered within this many milliseconds of the first fault. */
  recoverWithinMs: lengthMs.optional(),
  /** RPO in writes: acked writes that may be lost. */
  lostWrites: requests.optional(),
  /** Never two databases accepting writes in the same instant. */
  onePrimary: z.boolean().optional(),
  /** Requests that may fail, from the first fault to the trial's end. */
  failedRequests: requests.optional(),
  /** Slowest successful request, in milliseconds. */
  slowestRequestMs: lengthMs.optional(),
  /**
   * 99 of 100 writes from the first fault to the trial's end succeed within this many milliseconds of their scheduled
   * time.
   */
  writeP99Ms: lengthMs.optional(),
  /** No other database may take over: what the fault takes away is not worth a failover. */
  samePrimary: z.boolean().optional(),
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
  /** To choose by; `smoke`, `core` and `full` put it into the suites of these names. */
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
