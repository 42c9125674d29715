/** What is wrong with a file, in words for its author: what zod found, with the nearest valid name. */
import type { z } from 'zod'
import { availableWords, nearest, withNearest } from '../errors.ts'
import { type Path, pathWords, type SchemaShape, valueAt } from './shape.ts'

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

/** What one kind of file has of its own. Whatever it does not say is said in the same words for all. */
export interface Dialect {
  shape: SchemaShape
  /** What a name among several is called, by its key. */
  names?: Record<string, string>
  /** More about a key that is not known. */
  unknownKey?(path: Path, data: unknown): { message: string; meant?: string } | undefined
  /** What is missing, if more can be told than its type: ": kill needs …". */
  missing?(path: Path, data: unknown): string | undefined
  /** Why a text of a fixed form does not fit, where the schema does not say. */
  format?: string
  /** More problems, that zod does not look for once it has found this one. */
  more?(issue: z.core.$ZodIssue, data: unknown): Problem[]
}

/**
 * "is not known", with the nearest valid name and all of them: `region "eest" is not known; did you mean "east"?
 * (available: east, west)`.
 */
export function notKnown(what: string, given: string, valid: readonly string[]): string {
  return withNearest(`${what} ${quoted(given)} is not known`, given, valid)
}

/** Everything that zod found in the data, in zod's order. */
export function problemsIn(issues: readonly z.core.$ZodIssue[], data: unknown, dialect: Dialect): Problem[] {
  const problems = issues.flatMap((issue) => problemsOfIssue(issue, data, dialect))
  // A key with a typing error is one mistake, not a second one for the key that is missing for it.
  return problems.filter(
    ({ path, missing: key }) =>
      key === undefined ||
      !problems.some(({ path: other, meant }) => meant === key && pathWords(other.slice(0, -1)) === pathWords(path)),
  )
}

function problemsOfIssue(issue: z.core.$ZodIssue, data: unknown, dialect: Dialect): Problem[] {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey([...path, key], data, dialect, dialect.shape.keysAt(path, data)))
  if (issue.code === 'invalid_key')
    return [{ path, at: 'key', message: `the name ${quoted(nameOf(path))} does not fit: ${issue.issues[0]?.message}` }]
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return problemsOfUnion(issue, data, dialect)
  const value = valueAt(data, path)
  const found: Problem =
    value === undefined && path.length > 0
      ? missing(issue, path, data, dialect)
      : { path, at: 'value', message: wrongValue(issue, path, value, dialect) }
  return [found, ...(dialect.more?.(issue, data) ?? [])]
}

/** Of alternatives that no single key tells apart, the one that the data comes nearest to is meant. */
function problemsOfUnion(issue: z.core.$ZodIssueInvalidUnion, data: unknown, dialect: Dialect): Problem[] {
  const path = issue.path as Path
  const value = valueAt(data, path)
  if (value === undefined) return [missing(issue, path, data, dialect)]
  const ofOneType = issue.errors.filter(
    (issues) => !issues.some(({ code, path: at }) => code === 'invalid_type' && at.length === 0),
  )
  if (ofOneType.length === 0) {
    const types = issue.errors.flatMap((issues) =>
      issues.flatMap((each) => (each.code === 'invalid_type' ? [expectedWords(each.expected)] : [])),
    )
    return [
      {
        path,
        at: 'value',
        message: `${nameOf(path)}: expected ${[...new Set(types)].join(' or ')}, found ${foundWords(value)}`,
      },
    ]
  }
  const strange = (issues: readonly z.core.$ZodIssue[]) =>
    issues.flatMap((each) => (each.code === 'unrecognized_keys' && each.path.length === 0 ? each.keys : []))
  const meant = ofOneType.toSorted((a, b) => strange(a).length - strange(b).length || a.length - b.length)[0] ?? []
  const keys = strange(meant)
  const valid = dialect.shape.keysAt(path, data)
  if (keys.length > 0) return keys.map((key) => unknownKey([...path, key], data, dialect, valid))
  if (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
    return [{ path, at: 'value', message: `${nameOf(path)} is empty: it has one of ${valid.join(', ')}` }]
  return problemsIn(
    meant.map((each) => ({ ...each, path: [...path, ...each.path] })),
    data,
    dialect,
  )
}

function unknownKey(path: Path, data: unknown, dialect: Dialect, valid: readonly string[]): Problem {
  const key = String(path.at(-1))
  const told = dialect.unknownKey?.(path, data)
  return {
    path,
    at: 'key',
    message: told?.message ?? notKnown('key', key, valid),
    meant: told?.meant ?? nearest(key, valid),
  }
}

function missing(issue: z.core.$ZodIssue, path: Path, data: unknown, dialect: Dialect): Problem {
  const key = String(path.at(-1))
  const told = dialect.missing?.(path, data)
  const expected =
    told ??
    (issue.code === 'invalid_type'
      ? `: expected ${expectedWords(issue.expected)}${key.endsWith('Ms') ? ', in milliseconds' : ''}`
      : '')
  return {
    path: path.slice(0, -1),
    at: 'value',
    missing: key,
    message: `${nameOf(path)} is missing${expected}${availableWords(choices(issue))}`,
  }
}

function wrongValue(issue: z.core.$ZodIssue, path: Path, value: unknown, dialect: Dialect): string {
  const name = nameOf(path)
  const unit = String(path.at(-1)).endsWith('Ms') ? ' ms' : ''
  switch (issue.code) {
    case 'invalid_type':
      return `${name}: expected ${expectedWords(issue.expected)}, found ${foundWords(value)}${hint(issue.expected, value, path)}`
    case 'invalid_value':
    case 'invalid_union':
      if (typeof value !== 'string')
        return `${whatOf(path, dialect)}: expected one of ${choices(issue).join(', ')}, found ${foundWords(value)}`
      return notKnown(whatOf(path, dialect), value, choices(issue))
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
      return `${name}: ${quoted(String(value))} does not fit${dialect.format ?? `: ${issue.message}`}`
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
  record: 'a map',
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
function whatOf(path: Path, { names = {} }: Dialect): string {
  const key = nameOf(path)
  return names[key] ?? key
}

function nameOf(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'the file'
  return typeof last === 'number' ? `${String(path.at(-2) ?? '')}[${last}]` : last
}

export function quoted(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`
}
