/**
 * YAML as people write it by hand: every mistake is named with its line and column, and what is not plain data is
 * refused. What the data must be is the business of whoever reads it.
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
import type { Path } from './shape.ts'

/** From 1, as editors count. */
export interface Position {
  line: number
  column: number
}

/** At most this many mistakes are shown; the others show when these are corrected. */
const mostProblems = 10
/** Far more than such a file needs, and far less than what it takes to fill the memory with copies of copies. */
const mostAliases = 50
/** In characters. No such file is nearly as long; a journal given by mistake is. */
const longestText = 500_000

/** What a file is, for messages. */
export interface FileKind {
  /** "a scenario" */
  what: string
  /** How it begins: "name: …, title: …". */
  keys: string
  /** To somebody whose file is empty. */
  empty: string
}

export interface Mistake {
  path: Path
  at?: 'value' | 'key'
  message: string
}

export interface Written {
  data: unknown
  /** Does nothing if there are none. @throws UsageError with up to ten mistakes, in the order of the file */
  refuse(mistakes: readonly Mistake[]): void
}

/**
 * The data in a YAML text that holds one map.
 * @throws UsageError with up to ten mistakes, each a line `file:line:column: what is wrong`, in the order of the file
 */
export function readYaml(text: string, fileName: string, kind: FileKind): Written {
  if (text.length > longestText)
    throw new UsageError(
      `${fileName}: ${text.length} characters are too many for ${kind.what} (at most ${longestText})`,
    )
  const lines = new LineCounter()
  const source = text.replace(/^\uFEFF/, '')
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const at = (offset: number): Position => ({ line: lines.linePos(offset).line, column: lines.linePos(offset).col })
  refuse(fileName, syntaxProblems(document, { source, kind, at }))

  const root = document.contents
  if (root === null || (isScalar(root) && root.value === null))
    refuse(fileName, [{ line: 1, column: 1, message: `the file is empty: ${kind.empty}` }])
  if (!isMap(root)) {
    const message = `${kind.what} is a map (${kind.keys}), but this is ${isSeq(root) ? 'a list' : 'a single value'}`
    refuse(fileName, [{ ...at(offsetOf(document, [], 'value')), message }])
  }
  return {
    data: dataOf(document, fileName, at),
    refuse: (mistakes) =>
      refuse(
        fileName,
        mistakes.map(({ path, at: which, message }) => ({
          ...at(offsetOf(document, path, which ?? 'value')),
          message,
        })),
      ),
  }
}

interface Found extends Position {
  message: string
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

function syntaxProblems(
  document: Document,
  { source, kind, at }: { source: string; kind: FileKind; at: (offset: number) => Position },
): Found[] {
  // A tag or a directive that YAML does not know is only a warning to the parser, and would be ignored.
  const found = [...document.errors, ...document.warnings].map((error) => ({
    ...at(error.pos[0]),
    message: syntaxWords(error, source, kind),
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

function syntaxWords({ code, message, pos }: YAMLError, source: string, { what }: FileKind): string {
  const here = source.slice(pos[0], pos[1])
  switch (code) {
    case 'DUPLICATE_KEY':
      return `key "${/^["']?([\w-]+)/.exec(source.slice(pos[0]))?.[1] ?? here}" is there twice`
    case 'MULTIPLE_DOCS':
      return `a second document starts here, but a file holds ${what.replace(/^an? /, 'one ')}`
    case 'TAB_AS_INDENT':
      return 'not YAML: tabs cannot indent; use spaces'
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'not YAML: a map starts in the middle of a line; a text with ": " in it must stand in quotes'
    case 'NON_STRING_KEY':
      return `not YAML that ${what} can be: keys are plain names`
    case 'RESOURCE_EXHAUSTION':
      return `nested too deeply for ${what}`
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
