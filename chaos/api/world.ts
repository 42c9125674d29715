/** A world for a program of the user's: brought up unless it is up, and removed again only by who brought it up. */
import { explain, EnvironmentError as NotReady } from '../../setup/errors.mjs'
import { makeReady } from '../../setup/program.mjs'
import { openEngine } from '../engine/open.ts'
import { EnvironmentError } from '../errors.ts'
import type { Verdict } from '../judge/verdict.ts'
import { healLeftovers } from '../run/execute.ts'
import { readyRunsFolder } from '../run/folder.ts'
import type { Scenario } from '../scenarios/schema.ts'
import type { Topology } from '../topology/topology.ts'
import { down } from '../world/down.ts'
import { worldFileOf } from '../world/generated.ts'
import { lockWorld } from '../world/lock.ts'
import { up } from '../world/up.ts'
import { type TrialOptions, tell, trialIn } from './trial.ts'

export interface WorldOptions {
  /** As `--world` on the command line, `blackstart` by default. */
  name?: string
  /** Compose files with labels, instead of what `blackstart.yaml` in the work folder describes. */
  files?: string[]
  /** Leave it up, also if it was brought up here. */
  keep?: boolean
  /** Ends what is under way. */
  signal?: AbortSignal
}

export interface World extends AsyncDisposable {
  readonly name: string
  /** Its sites, links and nodes. */
  readonly topology: Topology
  /**
   * Runs a trial and returns its verdict; the run's folder is in `runs/`. An inconclusive trial measured nothing and is
   * run again (`attempts`); one that was missed never is.
   */
  trial(scenario: Scenario, options?: TrialOptions): Promise<Verdict>
}

/**
 * A world that is ready: the one of that name, healed, if it is up; otherwise a new one. `await using` removes one that
 * was brought up here. Engine and images are made ready first, as `npx blackstart up` does.
 * @throws EnvironmentError with what is missing and what to do; UsageError when `blackstart.yaml` or the name is wrong
 */
export async function openWorld({
  name = 'blackstart',
  files,
  keep = false,
  signal = new AbortController().signal,
}: WorldOptions = {}): Promise<World> {
  readyRunsFolder()
  await readyMachine(worldFileOf(name, files) === undefined ? 'world' : 'own-world')
  const engine = openEngine()
  const stays = keep || (await engine.worlds()).has(name)
  const remove = async () => {
    if (stays) return
    using _lock = lockWorld(name)
    await down(engine, name)
  }
  try {
    if (stays) {
      using _lock = lockWorld(name)
      await healLeftovers(engine, name, tell)
    }
    const topology = await up({ engine, world: name, files, signal, tell })
    return {
      name,
      topology,
      trial: (scenario, options) => trialIn({ engine, name, topology }, scenario, { signal, ...options }),
      [Symbol.asyncDispose]: remove,
    }
  } catch (error) {
    // The first error is the one to see; what could not be removed is removed by "npx blackstart down".
    await remove().catch((cleaning: unknown) => tell(`the world ${name} is not removed: ${String(cleaning)}`))
    throw error
  }
}

async function readyMachine(need: 'own-world' | 'world'): Promise<void> {
  const { env } = await makeReady(need).catch((error: unknown) => {
    throw error instanceof NotReady ? new EnvironmentError(explain(error), { cause: error }) : error
  })
  for (const [variable, value] of Object.entries(env)) if (value !== undefined) process.env[variable] = value
}
