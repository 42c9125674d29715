/** Functions to write a scenario with. */
import type { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { MemberRole, ZoneRole } from '../topology/target.ts'
import { pathWords } from '../yaml/shape.ts'
import type { FaultKind, OptionsOf } from './kinds.ts'
import { type Names, referenceWorld } from './reference.ts'
import {
  type FaultSpec,
  faultSpecSchema,
  type Objectives,
  type Scenario,
  type SpecOf,
  type SurgeSpec,
  scenarioSchema,
  type Target,
} from './schema.ts'
import { senselessIn } from './sense.ts'

type RegionRole = 'primary' | 'other'
/** "east-west" → either order of its two sites. Site names of a typed world hold no "-". */
type Ends<Link extends string> = Link extends `${infer A}-${infer B}` ? [A, B] | [B, A] : never
/** A link to a region by role leads from it to another site, or between both. */
type RoleEnds<N extends Names> =
  | [RegionRole, N['sites'][number]]
  | [N['sites'][number], RegionRole]
  | [RegionRole, RegionRole]

/**
 * The words for one world: a name that it does not have is a type error. For your own stack, call it with your own
 * names, `words({ regions: ['paris', 'rome'], … } as const)`.
 */
export function words<const N extends Names>(_names: N) {
  return {
    /** A region, by name or by the role of its database. */
    region: (name: RegionRole | N['regions'][number]): Target => ({ scope: 'region', name }),
    /** Any site by name: a region, the witness, the edge. */
    site: (name: N['sites'][number]): Target => ({ scope: 'site', name }),
    /** A zone, "east/a"; the primary's, the first other one of its region, or the first of the other region. */
    zone: (name: ZoneRole | N['zones'][number]): Target => ({ scope: 'zone', name }),
    /** A node by its Compose service name, or the primary database. */
    node: (name: 'primary' | N['nodes'][number]): Target => ({ scope: 'node', name }),
    nodes: (...names: N['nodes'][number][]): Target => ({ scope: 'nodes', names }),
    /** All nodes of a role, or those of one region: `all('dcs', 'primary')`. */
    all: (role: MemberRole, region?: RegionRole | N['regions'][number]): Target => ({
      scope: 'all',
      role,
      ...(region !== undefined && { region }),
    }),
    /** The link between two sites, in the order that matters to a one-way fault. */
    link: (...sites: Ends<N['links'][number]> | RoleEnds<N>): Target => ({ scope: 'link', sites }),
    /** The router that clients enter by, or one by name. */
    router: (name: 'active' | N['nodes'][number]): Target => ({ scope: 'router', name }),
  }
}
export const { region, site, zone, node, nodes, all, link, router } = words(referenceWorld)
/** All databases that are not the primary. */
export const standbys: Target = { scope: 'standbys', which: 'all' }
/** One database that is not the primary, in the other region. */
export const oneStandby: Target = { scope: 'standbys', which: 'one' }
/** The DCS member that leads. */
export const dcsLeader: Target = { scope: 'dcsLeader' }
export const nothing: Target = { scope: 'nothing' }

/**
 * Seconds: a story is read in seconds. `resolve: 'due'` looks roles up when the fault is due instead of at the trial's
 * start.
 */
interface When {
  at?: number
  lasting: number
  resolve?: 'start' | 'due'
}

/**
 * A fault on the time line, with the options of its kind: `fault('slow', link('east', 'west'), { lasting: 20,
 * latencyMs: 80 })`.
 */
export function fault<K extends FaultKind>(
  kind: K,
  target: Target,
  { at = 0, lasting, resolve = 'start', ...options }: When & OptionsOf<K>,
): SpecOf<K> {
  return faultSpecSchema.parse({
    kind,
    target,
    atMs: at * 1000,
    forMs: lasting * 1000,
    resolve,
    ...(Object.keys(options).length > 0 && { with: options }),
  }) as SpecOf<K>
}

/**
 * More requests for a while, in seconds from the first fault: `load: { surges: [surge({ at: 15, lasting: 10, times: 2 })]
 * }`.
 */
export function surge({ at = 0, lasting, times }: Omit<When, 'resolve'> & { times: number }): SurgeSpec {
  return { atMs: at * 1000, forMs: lasting * 1000, times }
}

/** Drains of one node after the other, the next one `every` seconds after the one before. */
export function rolling(
  names: Parameters<typeof nodes>,
  { every, lasting }: { every: number; lasting: number },
): SpecOf<'drain'>[] {
  return names.map((name, index) => fault('drain', node(name), { at: index * every, lasting }))
}

type Input = z.input<typeof scenarioSchema>

export interface Story extends Pick<Input, 'name' | 'title' | 'tags' | 'load'> {
  faults: FaultSpec[]
  /** Seconds of observation after the first fault. */
  observe: number
  objectives: Omit<Objectives, 'window'> & Pick<Input['objectives'], 'window'>
}

/**
 * Completes a story with the defaults and checks it. @throws ZodError for what does not fit the schema, UsageError for
 * what cannot be together
 */
export function scenario({ observe, ...story }: Story): Scenario {
  const complete = scenarioSchema.parse({ ...story, observeMs: observe * 1000 })
  const problems = senselessIn(complete)
  if (problems.length > 0)
    throw new UsageError(problems.map(({ path, message }) => `${pathWords(path)}: ${message}`).join('\n'))
  return complete
}
