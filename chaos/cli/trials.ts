/** demo and run: a world, one or more trials in it, and the world as it was before. */
import { basename, join, relative } from 'node:path'
import type { Scenario } from '../scenarios/schema.ts'
import { worstOf } from '../judge/objectives.ts'
import type { Verdict, VerdictName } from '../judge/verdict.ts'
import { plain } from '../report/format.ts'
import { renderVerdict } from '../report/terminal.ts'
import { executeTrial, healLeftovers } from '../run/execute.ts'
import { readyRunsFolder } from '../run/folder.ts'
import { Engine } from '../world/engine.ts'
import { lockWorld } from '../world/lock.ts'
import { UndoLedger } from '../world/undo.ts'
import { down, up } from '../world/up.ts'
import { colour, jsonData, say, sayRendered, showTrial, step, width } from './output.ts'
import { Interrupted, untilInterrupted } from './interrupt.ts'
import { renderTrials } from '../report/trials.ts'

export interface TrialsOptions {
  scenario: Scenario
  world: string
  trials: number
  seed?: number | undefined
  json: boolean
  /** Leave a world up that was brought up for this. */
  keep: boolean
  files?: string[] | undefined
}

export const exitCodes: Record<VerdictName, number> = { met: 0, missed: 1, inconclusive: 2 }

/** Runs the trials and returns the exit status: that of the worst verdict. */
export async function runTrials(options: TrialsOptions): Promise<number> {
  const { verdicts, wasInterrupted } = await trialsOf(options)
  return wasInterrupted ? 130 : exitCodes[worstOf(verdicts.map(({ verdict }) => verdict.verdict))]
}

/** One trial: its verdict, and the name of its run; undefined when it was interrupted. */
export async function runOnce(options: Omit<TrialsOptions, 'trials'>): Promise<{ verdict: Verdict; run: string } | undefined> {
  const { verdicts: [one], wasInterrupted } = await trialsOf({ ...options, trials: 1 })
  return wasInterrupted ? undefined : one
}

async function trialsOf({ scenario, world, trials, seed, json, keep, files }: TrialsOptions): Promise<{ verdicts: { verdict: Verdict; run: string }[]; wasInterrupted: boolean }> {
  readyRunsFolder()
  const engine = new Engine()
  const signal = untilInterrupted(() => `The world ${world} may be broken: "npx blackstart heal --world ${world}" heals it, "npx blackstart down --world ${world}" removes it`)
  const wasUp = (await engine.worlds()).has(world)
  const verdicts: { verdict: Verdict; run: string }[] = []
  try {
    await bringUp(engine, world, { files, signal })
    for (let trial = 1; trial <= trials && !signal.aborted; trial++) {
      say(`\n${trials > 1 ? `trial ${trial} of ${trials}: ` : ''}${scenario.name}: ${plain(scenario.title)}`)
      const live = showTrial()
      const { verdict, folder } = await executeTrial({ scenario, engine, world, signal, say, watch: (event) => live.record(event), ...(seed !== undefined && { seed: seed + trial - 1 }) })
        .finally(() => live.stop())
      verdicts.push({ verdict, run: basename(folder) })
      tellUnhealed(engine, world)
      sayRendered(`\n${renderVerdict(verdict, { colour, width: width(), reportPath: join(relative(process.cwd(), folder), 'report.html') })}`)
      if (json) jsonData(verdict)
    }
    if (trials > 1) say(renderTrials(verdicts.map(({ verdict }) => verdict)))
  } catch (error) {
    if (!(signal.aborted && signal.reason instanceof Interrupted)) throw error
  } finally {
    if (!wasUp && !keep) await takeDown(engine, world)
  }
  return { verdicts, wasInterrupted: signal.aborted }
}

/** Says so when a fault of ours could not be healed: a failed heal is never silent. */
export function tellUnhealed(engine: Engine, world: string): void {
  if (new UndoLedger({ world, engine, topology: () => engine.topology(world) }).entries().length > 0) {
    say(`\nthe world ${world} is still broken: "npx blackstart heal --world ${world}" heals it, and so does the next run in it`)
  }
}

/** Brings a world up unless it is ready already; one that is up is healed first. */
export async function bringUp(engine: Engine, world: string, { files, signal }: { files?: string[] | undefined; signal: AbortSignal }): Promise<void> {
  const isUp = (await engine.worlds()).has(world)
  const doing = step(isUp ? `waiting until the world ${world} is ready` : `bringing up the world ${world}`)
  try {
    if (isUp) {
      // Whoever holds the lock broke it on purpose.
      using _lock = lockWorld(world)
      await healLeftovers(engine, world, say)
    }
    const topology = await up({ engine, world, files, signal, progress: doing.progress })
    doing.done(`${topology.nodes.length} nodes ready`)
  } catch (error) {
    doing.done(signal.aborted ? 'stopped' : 'failed')
    throw error
  }
}

/** @throws EnvironmentError when somebody else uses it */
export async function takeDown(engine: Engine, world: string): Promise<void> {
  using _lock = lockWorld(world)
  const doing = step(`taking down the world ${world}`)
  const { containers, networks, volumes } = await down(engine, world)
  doing.done(`${containers} containers, ${networks} networks, ${volumes} volumes removed`)
}
