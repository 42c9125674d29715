/** run: one scenario by itself, or several in one world. */

import { basename } from 'node:path'
import type { Engine } from '../engine/engine.ts'
import { inapplicableResult } from '../judge/suite.ts'
import { inapplicableWords } from '../report/suite-wording.ts'
import { executeTrial } from '../run/execute.ts'
import { createRunFolder } from '../run/folder.ts'
import { resetWorld } from '../run/reset.ts'
import { runSuite, type SuiteEffects, type SuitePlan } from '../run/suite.ts'
import { writeSuite } from '../run/suite-files.ts'
import { allApplying, byApplicability } from '../scenarios/applies.ts'
import type { Scenario } from '../scenarios/schema.ts'
import { shardOf } from '../scenarios/select.ts'
import type { Topology } from '../topology/topology.ts'
import { plannedWorld } from '../world/planned.ts'
import { filesGiven } from '../world/settings.ts'
import type { Chosen, ChosenSuite } from './choice.ts'
import { say, showTrial } from './output.ts'
import { suiteWatcher, tellSuite } from './suite-output.ts'
import { bringUp, inWorld, runTrials, type TrialsOptions, takeDown, tellUnhealed } from './trials.ts'

export type RunOptions = Omit<TrialsOptions, 'scenario'> & { bail: boolean }

/**
 * Runs what was chosen and returns the exit status. One scenario by its name is run by itself; everything else is a
 * suite.
 */
export async function runChosen(chosen: Chosen, options: RunOptions): Promise<number> {
  if ('scenario' in chosen) await refuseBeforehand([chosen.scenario], options)
  else if (chosen.byName) await refuseBeforehand(chosen.scenarios, options)
  return 'scenario' in chosen ? runTrials({ ...options, ...chosen }) : runChosenSuite(chosen, options)
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
