/** Finds a scenario: a name means one that is included; a path means a file of the user's. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { messageOf, UsageError } from '../errors.ts'
import { packageRoot, programBeside } from '../roots.ts'
import { scenarioNamed } from '../scenarios/library/index.ts'
import { checkNames } from '../scenarios/names.ts'
import { type Names, referenceWorld } from '../scenarios/reference.ts'
import type { Scenario } from '../scenarios/schema.ts'
import { senselessIn } from '../scenarios/sense.ts'
import { parseScenario } from '../scenarios/yaml.ts'
import { ownWorldFile } from '../world/generated.ts'
import { readSettings } from '../world/settings.ts'
import { pathWords } from '../yaml/shape.ts'
import type { LoadedModule, ModuleToLoad } from './scenario-module.ts'

/**
 * Where the scenario is to run, as far as that is known: the names of the reference world are held against it only if
 * it runs there.
 */
export interface Destination {
  /** Compose files that were given instead of the reference world's. */
  files?: string[] | undefined
  /** A world that may be up already, and of other files. */
  world?: string | undefined
  /** How long a TypeScript file may take to load. */
  limitMs?: number
}

/** Whether a word on the command line means a file. JSON is YAML too, so a run's scenario.json can be run again. */
export function isScenarioFile(nameOrPath: string): boolean {
  return /\.(?:ya?ml|json|ts)$/i.test(nameOrPath)
}

/**
 * The scenario of that name, or in that file: YAML, or TypeScript that exports it. In a world of your own, names in
 * targets are checked when the run resolves them.
 * @throws UsageError that names the file, the line where there is one, and what is nearest to what was written
 */
export async function loadScenario(nameOrPath: string, destination: Destination = {}): Promise<Scenario> {
  if (!isScenarioFile(nameOrPath)) return byName(nameOrPath)
  const text = textOf(nameOrPath)
  const names = namesOn(destination)
  if (!nameOrPath.toLowerCase().endsWith('.ts')) return parseScenario(text, nameOrPath, names)
  const scenario = await fromModule(nameOrPath, destination.limitMs)
  const problems = [...senselessIn(scenario), ...(names === undefined ? [] : checkNames(scenario, names))]
  if (problems.length > 0)
    throw new UsageError(
      problems.map(({ path, message }) => `${nameOrPath}: ${pathWords(path)}: ${message}`).join('\n'),
    )
  return scenario
}

function byName(name: string): Scenario {
  const file = ['.yaml', '.yml', '.ts'].map((extension) => `${name}${extension}`).find((path) => existsSync(path))
  const looksLikePath = /[/\\]|\.\w+$/.test(name)
  if (looksLikePath && file === undefined)
    throw new UsageError(
      `"${name}" is neither the name of a scenario ("npx blackstart list") nor a scenario file, which ends in .yaml, .yml, .json or .ts`,
    )
  try {
    return scenarioNamed(name)
  } catch (error) {
    if (file === undefined || !(error instanceof UsageError)) throw error
    throw new UsageError(`${error.message}; a file is named with its ending: did you mean "${file}"?`, { cause: error })
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new UsageError(
      `cannot read the scenario ${path}: ${why}; "npx blackstart new <name>" writes one to start from, and "npx blackstart list" lists those that ship`,
      { cause: error },
    )
  }
}

function namesOn({ files, world }: Destination): Names | undefined {
  const used = files ?? (world === undefined ? undefined : readSettings(world)?.files)
  const isReference =
    used === undefined
      ? ownWorldFile() === undefined
      : used.length === 1 && resolve(used[0] ?? '') === join(packageRoot, 'docker-compose.yml')
  return isReference ? referenceWorld : undefined
}

/** A scenario is data: a module that makes it needs no time, unless it waits for something that it should not need. */
const loadLimitMs = 20_000

/**
 * What the module at that path exports. It is loaded in a thread of its own: an endless loop or a process.exit() ends
 * only that thread. What it writes to stdout goes to stderr, since stdout is for data.
 */
async function fromModule(path: string, limitMs = loadLimitMs): Promise<Scenario> {
  const workerData: ModuleToLoad = { path, absolute: resolve(path) }
  const worker = new Worker(programBeside(import.meta.url, 'scenario-module'), {
    workerData,
    execArgv: [],
    stdout: true,
  })
  worker.stdout.pipe(process.stderr, { end: false })
  const cannot = (why: string, options?: ErrorOptions) =>
    new UsageError(`cannot load the scenario ${path}: ${why}`, options)
  let limit: NodeJS.Timeout | undefined
  try {
    const loaded = await new Promise<LoadedModule>((done, reject) => {
      worker.once('message', done)
      worker.on('error', (error) => reject(cannot(messageOf(error), { cause: error })))
      worker.once('exit', (code) =>
        reject(cannot(`it ended the process (status ${code}) instead of exporting a scenario`)),
      )
      limit = setTimeout(
        () =>
          reject(
            cannot(`it was still busy after ${limitMs / 1_000} s; a scenario is data, and must not wait for anything`),
          ),
        limitMs,
      )
    })
    if ('refused' in loaded) throw new UsageError(loaded.refused)
    return loaded.scenario
  } finally {
    clearTimeout(limit)
    await worker.terminate()
  }
}
