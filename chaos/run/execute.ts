/** Executes trials and fills their run folders: journal first, then everything that can be read from it. */

import { randomInt } from 'node:crypto'
import { basename, join } from 'node:path'
import type { Engine } from '../engine/engine.ts'
import { messageOf } from '../errors.ts'
import { fileProblem, replaceFile } from '../files.ts'
import { readJournal } from '../journal/read.ts'
import type { JournalEvent } from '../journal/schema.ts'
import { openJournal } from '../journal/write.ts'
import { judge } from '../judge/judge.ts'
import type { Verdict } from '../judge/verdict.ts'
import { renderReport } from '../report/html.ts'
import { renderJunit } from '../report/junit.ts'
import { renderSummary } from '../report/markdown.ts'
import type { Scenario } from '../scenarios/schema.ts'
import { lockWorld } from '../world/lock.ts'
import { healAll } from '../world/undo.ts'
import type { PlanFaults } from './faults.ts'
import { createRunFolder } from './folder.ts'
import { saveLogs } from './logs.ts'
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
  /** Told what was found broken before the trial, and what could not be saved after it. */
  say?: ((text: string) => void) | undefined
}

export interface Executed {
  verdict: Verdict
  folder: string
}

/**
 * One trial in a folder of its own, judged and reported. Faults that another process left behind are healed first, and
 * told.
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
  const { verdict, unwritten } = await readRun(folder)
  if (unwritten) say?.(unwritten.message)
  if (byHand) await writeScenario(folder)
  return { verdict, folder }
}

/** The scenario that a drill turned out to be: what was done by hand, with its offsets. */
async function writeScenario(folder: string): Promise<void> {
  const played = scenarioOf(await readJournal(join(folder, 'journal.ndjson')), { resolve: 'roles' })
  if (played) replaceFile(join(folder, 'scenario.json'), `${JSON.stringify(played, null, 2)}\n`)
}

export interface Reading {
  verdict: Verdict
  /**
   * Which files could not be written, and why. The verdict stands without them: it is a reading of the journal, not of
   * its folder.
   */
  unwritten?: { names: string[]; message: string }
}

/**
 * Judges a run's journal and writes what follows from it: verdict, environment, summary, JUnit, report. Needs no
 * Docker.
 */
export async function readRun(folder: string): Promise<Reading> {
  const journal = await readJournal(join(folder, 'journal.ndjson'))
  const verdict = judge(journal)
  const { versions, host, harness, seed, topology } = journal.opened
  const environment = { versions, host, harness, seed, world: topology.world, timeouts: topology.timeouts }
  const files: [string, string][] = [
    ['verdict.json', `${JSON.stringify(verdict, null, 2)}\n`],
    ['environment.json', `${JSON.stringify(environment, null, 2)}\n`],
    ['summary.md', renderSummary(verdict)],
    ['junit.xml', renderJunit([verdict])],
    ['report.html', renderReport({ journal, verdict, runFolder: basename(folder) })],
  ]
  const failed = files.flatMap(([name, text]) => {
    try {
      replaceFile(join(folder, name), text)
      return []
    } catch (error) {
      return [{ name, why: fileProblem(error) ?? messageOf(error) }]
    }
  })
  const [first] = failed
  if (!first) return { verdict }
  const names = failed.map(({ name }) => name)
  return { verdict, unwritten: { names, message: `${names.join(', ')} could not be written: ${first.why}` } }
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
    `healed what ${owners.length > 0 ? owners.join(', ') : 'somebody'} left broken: ${healed.length > 0 ? healed.join(', ') : 'nothing was left of it'}`,
  )
}
