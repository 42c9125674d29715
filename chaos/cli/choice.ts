/**
 * What "run" is to run: scenarios by name, or by suite or tag, all of them or one shard. Apart from running them, so that
 * a mistake is told without loading all that a trial needs.
 */
import { UsageError } from '../errors.ts'
import { longestName } from '../limits.ts'
import type { SuitePlan } from '../run/suite.ts'
import { scenarios as builtIn } from '../scenarios/library/index.ts'
import type { Scenario } from '../scenarios/schema.ts'
import { checkAllowedSkips, checkNamesDiffer, parseShard, selectScenarios, shardOf } from '../scenarios/select.ts'

export interface ChoiceOptions {
  suite?: string | undefined
  tag?: string[] | undefined
  shard?: string | undefined
  bail: boolean
  allowSkip?: string[] | undefined
}

type Load = (nameOrPath: string) => Promise<Scenario>
export type Chosen = { scenario: Scenario } | ChosenSuite
export interface ChosenSuite extends Pick<SuitePlan, 'name' | 'shard' | 'allowedSkips'> {
  /** Of all parts. */
  scenarios: readonly Scenario[]
  /** One by one: then each of them must apply to the world. */
  byName: boolean
}

/** What the command line means. @throws UsageError before anything is touched */
export async function choose(
  names: string[],
  { suite, tag = [], shard, bail, allowSkip = [] }: ChoiceOptions,
  load: Load,
): Promise<Chosen> {
  const byTag = suite !== undefined || tag.length > 0
  if (names.length > 0 && byTag) {
    throw new UsageError(
      `scenarios by name (${names.join(', ')}) and ${suite === undefined ? '--tag' : '--suite'} cannot be combined: give one or the other`,
    )
  }
  if (names.length === 0 && !byTag) {
    throw new UsageError(
      'nothing to run: name a scenario, or a suite (--suite smoke, core or full), or a tag (--tag); "npx blackstart list" shows what there is',
    )
  }
  const wanted = shard === undefined ? null : parseShard(shard)
  const scenarios = byTag ? selectScenarios(builtIn, { suite, tags: tag }) : await Promise.all(names.map(load))
  checkNamesDiffer(scenarios)
  checkAllowedSkips(allowSkip, [...builtIn, ...scenarios.filter((scenario) => !builtIn.includes(scenario))])
  const [first] = scenarios
  if (!byTag && scenarios.length === 1 && first) {
    const forSuites = [wanted && '--shard', bail && '--bail', allowSkip.length > 0 && '--allow-skip'].filter(
      (option) => typeof option === 'string',
    )
    if (forSuites.length > 0) {
      const given = `${forSuites.join(' and ')} ${forSuites.length === 1 ? 'is' : 'are'}`
      throw new UsageError(
        `${given} for several scenarios, and only ${first.name} is chosen: leave it out, or choose a suite (--suite, --tag)`,
      )
    }
    return { scenario: first }
  }
  const name = byTag
    ? [...(suite === undefined ? [] : [suite]), ...tag]
        .join('-')
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, longestName)
    : 'named'
  // An empty part is refused before anything is brought up.
  if (wanted) shardOf(scenarios, wanted)
  return { name, scenarios, shard: wanted, allowedSkips: allowSkip, byName: !byTag }
}
