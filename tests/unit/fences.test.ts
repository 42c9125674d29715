// Goal: data flows one way (scenario → run → journal → judge → report), and what judges touches nothing but data.
// Method: the import statements of the real files against a table. A new folder needs a row, and a reason to look
// outside.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Folder of chaos/ → the folders that it may import from, besides itself and the files of chaos/ itself. */
const mayImport: Record<string, readonly string[]> = {
  topology: [],
  yaml: [],
  worldfile: ['topology', 'yaml'],
  compose: [],
  generate: ['topology', 'worldfile'],
  adopt: ['yaml', 'worldfile', 'generate'],
  faults: ['topology'],
  scenarios: ['topology', 'yaml', 'faults'],
  journal: ['topology', 'faults', 'scenarios'],
  judge: ['topology', 'faults', 'scenarios', 'journal'],
  report: ['topology', 'faults', 'scenarios', 'journal', 'judge'],
  live: ['topology', 'faults', 'scenarios', 'journal', 'judge', 'report'],
  host: [],
  engine: ['topology', 'host'],
  stack: ['topology', 'worldfile'],
  world: ['topology', 'worldfile', 'compose', 'generate', 'host', 'engine', 'stack'],
  observers: ['topology', 'worldfile', 'journal', 'host', 'engine', 'stack'],
  load: ['topology', 'worldfile', 'scenarios', 'journal', 'engine'],
  injectors: ['topology', 'faults', 'host', 'engine', 'stack', 'world', 'observers'],
  calibrate: ['topology', 'scenarios', 'journal', 'judge', 'host', 'engine', 'world', 'load'],
  run: [
    'topology',
    'worldfile',
    'faults',
    'scenarios',
    'journal',
    'judge',
    'report',
    'host',
    'engine',
    'stack',
    'world',
    'observers',
    'load',
    'injectors',
    'calibrate',
  ],
  ui: ['topology', 'scenarios', 'journal', 'judge', 'report', 'live', 'world', 'run'],
  cli: [
    'topology',
    'yaml',
    'worldfile',
    'compose',
    'generate',
    'adopt',
    'faults',
    'scenarios',
    'journal',
    'judge',
    'report',
    'live',
    'host',
    'engine',
    'stack',
    'world',
    'observers',
    'load',
    'injectors',
    'calibrate',
    'run',
    'ui',
  ],
  // What programs of the user's import.
  api: ['topology', 'worldfile', 'scenarios', 'journal', 'judge', 'report', 'live', 'engine', 'world', 'run'],
}
/**
 * Folders without Docker, network, clock or file system, and the packages and built-in modules that are nothing of the
 * kind.
 */
const pure = ['topology', 'yaml', 'worldfile', 'generate', 'adopt', 'faults', 'scenarios', 'journal', 'judge', 'report']
const harmless = ['zod', 'yaml', 'node:buffer']
/**
 * Files of pure folders that are there to touch the outside: the journal's reader and writer, and two scripts. No pure
 * file may import them.
 */
const doors = ['chaos/journal/read.ts', 'chaos/journal/write.ts', 'chaos/journal/clock.ts']
/** Files of chaos/ itself that touch nothing. */
const plainFiles = ['chaos/errors.ts', 'chaos/limits.ts', 'chaos/random.ts']
/** A file without its comments. */
const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
/** Names without an import that read a clock, chance, the network or the process. */
const outsideGlobals =
  /\b(?:Date\.now|performance\.|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|fetch\(|process\.|crypto\.|globalThis)/

/**
 * What chaos/ may import from setup/, which is plain JavaScript and runs without packages. `pure` files import nothing
 * but each other. The others look at this machine.
 */
const ofSetup = {
  pure: ['exit-statuses', 'errors', 'env-file', 'loopback', 'password-names'],
  others: ['roots', 'owner', 'compose-env', 'guard', 'guarded', 'program', 'doctor'],
}

interface SourceFile {
  path: string
  folder: string
  text: string
  imports: string[]
}

function importsOf(text: string): string[] {
  const statements =
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*(?:\{[^}]*\}[^'"\n;]*)?\bfrom\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g
  return [...text.matchAll(statements)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

const files: SourceFile[] = globSync('chaos/**/*.ts', { cwd: root }).map((path) => {
  const text = readFileSync(join(root, path), 'utf8')
  return { path: path.split(sep).join('/'), folder: path.split(sep)[1] ?? '', text, imports: importsOf(text) }
})

/** The file that an import means, from the repository's root; undefined for a package or a built-in module. */
function targetOf(file: SourceFile, specifier: string): string | undefined {
  return specifier.startsWith('.')
    ? relative(root, join(root, dirname(file.path), specifier))
        .split(sep)
        .join('/')
    : undefined
}

function folderOf(path: string): string | undefined {
  const [top, folder, ...rest] = path.split('/')
  return top === 'chaos' && rest.length > 0 ? folder : undefined
}

const inFolders = files.filter((file) => folderOf(file.path) !== undefined)
const inPureFolders = inFolders.filter((file) => pure.includes(file.folder) && !doors.includes(file.path))

test('the reader of imports sees them all', () => {
  const text =
    "import a from './a.ts'\nimport type { B } from './b.ts'\nimport {\n  c,\n  d,\n} from './c.ts'\nexport { e } from './e.ts'\nexport * from './f.ts'\nimport './g.ts'\nconst h = await import('./h.ts')\n"
  expect(importsOf(text)).toEqual(['./a.ts', './b.ts', './c.ts', './e.ts', './f.ts', './g.ts', './h.ts'])
  expect(files.length).toBeGreaterThan(20)
})

test('every folder of chaos/ has a row in the table', () => {
  expect([...new Set(inFolders.map((file) => file.folder))].filter((folder) => !(folder in mayImport))).toEqual([])
})

describe.each(Object.entries(mayImport))('chaos/%s', (folder, allowed) => {
  test(`imports from ${allowed.length === 0 ? 'no other folder' : `${allowed.join(', ')} at most`}`, () => {
    const trespasses = inFolders
      .filter((file) => file.folder === folder)
      .flatMap((file) =>
        file.imports.flatMap((specifier) => {
          const target = targetOf(file, specifier)
          const into = target === undefined ? undefined : folderOf(target)
          return into === undefined || into === folder || allowed.includes(into)
            ? []
            : [`${file.path} imports ${specifier}`]
        }),
      )
    expect(trespasses).toEqual([])
  })
})

test('nothing in chaos/ imports from the world it tests', () => {
  const trespasses = files
    .flatMap((file) => file.imports.map((specifier) => [file.path, targetOf(file, specifier)] as const))
    .filter(([, target]) => target?.startsWith('regions/') || target?.startsWith('services/'))
  expect(trespasses).toEqual([])
})

/** What only one folder may know, by what its code says. */
const knownTo: [what: string, folder: string, says: RegExp][] = [
  ['the client of the Docker engine', 'engine', /\bdockerode\b/],
  ["the files in which this machine's kernel tells of itself", 'host', /\/proc\b|\/sys\/fs\/cgroup\b/],
  ['the address of this machine', 'topology', /\b127\.0\.0\.1\b/],
]

test.each(knownTo)('%s: known to chaos/%s alone', (_, folder, says) => {
  expect(
    inFolders.filter((file) => file.folder !== folder && says.test(code(file.text))).map(({ path }) => path),
  ).toEqual([])
})

test('no folder imports, by way of others, from itself', () => {
  const into = new Map<string, Set<string>>()
  for (const file of inFolders)
    for (const specifier of file.imports) {
      const target = targetOf(file, specifier)
      const folder = target === undefined ? undefined : folderOf(target)
      if (folder !== undefined && folder !== file.folder)
        into.set(file.folder, (into.get(file.folder) ?? new Set()).add(folder))
    }
  const cycleFrom = (path: string[]): string[][] =>
    [...(into.get(path.at(-1) ?? '') ?? [])].flatMap((next) =>
      next === path[0] ? [[...path, next]] : path.includes(next) ? [] : cycleFrom([...path, next]),
    )
  expect([...into.keys()].flatMap((folder) => cycleFrom([folder])).map((cycle) => cycle.join(' → '))).toEqual([])
})

describe(`${pure.join(', ')} touch no Docker, network, clock or file system`, () => {
  test('by import', () => {
    const trespasses = inPureFolders.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const target = targetOf(file, specifier)
        const fine =
          target === undefined
            ? harmless.includes(specifier)
            : plainFiles.includes(target) ||
              (target.startsWith('chaos/') && !doors.includes(target) && folderOf(target) !== undefined)
        return fine ? [] : [`${file.path} imports ${specifier}`]
      }),
    )
    expect(trespasses).toEqual([])
  })

  test('by global name', () => {
    expect(
      inPureFolders
        .filter((file) => outsideGlobals.test(code(file.text)))
        .map((file) => `${file.path}: ${outsideGlobals.exec(code(file.text))?.[0]}`),
    ).toEqual([])
  })

  test('and the errors that they throw touch nothing either', () => {
    expect(files.find((file) => file.path === 'chaos/errors.ts')?.imports).toEqual(['../setup/exit-statuses.mjs'])
  })
})

describe('chaos/ imports from setup/', () => {
  const setupFile = (name: string): string => `setup/${name}.mjs`

  test('the files in the table and no others', () => {
    const allowed = [...ofSetup.pure, ...ofSetup.others].map(setupFile)
    const used = files.flatMap((file) => file.imports.map((specifier) => targetOf(file, specifier)))
    const ofSetupUsed = [...new Set(used.filter((target) => target?.startsWith('setup/')))]
    expect(ofSetupUsed.toSorted()).toEqual(allowed.toSorted())
  })

  test.for(ofSetup.pure)('setup/%s.mjs, which is pure', (name) => {
    const imports = importsOf(readFileSync(join(root, setupFile(name)), 'utf8'))
    expect(imports.filter((specifier) => !ofSetup.pure.includes(specifier.replace(/^\.\/|\.mjs$/g, '')))).toEqual([])
  })
})

describe('setup/ runs where no package is installed', () => {
  /** Folder of setup/ → the folders that it may import from, besides itself and the files of setup/ itself. */
  const mayImportInSetup: Record<string, readonly string[]> = {
    host: [],
    docker: ['host'],
    steps: ['host', 'docker'],
  }
  const own = globSync('setup/**/*.mjs', { cwd: root }).map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return { path, folder: path.split(sep).at(-2) ?? '', text, imports: importsOf(text) }
  })

  test('by itself: it imports from Node and from itself', () => {
    const strange = own.flatMap((file) =>
      file.imports
        .filter((specifier) => !specifier.startsWith('node:') && !targetOf(file, specifier)?.startsWith('setup/'))
        .map((specifier) => `${file.path} imports ${specifier}`),
    )
    expect(own.length).toBeGreaterThan(30)
    expect(strange).toEqual([])
  })

  test.for(Object.entries(mayImportInSetup))('setup/%s imports from %s at most', ([folder, allowed]) => {
    const trespasses = own
      .filter((file) => file.folder === folder)
      .flatMap((file) =>
        file.imports
          .filter((specifier) => {
            const into = targetOf(file, specifier)?.split('/').at(-2) ?? folder
            return ![folder, 'setup', ...allowed].includes(into)
          })
          .map((specifier) => `${file.path} imports ${specifier}`),
      )
    expect(trespasses).toEqual([])
  })
})
