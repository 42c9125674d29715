/** What is wrong with a scenario, in words for its author: what zod found, with the nearest valid name. */

import type { z } from 'zod'
import { availableWords, nearest, withNearest } from '../errors.ts'
import { optionsOf } from './kinds.ts'
import { whenSchema } from './schema.ts'
import { keysAt, type Path, pathWords, requiredKeysAt, valueAt } from './shape.ts'

export interface Problem {
  /** Where it is. Of something missing: the map that lacks it. */
  path: Path
  /** Whether the value at the path is wrong, or its key. */
  at: 'value' | 'key'
  message: string
  /** Of something missing: its key. */
  missing?: string
  /** Of a key that is not known: the one that was meant. */
  meant?: string | undefined
}

/**
 * "is not known", with the nearest valid name and all of them: `region "eest" is not known; did you mean "east"?
 * (available: east, west)`.
 */
export function notKnown(what: string, given: string, valid: readonly string[]): string {
  return withNearest(`${what} ${quoted(given)} is not known`, given, valid)
}

/** Everything that zod found in the data, in zod's order. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], data: unknown): Problem[] {
  const problems = issues.flatMap((issue) => problemsIn(issue, data))
  // A key with a typing error is one mistake, not a second one for the key that is missing for it.
  return problems.filter(
    ({ path, missing: key }) =>
      key === undefined ||
      !problems.some(({ path: other, meant }) => meant === key && pathWords(other.slice(0, -1)) === pathWords(path)),
  )
}

function problemsIn(issue: z.core.$ZodIssue, data: unknown): Problem[] {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], data))
  const value = valueAt(data, path)
  const found: Problem =
    value === undefined && path.length > 0
      ? missing(issue, path, data)
      : { path, at: 'value', message: wrongValue(issue, path, value) }
  // Without a kind zod says nothing more of a fault; what all kinds have in common can still be checked.
  return issue.code === 'invalid_union' && path.at(-1) === 'kind'
    ? [found, ...restOfFault(path.slice(0, -1), data)]
    : [found]
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

function unknownKey(path: Path, data: unknown): Problem {
  const parent = path.slice(0, -1)
  const key = String(path.at(-1))
  const kind = valueAt(data, [...(parent.at(-1) === 'with' ? parent.slice(0, -1) : parent), 'kind'])
  const options = Object.keys(optionsOf(kind) ?? {})
  const valid = keysAt(parent, data)
  const seconds = valid.find((each) => each === inSeconds[key])
  const message =
    options.includes(key) && parent.at(-1) !== 'with'
      ? `key "${key}" belongs under "with", where the options of ${String(kind)} are`
      : valid.length === 0 && parent.at(-1) === 'with'
        ? `key ${quoted(key)} is not known: ${String(kind)} has no options`
        : seconds !== undefined
          ? `key "${key}" is not known; did you mean "${seconds}", in milliseconds?${availableWords(valid)}`
          : notKnown('key', key, valid)
  return { path, at: 'key', message, meant: seconds ?? nearest(key, valid) }
}

/** The words of define.ts, which counts in seconds, and the keys that stand for them here. */
const inSeconds: Record<string, string> = { at: 'atMs', lasting: 'forMs', observe: 'observeMs', for: 'forMs' }

function missing(issue: z.core.$ZodIssue, path: Path, data: unknown): Problem {
  const key = String(path.at(-1))
  const parent = path.slice(0, -1)
  const kind = valueAt(data, [...parent, 'kind'])
  const told =
    key === 'with' && typeof kind === 'string' ? `: ${kind} needs ${requiredKeysAt(path, data).join(' and ')}` : ''
  const expected =
    issue.code === 'invalid_type' && told === ''
      ? `: expected ${expectedWords(issue.expected)}${key.endsWith('Ms') ? ', in milliseconds' : ''}`
      : told
  return {
    path: parent,
    at: 'value',
    missing: key,
    message: `${nameOf(path)} is missing${expected}${availableWords(choices(issue))}`,
  }
}

function wrongValue(issue: z.core.$ZodIssue, path: Path, value: unknown): string {
  const name = nameOf(path)
  const unit = String(path.at(-1)).endsWith('Ms') ? ' ms' : ''
  switch (issue.code) {
    case 'invalid_type':
      return `${name}: expected ${expectedWords(issue.expected)}, found ${foundWords(value)}${hint(issue.expected, value, path)}`
    case 'invalid_value':
    case 'invalid_union':
      if (typeof value !== 'string')
        return `${whatOf(path)}: expected one of ${choices(issue).join(', ')}, found ${foundWords(value)}`
      return notKnown(whatOf(path), value, choices(issue))
    case 'too_small':
    case 'too_big': {
      const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum
      const bound =
        issue.code === 'too_small'
          ? issue.inclusive
            ? 'at least'
            : 'more than'
          : issue.inclusive
            ? 'at most'
            : 'less than'
      if (typeof value === 'string')
        return `${name}: ${value.length} characters are too ${issue.code === 'too_small' ? 'few' : 'many'}; it must be ${bound} ${limit}`
      if (Array.isArray(value))
        return `${name}: expected ${bound} ${limit} item${Number(limit) === 1 ? '' : 's'}, found ${value.length}`
      if (typeof value === 'string')
        return `${name}: ${quoted(value)} has ${[...value].length} characters; it must have ${bound} ${limit}`
      return `${name}: ${String(value)} is too ${issue.code === 'too_small' ? 'small' : 'big'}; it must be ${bound} ${limit}${unit}`
    }
    case 'invalid_format':
      return `${name}: ${quoted(String(value))} does not fit; lower-case letters and digits in words joined by "-", such as "region-loss"`
    default:
      return `${name}: ${issue.message}`
  }
}

function choices(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_union') return []
  // zod names the discriminator's values, but its type for this issue does not have them yet.
  return 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
}

const expectations: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  tuple: 'a list',
}

function expectedWords(expected: string): string {
  return expectations[expected] ?? expected
}

function foundWords(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `${quoted(value)} (a text)`
  return typeof value === 'object'
    ? 'a map'
    : `${String(value)} (${typeof value === 'number' ? 'a number' : 'true or false'})`
}

const unitsMs: Record<string, number> = { ms: 1, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000 }

function hint(expected: string, value: unknown, path: Path): string {
  if (expected === 'string') return typeof value === 'number' || typeof value === 'boolean' ? '; put it in quotes' : ''
  if (expected === 'object' && value === null) return '; {} is an empty map'
  if (typeof value !== 'string' || (expected !== 'number' && expected !== 'int')) return ''
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value) ?? []
  if (digits !== undefined && unit === '') return '; write it without quotes'
  if (!String(path.at(-1)).endsWith('Ms')) return ''
  const factor = unitsMs[unit?.toLowerCase() ?? '']
  return `; times are in milliseconds${digits !== undefined && factor !== undefined ? `: ${Number(digits) * factor}` : ''}`
}

/** What a name among several is called. */
function whatOf(path: Path): string {
  const key = String(path.at(-1))
  return { kind: 'fault kind', scope: 'target scope', of: 'kind of fault to flap' }[key] ?? key
}

function nameOf(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'the scenario'
  return typeof last === 'number' ? `${String(path.at(-2) ?? '')}[${last}]` : last
}

function quoted(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`
}
