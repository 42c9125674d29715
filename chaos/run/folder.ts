/**
 * A run's folder: `runs/<time>-<scenario>/`, never overwritten; `runs/last` points to the newest. A suite has one of
 * its own beside those of its trials.
 */
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { EnvironmentError, messageOf, nearest, UsageError } from '../errors.ts'
import { fileProblem, makeFolder } from '../files.ts'
import { type Verdict, verdictSchema } from '../judge/verdict.ts'
import { workRoot } from '../roots.ts'

/**
 * In the folder in which the user works, unless BLACKSTART_RUNS says otherwise. Commands that only read do not create
 * it.
 */
export function runsFolder(): string {
  const folder = process.env['BLACKSTART_RUNS'] ?? join(workRoot(), 'runs')
  if (folder === '') throw new UsageError('BLACKSTART_RUNS is empty: name the folder for runs in it, or unset it')
  return folder
}

/**
 * Creates the folder for runs and checks that it can be written to, before anything is brought up or broken.
 * @throws EnvironmentError that says what is in the way
 */
export function readyRunsFolder(): string {
  const runs = runsFolder()
  makeFolder(runs)
  try {
    accessSync(runs, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new EnvironmentError(
      `runs cannot be written to ${runs}: ${fileProblem(error) ?? messageOf(error)} (set BLACKSTART_RUNS to use another folder)`,
      { cause: error },
    )
  }
  const last = join(runs, 'last')
  const there = lstatSync(last, { throwIfNoEntry: false })
  if (there && !there.isSymbolicLink())
    throw new EnvironmentError(
      `${last} should be a link to the newest run, but is ${there.isDirectory() ? 'a folder' : 'a file'}: rename it`,
    )
  return runs
}

/** Makes a new run folder and points `last` at it, unless it is to hold no trial. */
export function createRunFolder(name: string, startedAt: Date, { ofTrial = true }: { ofTrial?: boolean } = {}): string {
  const stamp = startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')
  const runs = readyRunsFolder()
  for (let count = 1; ; count++) {
    const folder = join(runs, `${stamp}-${name}${count > 1 ? `-${count}` : ''}`)
    try {
      mkdirSync(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && count < 1000) continue
      throw new EnvironmentError(`the folder of the run cannot be created: ${fileProblem(error) ?? messageOf(error)}`, {
        cause: error,
      })
    }
    if (ofTrial) pointLast(runs, basename(folder))
    return folder
  }
}

/**
 * In one step, so that "last" always points to a run. The temporary name is random, so that no other process uses it.
 */
function pointLast(runs: string, name: string): void {
  const beside = join(runs, `.last-${randomBytes(6).toString('hex')}`)
  symlinkSync(name, beside)
  renameSync(beside, join(runs, 'last'))
}

/**
 * The run folder that a user means: a path, a name below runs/, or "last".
 * @throws UsageError naming the nearest run
 */
export function findRun(name: string): string {
  for (const candidate of [resolve(name), join(runsFolder(), name)]) {
    try {
      if (isFile(join(candidate, 'journal.ndjson'))) return realpathSync(candidate)
    } catch {
      /* not this one */
    }
  }
  const runs = listRuns()
  if (runs.length === 0)
    throw new UsageError(
      `there is no run "${name}", and there are no runs yet: "npx blackstart run region-kill" makes one`,
    )
  const near = nearest(name, runs)
  throw new UsageError(
    `there is no run "${name}"${near ? `; did you mean "${near}"?` : `; the newest is "${runs.at(-1)}" ("last" for short)`}`,
  )
}

/**
 * Names of all runs, oldest first. A folder without a journal is not a run, such as a suite's.
 * @throws EnvironmentError when the folder for runs cannot be read; one that is not there yet holds none
 */
export function listRuns(): string[] {
  const runs = runsFolder()
  return entriesOf(runs)
    .filter((entry) => entry.isDirectory() && isFile(join(runs, entry.name, 'journal.ndjson')))
    .map((entry) => entry.name)
    .toSorted()
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function entriesOf(runs: string) {
  try {
    return readdirSync(runs, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new EnvironmentError(
      `the folder for runs, ${runs}, cannot be read: ${fileProblem(error) ?? messageOf(error)}`,
      { cause: error },
    )
  }
}

/** A run's verdict; undefined when it has none (yet), or none that can be read. */
export function readVerdict(folder: string): Verdict | undefined {
  return verdictSchema.safeParse(readVerdictFile(folder)).data
}

/** The name of the world in which a run was; undefined when its folder does not say. */
export function readWorld(folder: string): string | undefined {
  return z.object({ world: z.string() }).safeParse(readJson(folder, 'environment.json')).data?.world
}

/** A run's verdict.json as it is on disk; undefined when it has none (yet). */
export function readVerdictFile(folder: string): unknown {
  return readJson(folder, 'verdict.json')
}

function readJson(folder: string, file: string): unknown {
  const path = join(folder, file)
  try {
    // In a folder from elsewhere it may be a pipe or a link to a device, and reading that never ends.
    return statSync(path).isFile() ? JSON.parse(readFileSync(path, 'utf8')) : undefined
  } catch {
    return undefined
  }
}
