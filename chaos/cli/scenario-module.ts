/** The thread that loads a scenario file in TypeScript. Returns its scenario, or the reason why there is none. */
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { messageOf, UsageError } from '../errors.ts'
import { problemsOf } from '../scenarios/problems.ts'
import { type Scenario, scenarioSchema } from '../scenarios/schema.ts'
import { type Path, pathWords } from '../yaml/shape.ts'

/** `path` as it was given, for messages. */
export interface ModuleToLoad {
  path: string
  absolute: string
}
export type LoadedModule = { scenario: Scenario } | { refused: string }

const module = workerData as ModuleToLoad
const tell = (loaded: LoadedModule) => parentPort?.postMessage(loaded)
const refuse = (error: unknown) =>
  tell({ refused: error instanceof UsageError ? error.message : sentence(module, error) })
// Errors of the module's timers, and of promises that it does not await.
process.on('uncaughtException', refuse)
process.on('beforeExit', () => refuse(new Error('it awaits something that never comes')))
// Not awaited: if the module waits for ever, Node's warning would name this line.
void scenarioIn(module)
  .then((scenario) => tell({ scenario }))
  .catch(refuse)

/** What the module exports by default, or the one scenario among its exports. */
async function scenarioIn(module: ModuleToLoad): Promise<Scenario> {
  const { path } = module
  const exports = await imported(module)
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
  const what =
    found.length === 0
      ? 'no scenario'
      : `${found.length} scenarios (${found.map(({ name }) => name).join(', ')}) and none by default`
  throw new UsageError(`${path} exports ${what}; write "export default scenario({ … })"`)
}

async function imported(module: ModuleToLoad): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(module.absolute).href)) as Record<string, unknown>
  } catch (error) {
    throw new UsageError(sentence(module, error), { cause: error })
  }
}

function sentence({ path, absolute }: ModuleToLoad, error: unknown): string {
  const why = error instanceof z.ZodError ? `it is not a scenario:\n${mistakes(error, undefined)}` : messageOf(error)
  return `cannot load the scenario ${path}${lineIn([pathToFileURL(absolute).href, absolute], error)}: ${why}`
}

/** ":12" when the error's stack says that it was in line 12 of the file. */
function lineIn(names: readonly string[], error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const name of names) {
    const [, line] = /^:(\d+)/.exec(stack.includes(name) ? stack.slice(stack.indexOf(name) + name.length) : '') ?? []
    if (line !== undefined) return `:${line}`
  }
  return ''
}

function mistakes(error: z.ZodError, data: unknown): string {
  // When `scenario()` itself threw, the data is gone, and zod's own sentences must do.
  if (data === undefined)
    return error.issues
      .map(({ path, message }) => `  ${path.length === 0 ? '' : `${pathWords(path as Path)}: `}${message}`)
      .join('\n')
  return problemsOf(error.issues, data)
    .map(({ path, message }) => `  ${message}${path.length > 1 ? ` (${pathWords(path)})` : ''}`)
    .join('\n')
}
