/** What a scenario is: load, faults on a time line, objectives. Pure data; the same shape in TypeScript, YAML and the journal. */
import { z } from 'zod'
import { kindOptions, type FaultKind } from './kinds.ts'

export { faultKinds, faultKindSchema, type FaultKind, type OptionsOf } from './kinds.ts'

/**
 * A target by role or by name. `primary` is the database that accepts writes, or what it stands in; `other` is the region that the
 * primary does not stand in. A fault says when its roles are looked up (`resolve`).
 */
export const targetSchema = z.discriminatedUnion('scope', [
  /** A region: all its nodes, or all its links. `primary`, `other` or a name. */
  z.strictObject({ scope: z.literal('region'), name: z.string() }),
  /** Any site by name: a region, the witness, the edge. */
  z.strictObject({ scope: z.literal('site'), name: z.string() }),
  /** `primary` or "east/a". */
  z.strictObject({ scope: z.literal('zone'), name: z.string() }),
  /** `primary` or a Compose service name. */
  z.strictObject({ scope: z.literal('node'), name: z.string() }),
  z.strictObject({ scope: z.literal('nodes'), names: z.array(z.string()).min(1) }),
  /** Database nodes that are not the primary: all of them, or one in the other region. */
  z.strictObject({ scope: z.literal('standbys'), which: z.enum(['all', 'one']) }),
  /** The DCS member that leads. */
  z.strictObject({ scope: z.literal('dcsLeader') }),
  /** The global router that clients enter by (`active`), or one by name. */
  z.strictObject({ scope: z.literal('router'), name: z.string() }),
  /** The link between two sites; `primary` and `other` mean the regions. */
  z.strictObject({ scope: z.literal('link'), sites: z.tuple([z.string(), z.string()]) }),
  z.strictObject({ scope: z.literal('nothing') }),
])
export type Target = z.infer<typeof targetSchema>

const when = {
  target: targetSchema,
  /** Offset from the first fault (T0), in milliseconds. */
  atMs: z.number().nonnegative().default(0),
  /** Time from injection to heal, in milliseconds. */
  forMs: z.number().positive(),
  /** Whether roles in the target mean those of the trial's start, or those of the moment when the fault is due. */
  resolve: z.enum(['start', 'due']).default('start'),
}
const spec = <K extends FaultKind>(kind: K) => z.strictObject({ kind: z.literal(kind), ...when, with: kindOptions[kind] })
/** Kinds that need not be told anything. */
const plain = <K extends FaultKind>(kind: K) => z.strictObject({ kind: z.literal(kind), ...when, with: kindOptions[kind].optional() })

export const faultSpecSchema = z.discriminatedUnion('kind', [
  plain('none'), plain('kill'), plain('pause'), plain('blackhole'), spec('one-way'), plain('hang'), plain('refuse'),
  spec('slow'), spec('jitter'), spec('bandwidth'), plain('reset'), spec('flap'), spec('partial'),
  plain('drain'), spec('switchover'), plain('disk-full'), spec('crash-loop'), spec('cpu-starve'),
])
export type FaultSpec = z.infer<typeof faultSpecSchema>
export type SpecOf<K extends FaultKind> = Extract<FaultSpec, { kind: K }>

export const loadSchema = z.strictObject({
  /** Arrivals a second, on a fixed schedule (open model). */
  ratePerSecond: z.number().positive().default(40),
  /** Share of arrivals that write, 0 to 1. */
  writeShare: z.number().min(0).max(1).default(0.5),
  /** A client gives up on a request after this long, in milliseconds. */
  timeoutMs: z.number().positive().default(5_000),
  /**
   * Virtual users at most; an arrival that finds none free is dropped, and the trial inconclusive. When nobody answers, a client's
   * patience of arrivals is under way at once: 200, with the defaults.
   */
  maxVirtualUsers: z.number().int().positive().default(300),
})
export type LoadSpec = z.infer<typeof loadSchema>

export const objectivesSchema = z.strictObject({
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
  /** 99 of 100 writes from the first fault to the trial's end succeed within this many milliseconds of their scheduled time. */
  writeP99Ms: z.number().positive().optional(),
  /** No other database may take over: what the fault takes away is not worth a failover. */
  samePrimary: z.boolean().optional(),
  /** What "recovered" asks of a 5 s window. Two seconds is what a client of the reference stack may have to wait while a region comes or goes. */
  window: z.strictObject({
    /** Share of requests that succeed, 0 to 1. */
    successShare: z.number().min(0).max(1).default(0.999),
    /** 99th percentile of the latency from the scheduled time, in milliseconds. */
    p99Ms: z.number().positive().default(2_000),
  }).prefault({}),
})
export type Objectives = z.infer<typeof objectivesSchema>

/** Characters of a scenario's name: file systems take 255 bytes, and the folder's name has the time and a number as well. */
export const nameLimit = 100

export const scenarioSchema = z.strictObject({
  /** Kebab-case name, e.g. `region-kill`. A run's folder is called by it, which bounds its length. */
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/).max(nameLimit),
  /** The story in one sentence. */
  title: z.string(),
  /** To choose by; `smoke`, `core` and `full` put it into the suites of these names. */
  tags: z.array(z.string()).default([]),
  load: loadSchema.prefault({}),
  /** Steady load before the first fault, in milliseconds. */
  steadyMs: z.number().positive().default(5_000),
  faults: z.array(faultSpecSchema).min(1),
  /** Load and observation go on for this long after the first fault, in milliseconds. */
  observeMs: z.number().positive(),
  objectives: objectivesSchema,
})
export type Scenario = z.infer<typeof scenarioSchema>
