/**
 * Reads a scenario from YAML: the same shape as in TypeScript, times in milliseconds. Every mistake is named with its
 * line and column.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml'
import { messageOf, UsageError } from '../errors.ts'
import { checkNames, type Position } from './names.ts'
import { problemsOf } from './problems.ts'
import type { Names } from './reference.ts'
import { type Scenario, scenarioSchema } from './schema.ts'
import { senselessIn } from './sense.ts'
import { type Path, valueAt } from './shape.ts'

/** At most this many mistakes are shown; the others show when these are corrected. */
const mostProblems = 10
/** Far more than a scenario needs, and far less than what it takes to fill the memory with copies of copies. */
const mostAliases = 50
/** In characters. No scenario is nearly as long; a journal given by mistake is. */
const longestText = 500_000

const emptyFile =
  'the file is empty: a scenario has a name, a title, faults, observeMs and objectives ' +
  '("npx blackstart new" writes one to start from)'

interface Found extends Position {
  message: string
}

/**
 * The scenario in a YAML text, complete with defaults. With `names`, targets and options may name only what these hold.
 * @throws UsageError with up to ten mistakes, each a line `file:line:column: what is wrong`, in the order of the file
 */
export function parseScenario(text: string, fileName: string, names?: Names): Scenario {
  if (text.length > longestText)
    throw new UsageError(`${fileName}: ${text.length} characters are too many for a scenario (at most ${longestText})`)
  const lines = new LineCounter()
  const source = text.replace(/^\uFEFF/, '')
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const at = (offset: number): Position => ({ line: lines.linePos(offset).line, column: lines.linePos(offset).col })
  refuse(fileName, syntaxProblems(document, source, at))

  const root = document.contents
  if (root === null || (isScalar(root) && root.value === null))
    refuse(fileName, [{ line: 1, column: 1, message: emptyFile }])
  if (!isMap(root)) {
    const message = `a scenario is a map (name: …, title: …, faults: …), but this is ${isSeq(root) ? 'a list' : 'a single value'}`
    refuse(fileName, [{ ...at(offsetOf(document, [], 'value')), message }])
  }
  const data = dataOf(document, fileName, at)

  const positionOf = (path: Path, which: 'value' | 'key' = 'value'): Position => at(offsetOf(document, path, which))
  const parsed = scenarioSchema.safeParse(data)
  const faults = valueAt(data, ['faults'])
  refuse(fileName, [
    ...problemsOf(parsed.error?.issues ?? [], data).map(({ path, at: which, message }) => ({
      ...positionOf(path, which),
      message,
    })),
    ...(names === undefined || !Array.isArray(faults)
      ? []
      : checkNames({ faults }, names).map(({ path, message }) => ({ ...positionOf(path), message }))),
    ...senselessIn(parsed.data ?? { faults: Array.isArray(faults) ? faults : [] }).map(({ path, message }) => ({
      ...positionOf(path),
      message,
    })),
  ])
  // Nothing was refused, so the data fits.
  return parsed.data ?? scenarioSchema.parse(data)
}

function refuse(fileName: string, problems: Found[]): void {
  if (problems.length === 0) return
  const lines = problems
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, message }) => `${fileName}:${line}:${column}: ${message}`)
  // A mistake that an alias repeats is reported once.
  const distinct = [...new Set(lines)]
  const more = distinct.length - mostProblems
  throw new UsageError(
    [
      ...(distinct.length > 1 ? [`${distinct.length} things are wrong in ${fileName}:`] : []),
      ...distinct.slice(0, mostProblems),
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join('\n'),
  )
}

function syntaxProblems(document: Document, source: string, at: (offset: number) => Position): Found[] {
  // A tag or a directive that YAML does not know is only a warning to the parser, and would be ignored.
  const found = [...document.errors, ...document.warnings].map((error) => ({
    ...at(error.pos[0]),
    message: syntaxWords(error, source),
  }))
  visit(document, {
    Alias(_key, alias, ancestors) {
      const meant = alias.resolve(document)
      const message =
        meant === undefined
          ? `the alias *${alias.source} stands for nothing: no anchor &${alias.source} comes before it`
          : ancestors.some((ancestor) => ancestor === meant)
            ? `the alias *${alias.source} stands for what it is a part of`
            : undefined
      if (message !== undefined) found.push({ ...at(alias.range?.[0] ?? 0), message })
    },
  })
  return found
}

function syntaxWords({ code, message, pos }: YAMLError, source: string): string {
  const here = source.slice(pos[0], pos[1])
  switch (code) {
    case 'DUPLICATE_KEY':
      return `key "${/^["']?([\w-]+)/.exec(source.slice(pos[0]))?.[1] ?? here}" is there twice`
    case 'MULTIPLE_DOCS':
      return 'a second document starts here, but a file holds one scenario'
    case 'TAB_AS_INDENT':
      return 'not YAML: tabs cannot indent; use spaces'
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'not YAML: a map starts in the middle of a line; a text with ": " in it must stand in quotes'
    case 'NON_STRING_KEY':
      return 'not YAML that a scenario can be: keys are plain names'
    case 'RESOURCE_EXHAUSTION':
      return 'nested too deeply for a scenario'
    default:
      return `not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
  }
}

function dataOf(document: Document, fileName: string, at: (offset: number) => Position): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases })
  } catch (error) {
    // Only aliases can go wrong here: everything else was checked before.
    let first = 0
    visit(document, {
      Alias(_key, alias) {
        first = alias.range?.[0] ?? 0
        return visit.BREAK
      },
    })
    return refuse(fileName, [
      { ...at(first), message: `its aliases stand for too much (from this one on; ${messageOf(error)}): write it out` },
    ])
  }
}

/** Where the value or the key at a path starts, or the innermost thing around it that is there. */
function offsetOf(document: Document, path: Path, which: 'value' | 'key'): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    const pair: Pair | undefined = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined
    const inside: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value
    if (pair === undefined && inside === undefined) break
    const empty = inside === null || (isScalar(inside) && inside.value === null && inside.source === '')
    const wantsKey = pair !== undefined && (empty || (which === 'key' && index === path.length - 1))
    offset = startOf(wantsKey ? pair.key : inside) ?? offset
    node = inside
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined
}
