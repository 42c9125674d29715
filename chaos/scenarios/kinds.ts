/**
 * The fault kinds there are, and what each may be told. The header of each file in chaos/faults says what a kind
 * models.
 */
import { z } from 'zod'
import { longestDelayMs, longestHostName, mostKilobytesPerSecond, mostNames } from './limits.ts'

const phaseMs = z.number().positive().max(longestDelayMs)
/** Toxiproxy takes whole numbers. */
const delayMs = z.number().int().positive().max(longestDelayMs)
const nothingElse = z.strictObject({})

/** Kinds that take a link down as a whole, and that `flap` can therefore switch on and off. */
export const cuttingKinds = ['blackhole', 'hang', 'refuse'] as const

/** Kind → what stands under `with` of a fault of that kind. */
export const kindOptions = {
  none: nothingElse,
  kill: nothingElse,
  pause: nothingElse,
  blackhole: nothingElse,
  'one-way': z.strictObject({
    /** `out`: bytes from the target are lost; `in`: bytes to it. Of a link, the first site is the target. */
    direction: z.enum(['in', 'out']),
  }),
  hang: nothingElse,
  refuse: nothingElse,
  slow: z.strictObject({
    /** Added in each direction, in milliseconds: a round trip takes twice as much longer. */
    latencyMs: delayMs,
  }),
  jitter: z.strictObject({
    /** Each chunk is late by 0 to this many milliseconds, drawn anew, in each direction. */
    jitterMs: delayMs,
  }),
  bandwidth: z.strictObject({
    /** What each connection gets in each direction, in kilobytes per second. */
    kilobytesPerSecond: z.number().int().positive().max(mostKilobytesPerSecond),
  }),
  reset: nothingElse,
  flap: z.strictObject({
    /** What is switched on and off. */
    of: z.enum(cuttingKinds),
    /** Length of a down and of an up phase, in milliseconds. */
    downMs: phaseMs.min(200),
    upMs: phaseMs.min(100),
  }),
  partial: z.strictObject({
    /**
     * The sites that the target is cut off from (by blackhole); it keeps its other links. `primary` and `other` mean
     * the regions.
     */
    from: z.array(z.string().max(longestHostName)).min(1).max(mostNames),
  }),
  drain: nothingElse,
  switchover: z.strictObject({
    /** The database node that takes over, or `other` for one in the other region. */
    to: z.string().max(longestHostName),
  }),
  'disk-full': nothingElse,
  'crash-loop': z.strictObject({
    /** How long the node runs before it dies again, and how long it then stays dead, in milliseconds. */
    upMs: phaseMs.min(100),
    downMs: phaseMs.min(1_000),
  }),
  'cpu-starve': z.strictObject({
    /** What is left of one core to each node of the target, 0.01 to 1. */
    cores: z.number().min(0.01).max(1),
  }),
} as const

export type FaultKind = keyof typeof kindOptions
export const faultKinds = Object.keys(kindOptions) as [FaultKind, ...FaultKind[]]
export const faultKindSchema = z.enum(faultKinds)

/**
 * What a kind can be done to. A region, a site and a zone are nodes, and the first two have links as well. `site`: a
 * region or a site, with all that leads there. `database`: one node. A test holds this to what the kinds themselves
 * refuse.
 */
export const actsOn: Record<FaultKind, 'anything' | 'nodes' | 'links' | 'site' | 'database'> = {
  none: 'anything',
  kill: 'nodes',
  pause: 'nodes',
  drain: 'nodes',
  'disk-full': 'nodes',
  'crash-loop': 'nodes',
  'cpu-starve': 'nodes',
  blackhole: 'links',
  'one-way': 'links',
  hang: 'links',
  refuse: 'links',
  slow: 'links',
  jitter: 'links',
  bandwidth: 'links',
  reset: 'links',
  flap: 'links',
  partial: 'site',
  switchover: 'database',
}
/** What `fault()` takes for a kind beside the times: nothing for most. */
export type OptionsOf<K extends FaultKind> = string extends keyof Options<K> ? Record<never, never> : Options<K>
type Options<K extends FaultKind> = z.infer<(typeof kindOptions)[K]>
