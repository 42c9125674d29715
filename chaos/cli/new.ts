/** new: a scenario file to start from. */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { availableWords, messageOf, UsageError, withNearest } from '../errors.ts'
import { makeFolder } from '../files.ts'
import { longestName } from '../limits.ts'
import { cut } from '../report/text.ts'
import { chosenWorkRoot, packageIsInstalled } from '../roots.ts'
import { scenarioSchema } from '../scenarios/schema.ts'
import { fromFile, schemaFor } from './from-file.ts'
import { data, say } from './output.ts'

export interface NewOptions {
  /** Kebab-case; the scenario's, and the file's where no other path is given. */
  name: string
  template: string
  typescript: boolean
  /** A path of a file, or a folder that is there. */
  out?: string | undefined
}

const templatesFolder = fileURLToPath(new URL('../scenarios/templates', import.meta.url))

/** The names of the templates, in the order of the alphabet. */
export function templateNames(): string[] {
  return readdirSync(templatesFolder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted()
}

/** Writes the file, prints its path on stdout and what to do next on stderr. Never overwrites. */
export function newScenario(options: NewOptions): void {
  const path = writeFrom(options)
  say(`wrote ${path}, from the template ${options.template}${availableWords(templateNames())}

next:
  $ npx blackstart show ${quoted(path)}   its time line, without running it
  $ npx blackstart run ${quoted(path)}`)
  data(path)
}

/**
 * Writes the file and returns its path, as given.
 * @throws UsageError when the name is no name, the template is not there, or the file is
 */
export function writeFrom({ name, template, typescript, out }: NewOptions): string {
  if (!scenarioSchema.shape.name.safeParse(name).success) {
    const rule = `at most ${longestName} lower-case letters and digits, in words joined by "-", such as "region-loss"`
    throw new UsageError(
      `"${cut(name, longestName)}" is not a valid name for a scenario: ${rule} (--out says where the file goes)`,
    )
  }
  const templates = templateNames()
  if (!templates.includes(template)) {
    throw new UsageError(withNearest(`there is no template "${template}"`, template, templates))
  }
  const extension = typescript ? '.ts' : '.yaml'
  const path = pathFor(`${name}${extension}`, out)
  if (typescript ? !path.endsWith('.ts') : !/\.ya?ml$/.test(path)) {
    throw new UsageError(
      `--out ${path}: ${typescript ? 'with --typescript the file ends in .ts' : 'the file ends in .yaml or .yml (or in .ts, with --typescript)'}`,
    )
  }
  write(
    path,
    (template) => (typescript ? typescriptFor(template, name, path) : yamlFor(template, name, path)),
    `${template}${extension}`,
  )
  return path
}

function write(path: string, adapt: (template: string) => string, template: string): void {
  const wrong = (error: unknown): UsageError =>
    new UsageError(`cannot write ${path}: ${messageOf(error)}`, { cause: error })
  try {
    makeFolder(dirname(path))
  } catch (error) {
    throw wrong(error)
  }
  const text = adapt(readFileSync(join(templatesFolder, template), 'utf8'))
  try {
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw wrong(error)
    throw new UsageError(
      `${path} already exists, and "new" never overwrites a file: choose another name, or another path with --out`,
      { cause: error },
    )
  }
}

function pathFor(file: string, out: string | undefined): string {
  const chosen = chosenWorkRoot()
  if (out === undefined) return chosen === undefined ? file : relative(process.cwd(), join(chosen, file))
  return /[/\\]$/.test(out) || statSync(out, { throwIfNoEntry: false })?.isDirectory() ? join(out, file) : out
}

function yamlFor(template: string, name: string, path: string): string {
  return template
    .replace(/^# yaml-language-server:.*$/m, () => `# yaml-language-server: $schema=${schemaFor(path, 'scenario')}`)
    .replace(/^name: .*$/m, () => `name: ${/^\d+$/.test(name) ? `"${name}"` : name}`)
}

function typescriptFor(template: string, name: string, path: string): string {
  return template
    .replace(
      "from '../define.ts'",
      () => `from '${packageIsInstalled ? 'blackstart/scenarios' : fromFile(path, 'chaos/scenarios/define.ts')}'`,
    )
    .replace(/^ {2}name: .*$/m, () => `  name: '${name}',`)
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
