/** run, for several scenarios in one world: chosen by name, suite or tag, all of them or one shard. */

import { basename } from 'node:path'
import type { Engine } from '../engine/engine.ts'
import { UsageError } from '../errors.ts'
import { inapplicableResult } from '../judge/suite.ts'
import { longestName } from '../limits.ts'
import { inapplicableWords } from '../report/suite-wording.ts'
import { executeTrial } from '../run/execute.ts'
import { createRunFolder } from '../run/folder.ts'
import { resetWorld } from '../run/reset.ts'
import { runSuite, type SuiteEffects, type SuitePlan } from '../run/suite.ts'
import { writeSuite } from '../run/suite-files.ts'
import { allApplying, byApplicability } from '../scenarios/applies.ts'
import { scenarios as builtIn } from '../scenarios/library/index.ts'
import type { Scenario } from '../scenarios/schema.ts'
import { checkAllowedSkips, checkNamesDiffer, parseShard, selectScenarios, shardOf } from '../scenarios/select.ts'
import type { Topology } from '../topology/topology.ts'
import { plannedWorld } from '../world/planned.ts'
import { filesGiven } from '../world/settings.ts'
import { say, showTrial } from './output.ts'
import { suiteWatcher, tellSuite } from './suite-output.ts'
import { bringUp, inWorld, runTrials, type TrialsOptions, takeDown, tellUnhealed } from './trials.ts'

export interface RunOptions extends Omit<TrialsOptions, 'scenario'> {
  suite?: string | undefined
  tag?: string[] | undefined
  shard?: string | undefined
  bail: boolean
  allowSkip?: string[] | undefined
}

type Load = (nameOrPath: string) => Promise<Scenario>
type Chosen = { scenario: Scenario } | ChosenSuite
interface ChosenSuite extends Pick<SuitePlan, 'name' | 'shard' | 'allowedSkips'> {
  /** Of all parts. */
  scenarios: readonly Scenario[]
  /** One by one: then each of them must apply to the world. */
  byName: boolean
}

/**
 * Runs what was chosen and returns the exit status. One scenario by its name is run by itself; everything else is a
 * suite.
 */
export async function runChosen(names: string[], options: RunOptions, load: Load): Promise<number> {
  const chosen = await choose(names, options, load)
  if ('scenario' in chosen) await refuseBeforehand([chosen.scenario], options)
  else if (chosen.byName) await refuseBeforehand(chosen.scenarios, options)
  return 'scenario' in chosen ? runTrials({ ...options, ...chosen }) : runChosenSuite(chosen, options)
}

/** What the command line means. @throws UsageError before anything is touched */
async function choose(
  names: string[],
  { suite, tag = [], shard, bail, allowSkip = [] }: RunOptions,
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

/** Before a world is brought up for nothing. Where its files cannot be read yet, the world itself tells, once it is up. */
async function refuseBeforehand(scenarios: readonly Scenario[], { world, files }: RunOptions): Promise<void> {
  const planned = await plannedWorld(world, files).catch(() => undefined)
  if (planned) allApplying(scenarios, planned.topology)
}

/** What of a suite can be run in a world. @throws UsageError when nothing of it can, or a scenario that was named cannot */
function fitted(
  { byName, scenarios, ...chosen }: ChosenSuite,
  topology: Topology,
  startedAt: Date,
): Pick<SuitePlan, 'name' | 'scenarios' | 'shard' | 'allowedSkips' | 'inapplicable'> {
  const { apply, others } = byApplicability(scenarios, topology)
  if (byName || apply.length === 0) allApplying(scenarios, topology)
  const inapplicable = scenarios.flatMap((scenario) => {
    const reason = others.get(scenario.name)
    return reason === undefined ? [] : [inapplicableResult(scenario, { startedAt, reason })]
  })
  const { shard } = chosen
  return {
    ...chosen,
    scenarios: shard ? shardOf(apply, shard) : apply,
    // One part tells it for all.
    inapplicable: shard === null || shard.index === 1 ? inapplicable : [],
  }
}

function runChosenSuite(chosen: ChosenSuite, options: RunOptions): Promise<number> {
  const { world, json } = options
  return inWorld(options, async ({ engine, signal, stays }) => {
    await bringUp(engine, world, { files: options.files, signal })
    const startedAt = new Date()
    const fits = fitted(chosen, await engine.topology(world), startedAt)
    for (const result of fits.inapplicable ?? []) say(inapplicableWords(result))
    const folder = createRunFolder(`suite-${chosen.name}`, startedAt, { ofTrial: false })
    const plan: SuitePlan = {
      ...fits,
      world,
      startedAt,
      trials: options.trials,
      seed: options.seed,
      bail: options.bail,
    }
    const { suite, told } = await runSuite(plan, effectsOn(engine, world, signal), {
      signal,
      watch: suiteWatcher({ plan, folder, json }),
    })
    writeSuite(folder, suite, told)
    tellSuite(suite, told, { folder, json })
    if (stays) tellUnhealed(engine, world)
    return suite.exitStatus
  })
}

function effectsOn(engine: Engine, world: string, signal: AbortSignal): SuiteEffects {
  return {
    async executeTrial(scenario, seed) {
      const live = showTrial()
      const { verdict, folder } = await executeTrial({
        scenario,
        engine,
        world,
        signal,
        seed,
        say,
        watch: (event) => live.record(event),
      }).finally(() => live.stop())
      return { verdict, run: basename(folder) }
    },
    reset: () => resetWorld({ engine, world, signal, say }),
    async rebuild(reason) {
      say(`${reason}\nrebuilding the world ${world}`)
      // Read first: taking the world down deletes its settings.
      const files = filesGiven(world)
      await takeDown(engine, world)
      await bringUp(engine, world, { files, signal })
    },
    now: () => performance.now(),
  }
}
