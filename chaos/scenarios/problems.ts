/** What is wrong with a scenario, in words for its author. */
import type { z } from 'zod'
import { availableWords } from '../errors.ts'
import { type Dialect, type Problem, problemsIn, quoted } from '../yaml/problems.ts'
import { type Path, schemaShape, valueAt } from '../yaml/shape.ts'
import { optionsOf } from './kinds.ts'
import { scenarioSchema, whenSchema } from './schema.ts'

/** Everything that zod found in a scenario, in zod's order. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], data: unknown): Problem[] {
  return problemsIn(issues, data, dialect)
}

const shape = schemaShape(scenarioSchema)

const dialect: Dialect = {
  shape,
  names: { kind: 'fault kind', scope: 'target scope', of: 'kind of fault to flap' },
  unknownKey,
  missing: missingOptions,
  format: '; lower-case letters and digits in words joined by "-", such as "region-loss"',
  // Without a kind zod says nothing more of a fault; what all kinds have in common can still be checked.
  more: ({ code, path }, data) =>
    code === 'invalid_union' && path.at(-1) === 'kind' ? restOfFault((path as Path).slice(0, -1), data) : [],
}

function restOfFault(path: Path, data: unknown): Problem[] {
  const fault = valueAt(data, path)
  if (typeof fault !== 'object' || fault === null) return []
  const { kind: _kind, with: _with, ...rest } = fault as Record<string, unknown>
  const issues = whenSchema.safeParse(rest).error?.issues ?? []
  // The options of an unknown kind are not known, so none of them is wrong yet.
  return problemsOf(
    issues
      .filter(({ code, path: inside }) => code !== 'unrecognized_keys' || inside.length > 0)
      .map((issue) => ({ ...issue, path: [...path, ...issue.path] })),
    data,
  )
}

function unknownKey(path: Path, data: unknown): { message: string; meant?: string } | undefined {
  const parent = path.slice(0, -1)
  const key = String(path.at(-1))
  const kind = valueAt(data, [...(parent.at(-1) === 'with' ? parent.slice(0, -1) : parent), 'kind'])
  const options = Object.keys(optionsOf(kind) ?? {})
  const valid = shape.keysAt(parent, data)
  if (options.includes(key) && parent.at(-1) !== 'with')
    return { message: `key "${key}" belongs under "with", where the options of ${String(kind)} are` }
  if (valid.length === 0 && parent.at(-1) === 'with')
    return { message: `key ${quoted(key)} is not known: ${String(kind)} has no options` }
  const seconds = valid.find((each) => each === inSeconds[key])
  return seconds === undefined
    ? undefined
    : {
        message: `key "${key}" is not known; did you mean "${seconds}", in milliseconds?${availableWords(valid)}`,
        meant: seconds,
      }
}

/** The words of define.ts, which counts in seconds, and the keys that stand for them here. */
const inSeconds: Record<string, string> = { at: 'atMs', lasting: 'forMs', observe: 'observeMs', for: 'forMs' }

function missingOptions(path: Path, data: unknown): string | undefined {
  const kind = valueAt(data, [...path.slice(0, -1), 'kind'])
  return path.at(-1) === 'with' && typeof kind === 'string'
    ? `: ${kind} needs ${shape.requiredKeysAt(path, data).join(' and ')}`
    : undefined
}
