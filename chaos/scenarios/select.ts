/**
 * Chooses scenarios by suite, tags and shard. Pure: the same words choose the same scenarios on every machine of a
 * pipeline.
 */
import { UsageError, withNearest } from '../errors.ts'
import type { Scenario } from './schema.ts'

/** `smoke` for every push, `core` for every merge, `full` for every night. */
export const suiteNames = ['smoke', 'core', 'full'] as const
export type SuiteName = (typeof suiteNames)[number]

/**
 * What a trial takes beside its own time line: warm-up, proofs, redundancy, the audit. Measured on two cores; only the
 * proportions matter here.
 */
const overheadMs = 15_000

export interface Selection {
  suite?: string | undefined
  /** A scenario with any of these is chosen. Together with a suite: those of the suite. */
  tags?: readonly string[] | undefined
}

/**
 * The scenarios of a suite, of some tags, or of both, in the order of the list.
 * @throws UsageError for an unknown suite or tag, with the nearest one, and when nothing is chosen
 */
export function selectScenarios(all: readonly Scenario[], { suite, tags = [] }: Selection): Scenario[] {
  if (suite !== undefined && !suiteNames.some((name) => name === suite))
    throw new UsageError(unknown('suite', suite, suiteNames))
  const known = [...new Set(all.flatMap((scenario) => scenario.tags))].toSorted()
  for (const tag of tags) if (!known.includes(tag)) throw new UsageError(unknown('tag', tag, known))
  const chosen = all.filter(
    (scenario) => inSuite(scenario, suite) && (tags.length === 0 || tags.some((tag) => scenario.tags.includes(tag))),
  )
  if (chosen.length === 0) {
    const meant = [
      ...(suite === undefined ? [] : [`in the suite "${suite}"`]),
      ...(tags.length === 0 ? [] : [`tagged ${tags.map((tag) => `"${tag}"`).join(' or ')}`]),
    ]
    throw new UsageError(
      `no scenario is ${meant.join(' and ')}: "npx blackstart list --json" shows every scenario's tags`,
    )
  }
  return chosen
}

function inSuite(scenario: Scenario, suite: string | undefined): boolean {
  return suite === undefined || suite === 'full' || scenario.tags.includes(suite)
}

function unknown(noun: string, given: string, valid: readonly string[]): string {
  return withNearest(`there is no ${noun} "${given}"`, given, valid)
}

/** @throws UsageError when two scenarios have one name: results, run folders and seeds go by it */
export function checkNamesDiffer(scenarios: readonly Scenario[]): void {
  const twice = scenarios.find(
    (scenario, index) => scenarios.findIndex((other) => other.name === scenario.name) !== index,
  )
  if (twice)
    throw new UsageError(
      `the scenario "${twice.name}" is chosen twice: name it once, and give --trials 2 to run it twice`,
    )
}

/** @throws UsageError for a name that no scenario has: a misspelt name would allow nothing, and no one would notice */
export function checkAllowedSkips(names: readonly string[], scenarios: readonly Scenario[]): void {
  const known = scenarios.map((scenario) => scenario.name)
  for (const name of names)
    if (!known.includes(name)) throw new UsageError(`--allow-skip: ${unknown('scenario', name, known)}`)
}

/** The `index`-th (from 1) of `of` parts. */
export interface Shard {
  index: number
  of: number
}

/** @throws UsageError unless it reads like "2/5" */
export function parseShard(text: string): Shard {
  const [, index, of] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number)
  if (index === undefined || of === undefined)
    throw new UsageError(`--shard ${text}: expected which part of how many, such as 2/5`)
  if (of < 1 || index < 1 || index > of)
    throw new UsageError(
      `--shard ${text}: ${of < 1 ? 'there must be at least one part' : `the parts are 1/${of} to ${of}/${of}`}`,
    )
  return { index, of }
}

/** How long one trial is expected to take, in milliseconds. */
export function expectedMs(scenario: Scenario): number {
  return scenario.steadyMs + scenario.observeMs + overheadMs
}

/**
 * One part of the scenarios, in the list's order. All parts together are the whole, without overlap, and take about
 * equally long: the longest scenario left goes to the part with the least to do ("longest processing time first", R. L.
 * Graham, Bounds on Multiprocessing Timing Anomalies, 1969: at most 4/3 of the best possible).
 * @throws UsageError when the part is empty: a job that measures nothing must not be green
 */
export function shardOf(scenarios: readonly Scenario[], { index, of }: Shard): Scenario[] {
  const parts = Array.from({ length: of }, () => ({ ms: 0, names: new Set<string>() }))
  // By name where two take equally long, so that the list's order decides nothing.
  const longestFirst = scenarios.toSorted((a, b) => expectedMs(b) - expectedMs(a) || (a.name < b.name ? -1 : 1))
  for (const scenario of longestFirst) {
    const idle = parts.reduce((least, part) => (part.ms < least.ms ? part : least))
    idle.ms += expectedMs(scenario)
    idle.names.add(scenario.name)
  }
  const mine = scenarios.filter((scenario) => parts[index - 1]?.names.has(scenario.name))
  if (mine.length === 0) {
    const chosen = scenarios.length === 1 ? 'one scenario is' : `${scenarios.length} scenarios are`
    throw new UsageError(`--shard ${index}/${of} is empty: ${chosen} chosen, so use at most ${scenarios.length} shards`)
  }
  return mine
}
