/** demo and run: bring up a world if there is none, run trials in it, and remove it again if they brought it up. */

import { basename, join, relative } from 'node:path'
import type { Engine } from '../engine/engine.ts'
import { EXIT, errorsOf, messageOf } from '../errors.ts'
import { worstOf } from '../judge/objectives.ts'
import type { Verdict } from '../judge/verdict.ts'
import { plain } from '../report/format.ts'
import { renderVerdict } from '../report/terminal.ts'
import { renderTrials } from '../report/trials.ts'
import { executeTrial, healLeftovers } from '../run/execute.ts'
import { readyRunsFolder } from '../run/folder.ts'
import { allApplying } from '../scenarios/applies.ts'
import type { Scenario } from '../scenarios/schema.ts'
import { down } from '../world/down.ts'
import { lockWorld } from '../world/lock.ts'
import { UndoLedger } from '../world/undo.ts'
import { up } from '../world/up.ts'
import { exitCodes } from './exit-codes.ts'
import { isInterruption, untilInterrupted } from './interrupt.ts'
import { readyEngineFor } from './machine.ts'
import { colours, jsonData, say, sayRendered, showTrial, step, width } from './output.ts'
import type { OpenPage } from './page-beside.ts'

export interface TrialsOptions {
  scenario: Scenario
  world: string
  trials: number
  seed?: number | undefined
  json: boolean
  /** Leave a world up that was brought up for this. */
  keep: boolean
  files?: string[] | undefined
  /** Called when nothing is wrong with the command line, before anything is done. */
  openPage: OpenPage
}

export interface JudgedTrial {
  verdict: Verdict
  /** The name of its run. */
  run: string
}

/** Runs the trials and returns the exit status: that of the worst verdict. */
export function runTrials(options: TrialsOptions): Promise<number> {
  return inWorld(
    options,
    async (held) => exitCodes[worstOf((await trialsOn(held, options)).map(({ verdict }) => verdict.verdict))],
  )
}

/** Runs the trials and returns what came of each; undefined when they were interrupted. */
export async function judgedTrials(options: TrialsOptions): Promise<JudgedTrial[] | undefined> {
  let trials: JudgedTrial[] = []
  const status = await inWorld(options, async (held) => {
    trials = await trialsOn(held, options)
    return EXIT.met
  })
  return status === EXIT.met ? trials : undefined
}

/** What a command works with that has a world, until it is interrupted. */
export interface HeldWorld {
  engine: Engine
  signal: AbortSignal
}

/**
 * Does the work in a world, and takes down one that was not up before, however the work ended. Returns the work's exit
 * status; 130 when it was interrupted.
 * @throws what the work threw, with the errors of cleaning up after it; of those alone only where the status would be 0
 */
export async function inWorld(
  { world, keep, files, openPage }: Pick<TrialsOptions, 'world' | 'keep' | 'files' | 'openPage'>,
  work: (held: HeldWorld & { stays: boolean }) => Promise<number>,
): Promise<number> {
  // First of all: a run whose results cannot be written is not worth starting.
  readyRunsFolder()
  await openPage()
  const engine = await readyEngineFor(world, files)
  const signal = untilInterrupted({
    left: () =>
      `The world ${world} may be broken: "npx blackstart heal --world ${world}" heals it, "npx blackstart down --world ${world}" removes it`,
  })
  const stays = keep || (await engine.worlds()).has(world)
  let status: number | undefined
  try {
    await using after = new AsyncDisposableStack()
    if (!stays) after.defer(() => takeDown(engine, world))
    status = await work({ engine, signal, stays })
  } catch (error) {
    if (!signal.aborted && !status) throw error
    // The interruption itself needs no message. Every other error is shown, also one after a verdict, and the status
    // stays.
    for (const each of errorsOf(error)) if (!isInterruption(each)) say(`blackstart: ${messageOf(each)}`)
  }
  return signal.aborted ? EXIT.interrupted : (status ?? EXIT.bug)
}

async function trialsOn(
  { engine, signal }: HeldWorld,
  { scenario: given, world, trials, seed, json, files }: TrialsOptions,
): Promise<JudgedTrial[]> {
  const verdicts: JudgedTrial[] = []
  await bringUp(engine, world, { files, signal })
  const [scenario = given] = allApplying([given], await engine.topology(world))
  for (let trial = 1; trial <= trials && !signal.aborted; trial++) {
    say(`\n${trials > 1 ? `trial ${trial} of ${trials}: ` : ''}${scenario.name}: ${plain(scenario.title)}`)
    const live = showTrial()
    const { verdict, folder } = await executeTrial({
      scenario,
      engine,
      world,
      signal,
      say,
      watch: (event) => live.record(event),
      ...(seed !== undefined && { seed: seed + trial - 1 }),
    }).finally(() => live.stop())
    verdicts.push({ verdict, run: basename(folder) })
    tellUnhealed(engine, world)
    sayRendered(
      `\n${renderVerdict(verdict, { colours, width: width(), reportPath: join(relative(process.cwd(), folder), 'report.html') })}`,
    )
    if (json) jsonData(verdict)
  }
  if (trials > 1) say(renderTrials(verdicts.map(({ verdict }) => verdict)))
  return verdicts
}

/** Says so when a fault could not be healed: a failed heal is never silent. */
export function tellUnhealed(engine: Engine, world: string): void {
  if (new UndoLedger({ world, engine, topology: () => engine.topology(world) }).entries().length > 0) {
    say(
      `\nthe world ${world} is still broken: "npx blackstart heal --world ${world}" heals it, and so does the next run in it`,
    )
  }
}

/** Brings a world up unless it is ready already; one that is up is healed first. */
export async function bringUp(
  engine: Engine,
  world: string,
  { files, signal }: { files?: string[] | undefined; signal: AbortSignal },
): Promise<void> {
  const isUp = (await engine.worlds()).has(world)
  const doing = step(isUp ? `waiting until the world ${world} is ready` : `bringing up the world ${world}`)
  try {
    if (isUp) {
      // Under the lock: what its owner broke on purpose must not be healed.
      using _lock = lockWorld(world)
      await healLeftovers(engine, world, say)
    }
    const topology = await up({ engine, world, files, signal, progress: doing.progress, tell: say })
    doing.done(`${topology.nodes.length} nodes ready`)
  } catch (error) {
    doing.done(signal.aborted ? 'stopped' : 'failed')
    throw error
  }
}

/**
 * `signal` ends it with a part removed. @throws EnvironmentError when another process uses it, or something cannot be
 * removed
 */
export async function takeDown(engine: Engine, world: string, signal?: AbortSignal): Promise<void> {
  using _lock = lockWorld(world)
  const doing = step(`taking down the world ${world}`)
  try {
    const { containers, networks, volumes } = await down(engine, world, { signal, progress: doing.progress })
    doing.done(`${containers} containers, ${networks} networks, ${volumes} volumes removed`)
  } catch (error) {
    doing.done(signal?.aborted ? 'stopped' : 'failed')
    throw error
  }
}
