/** Words to write a scenario with. */
import { scenarioSchema, type FaultKind, type FaultSpec, type Objectives, type Scenario, type Target } from './schema.ts'
import type { z } from 'zod'

/** A region, by name or by the role of its database. */
export function region(name: 'primary' | (string & {})): Target {
  return { scope: 'region', name }
}
/** A zone, "east/a", or the one the primary stands in. */
export function zone(name: 'primary' | (string & {})): Target {
  return { scope: 'zone', name }
}
/** A node by its Compose service name, or the primary database. */
export function node(name: 'primary' | (string & {})): Target {
  return { scope: 'node', name }
}
/** The link between two sites. */
export function link(a: string, b: string): Target {
  return { scope: 'link', sites: [a, b] }
}
export const nothing: Target = { scope: 'nothing' }

/** A fault on the time line. Times in seconds: a story is read in seconds. */
export function fault(kind: FaultKind, target: Target, { at = 0, lasting }: { at?: number; lasting: number }): FaultSpec {
  return { kind, target, atMs: at * 1000, forMs: lasting * 1000 }
}

const defaults = {
  load: { ratePerSecond: 40, writeShare: 0.5, timeoutMs: 5_000, maxVirtualUsers: 200 },
  steadyMs: 5_000,
  // Two seconds is what a client of this stack may have to wait while a region comes or goes; more is an outage to it.
  window: { successShare: 0.999, p99Ms: 2_000 },
}

export interface Story {
  name: string
  title: string
  tags?: string[]
  load?: Partial<Scenario['load']>
  faults: FaultSpec[]
  /** Seconds of observation after the first fault. */
  observe: number
  objectives: Omit<Objectives, 'window'> & { window?: Objectives['window'] }
}

/** Completes a story with the defaults and checks it. */
export function scenario(story: Story): Scenario {
  const complete: z.input<typeof scenarioSchema> = {
    name: story.name, title: story.title, tags: story.tags ?? [],
    load: { ...defaults.load, ...story.load }, steadyMs: defaults.steadyMs,
    faults: story.faults, observeMs: story.observe * 1000,
    objectives: { window: defaults.window, ...story.objectives },
  }
  return scenarioSchema.parse(complete)
}
