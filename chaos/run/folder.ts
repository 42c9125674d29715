/** A run's folder: `runs/<time>-<scenario>/`, never overwritten; `runs/last` points to the newest. A suite has one of its own beside those of its trials. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { nearest, UsageError } from '../errors.ts'
import { projectRoot } from '../world/state.ts'

/** Below the project's root unless BLACKSTART_RUNS says otherwise. */
export function runsFolder(): string {
  const folder = process.env['BLACKSTART_RUNS'] ?? join(projectRoot, 'runs')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Makes a new run folder and points `last` at it, unless it is to hold no trial. */
export function createRunFolder(name: string, startedAt: Date, { ofTrial = true }: { ofTrial?: boolean } = {}): string {
  const stamp = startedAt.toISOString().replace(/\.\d+Z$/, 'Z').replaceAll(':', '')
  const runs = runsFolder()
  for (let count = 1; ; count++) {
    const folder = join(runs, `${stamp}-${name}${count > 1 ? `-${count}` : ''}`)
    try {
      mkdirSync(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && count < 1000) continue
      throw error
    }
    if (!ofTrial) return folder
    const last = join(runs, 'last')
    rmSync(last, { force: true })
    symlinkSync(basename(folder), last)
    return folder
  }
}

/**
 * The run folder that a user means: a path, a name below runs/, or "last".
 * @throws UsageError naming the nearest run
 */
export function findRun(name: string): string {
  for (const candidate of [resolve(name), join(runsFolder(), name)]) {
    try {
      if (statSync(join(candidate, 'journal.ndjson')).isFile()) return realpathSync(candidate)
    } catch { /* not this one */ }
  }
  const runs = listRuns()
  if (runs.length === 0) throw new UsageError(`there is no run "${name}", and none at all yet: "npx blackstart run region-kill" makes one`)
  const near = nearest(name, runs)
  throw new UsageError(`there is no run "${name}"${near ? `; did you mean "${near}"?` : `; the newest is "${runs.at(-1)}" ("last" for short)`}`)
}

/** Names of all runs, oldest first. What holds no journal is none: a suite's own folder, say. */
export function listRuns(): string[] {
  const runs = runsFolder()
  return readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(join(runs, entry.name, 'journal.ndjson'))).map((entry) => entry.name).toSorted()
}

/** A run's verdict.json as it is on disk; undefined when it has none (yet). */
export function readVerdictFile(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8'))
  } catch {
    return undefined
  }
}
