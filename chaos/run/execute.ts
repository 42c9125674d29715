/** Executes trials and fills their run folders: journal first, then everything that can be read from it. */

import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import type { Engine } from '../engine/engine.ts'
import { replaceFile } from '../files.ts'
import { readJournal } from '../journal/read.ts'
import type { JournalEvent } from '../journal/schema.ts'
import { openJournal } from '../journal/write.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { Scenario } from '../scenarios/schema.ts'
import { lockWorld } from '../world/lock.ts'
import { healAll } from '../world/undo.ts'
import type { PlanFaults } from './faults.ts'
import { createRunFolder } from './folder.ts'
import { saveLogs } from './logs.ts'
import { writeReadings } from './readings.ts'
import { scenarioOf } from './replay.ts'
import { runTrial } from './trial.ts'

export interface ExecuteOptions {
  scenario: Scenario
  engine: Engine
  world: string
  signal: AbortSignal
  /** Drawn when not given; the journal tells it. */
  seed?: number | undefined
  /** Of a drill by hand: its faults, instead of the scenario's. */
  byHand?: PlanFaults | undefined
  /** The caller has the world's lock. */
  isLocked?: boolean
  /** Sees every event as it is recorded. */
  watch?: ((event: JournalEvent) => void) | undefined
  /** Called with what was found broken before the trial, and what could not be saved after it. */
  say?: ((text: string) => void) | undefined
}

export interface Executed {
  verdict: Verdict
  folder: string
}

/**
 * One trial in a folder of its own, judged and reported. Faults that another process left behind are healed first, and
 * reported.
 */
export async function executeTrial({
  scenario,
  engine,
  world,
  signal,
  seed,
  byHand,
  isLocked = false,
  watch,
  say,
}: ExecuteOptions): Promise<Executed> {
  using _lock = isLocked ? undefined : lockWorld(world)
  await healLeftovers(engine, world, say)
  // For nodes that the engine starts again by itself.
  await using _routes = await engine.keepRoutes(world)
  const startedAt = new Date()
  const folder = createRunFolder(scenario.name, startedAt)
  const trialId = `t${startedAt.getTime().toString(36)}`
  replaceFile(join(folder, 'scenario.json'), `${JSON.stringify(scenario, null, 2)}\n`)
  await using journal = openJournal(join(folder, 'journal.ndjson'))
  if (watch) journal.on('*', watch)
  const full = new AbortController()
  void journal.failed.then((error) => full.abort(error))
  try {
    await runTrial({
      scenario,
      trialId,
      seed: seed ?? randomInt(2 ** 31),
      engine,
      world,
      journal,
      signal: AbortSignal.any([signal, full.signal]),
      byHand,
    })
  } finally {
    await saveLogs(engine, world, join(folder, 'logs'), startedAt).catch((error: unknown) =>
      say?.(`the logs could not be saved: ${String(error)}`),
    )
  }
  await journal.close()
  if (journal.failure) throw journal.failure
  const { verdict, unwritten } = await writeReadings(folder)
  if (unwritten) say?.(unwritten.message)
  if (byHand) await writeScenario(folder)
  return { verdict, folder }
}

/** The scenario of a drill: the faults that were injected by hand, with their offsets. */
async function writeScenario(folder: string): Promise<void> {
  const played = scenarioOf(await readJournal(join(folder, 'journal.ndjson')), { resolve: 'roles' })
  if (played) replaceFile(join(folder, 'scenario.json'), `${JSON.stringify(played, null, 2)}\n`)
}

/** What an earlier harness broke and did not heal. */
export async function healLeftovers(
  engine: Engine,
  world: string,
  say: ((text: string) => void) | undefined,
): Promise<void> {
  const { healed, entries } = await healAll(engine, world)
  if (entries.length === 0 && healed.length === 0) return
  const owners = [...new Set(entries.map((entry) => `"${entry.owner.command}" (process ${entry.owner.pid})`))]
  say?.(
    `healed what ${owners.length > 0 ? owners.join(', ') : 'an earlier process'} left broken: ${healed.length > 0 ? healed.join(', ') : 'nothing had to be repaired'}`,
  )
}
