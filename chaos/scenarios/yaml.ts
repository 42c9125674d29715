/**
 * Reads a scenario from YAML: the same shape as in TypeScript, times in milliseconds. Every mistake is named with its
 * line and column.
 */
import { type FileKind, readYaml } from '../yaml/document.ts'
import { valueAt } from '../yaml/shape.ts'
import { checkNames } from './names.ts'
import { problemsOf } from './problems.ts'
import type { Names } from './reference.ts'
import { type Scenario, scenarioSchema } from './schema.ts'
import { senselessIn } from './sense.ts'

const kind: FileKind = {
  what: 'a scenario',
  keys: 'name: …, title: …, faults: …',
  empty:
    'a scenario has a name, a title, faults, observeMs and objectives ' +
    '("npx blackstart new" writes one to start from)',
}

/**
 * The scenario in a YAML text, complete with defaults. With `names`, targets and options may name only what these hold.
 * @throws UsageError with up to ten mistakes, each a line `file:line:column: what is wrong`, in the order of the file
 */
export function parseScenario(text: string, fileName: string, names?: Names): Scenario {
  const { data, refuse } = readYaml(text, fileName, kind)
  const parsed = scenarioSchema.safeParse(data)
  const faults = valueAt(data, ['faults'])
  refuse([
    ...problemsOf(parsed.error?.issues ?? [], data),
    ...(names === undefined || !Array.isArray(faults) ? [] : checkNames({ faults }, names)),
    ...senselessIn(parsed.data ?? { faults: Array.isArray(faults) ? faults : [] }),
  ])
  // Nothing was refused, so the data fits.
  return parsed.data ?? scenarioSchema.parse(data)
}
