/** Finds a scenario: one that ships, by name, or one of yours, by the path of its file. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { messageOf, UsageError } from '../errors.ts'
import { scenarioNamed } from '../scenarios/index.ts'
import { checkNames } from '../scenarios/names.ts'
import { problemsOf } from '../scenarios/problems.ts'
import { referenceWorld, type Names } from '../scenarios/reference.ts'
import { scenarioSchema, type Scenario } from '../scenarios/schema.ts'
import { senselessIn } from '../scenarios/sense.ts'
import { pathWords, type Path } from '../scenarios/shape.ts'
import { parseScenario } from '../scenarios/yaml.ts'
import { readSettings } from '../world/settings.ts'
import { projectRoot } from '../world/state.ts'

/** Where the scenario is to run, as far as that is known: the names of the reference world are held against it only if it runs there. */
export interface Stage {
  /** Compose files that were given instead of the reference world's. */
  files?: string[] | undefined
  /** A world that may be up already, and of other files. */
  world?: string | undefined
}

/** Whether a word on the command line means a file. JSON is YAML too, so a run's scenario.json can be run again. */
export function isScenarioFile(nameOrPath: string): boolean {
  return /\.(?:ya?ml|json|ts)$/i.test(nameOrPath)
}

/**
 * The scenario of that name, or in that file: YAML, or TypeScript that exports it. In a world of your own, names in targets are
 * checked when the run resolves them.
 * @throws UsageError that names the file, the line where there is one, and what is nearest to what was written
 */
export async function loadScenario(nameOrPath: string, stage: Stage = {}): Promise<Scenario> {
  if (!isScenarioFile(nameOrPath)) return byName(nameOrPath)
  const text = textOf(nameOrPath)
  const names = namesOn(stage)
  if (!nameOrPath.toLowerCase().endsWith('.ts')) return parseScenario(text, nameOrPath, names)
  const scenario = await fromModule(nameOrPath)
  const problems = [...senselessIn(scenario), ...(names === undefined ? [] : checkNames(scenario, names))]
  if (problems.length > 0) throw new UsageError(problems.map(({ path, message }) => `${nameOrPath}: ${pathWords(path)}: ${message}`).join('\n'))
  return scenario
}

function byName(name: string): Scenario {
  const file = ['.yaml', '.yml', '.ts'].map((extension) => `${name}${extension}`).find((path) => existsSync(path))
  const looksLikePath = /[/\\]|\.\w+$/.test(name)
  if (looksLikePath && file === undefined) throw new UsageError(`"${name}" names no scenario ("npx blackstart list"), and a file of one ends in .yaml, .yml, .json or .ts`)
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
    throw new UsageError(`cannot read the scenario ${path}: ${why}; "npx blackstart new <name>" writes one to start from, and "npx blackstart list" lists those that ship`, { cause: error })
  }
}

function namesOn({ files, world }: Stage): Names | undefined {
  const used = files ?? (world === undefined ? undefined : readSettings(world)?.files)
  const isReference = used === undefined || (used.length === 1 && resolve(used[0] ?? '') === join(projectRoot, 'docker-compose.yml'))
  return isReference ? referenceWorld : undefined
}

/** What the module exports by default, or the one scenario among its exports. */
async function fromModule(path: string): Promise<Scenario> {
  const exports = await imported(path)
  if ('default' in exports) {
    const parsed = scenarioSchema.safeParse(exports['default'])
    if (parsed.success) return parsed.data
    throw new UsageError(`${path}: the default export is no scenario:\n${mistakes(parsed.error, exports['default'])}`)
  }
  const found = Object.entries(exports).flatMap(([name, value]) => {
    const parsed = scenarioSchema.safeParse(value)
    return parsed.success ? [{ name, scenario: parsed.data }] : []
  })
  const [only] = found
  if (only && found.length === 1) return only.scenario
  const what = found.length === 0 ? 'no scenario' : `${found.length} scenarios (${found.map(({ name }) => name).join(', ')}) and none by default`
  throw new UsageError(`${path} exports ${what}; write "export default scenario({ … })"`)
}

async function imported(path: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(resolve(path)).href
  try {
    return await import(url) as Record<string, unknown>
  } catch (error) {
    const why = error instanceof z.ZodError ? `it is not a scenario:\n${mistakes(error, undefined)}` : messageOf(error)
    throw new UsageError(`cannot load the scenario ${path}${lineIn([url, resolve(path)], error)}: ${why}`, { cause: error })
  }
}

/** ":12" when the error's stack says that it was in line 12 of the file. */
function lineIn(names: readonly string[], error: unknown): string {
  const stack = error instanceof Error ? error.stack ?? '' : ''
  for (const name of names) {
    const [, line] = /^:(\d+)/.exec(stack.includes(name) ? stack.slice(stack.indexOf(name) + name.length) : '') ?? []
    if (line !== undefined) return `:${line}`
  }
  return ''
}

function mistakes(error: z.ZodError, data: unknown): string {
  // Of a scenario that its own words refused, the data is gone; zod's sentences do without it.
  if (data === undefined) return error.issues.map(({ path, message }) => `  ${path.length === 0 ? '' : `${pathWords(path as Path)}: `}${message}`).join('\n')
  return problemsOf(error.issues, data).map(({ path, message }) => `  ${message}${path.length > 1 ? ` (${pathWords(path)})` : ''}`).join('\n')
}
