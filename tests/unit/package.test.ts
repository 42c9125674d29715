// Goal: what `npm pack` makes works in somebody else's project, and nothing is written to node_modules there.
// Method: packs, installs into an empty folder, and uses every export and some commands there. No engine is needed.
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { packageRoot } from '../../chaos/roots.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { contentsOf, type Installed, installPackage, run } from '../installed-package.ts'

const limitMs = 300_000
const maxBytes = 5 * 1024 ** 2

let own: Installed
let folder = ''
let project = ''
let installed = ''
let asInstalled = new Map<string, string>()

beforeAll(async () => {
  own = await installPackage({ 'package.json': '{ "name": "theirs", "private": true, "type": "module" }\n' })
  folder = own.folder
  project = own.project
  installed = own.package
  asInstalled = contentsOf(installed)
  // Vitest is the user's own. Its types are those that the matchers were written for.
  mkdirSync(join(project, 'node_modules'), { recursive: true })
  for (const name of ['vitest', 'typescript']) {
    const link = join(project, 'node_modules', name)
    if (!existsSync(link)) symlinkSync(join(packageRoot, 'node_modules', name), link)
  }
}, limitMs)
afterAll(() => own[Symbol.dispose](), limitMs)
beforeEach((context) => {
  if (own.missing !== undefined) context.skip(own.missing)
})

const blackstart = (args: string[], cwd = project) => run('npx', ['--no-install', 'blackstart', ...args], cwd)

function write(path: string, text: string): void {
  writeFileSync(join(project, path), text)
}

function useJournal(name: string): void {
  mkdirSync(join(project, 'runs', name), { recursive: true })
  cpSync(join(packageRoot, 'tests/journals/met.ndjson'), join(project, 'runs', name, 'journal.ndjson'))
}

describe('the tarball', () => {
  test('holds what is built and what is needed, and nothing of this machine', () => {
    const paths = [...asInstalled.keys()]
    const tops = new Set(paths.map((path) => path.split('/')[0]))
    const wanted = [
      'README.md',
      'dist',
      'docker-compose.yml',
      'docs',
      'package.json',
      'regions',
      'schemas',
      'services',
      'setup',
    ]
    expect([...tops].toSorted()).toEqual(wanted)
    const strange = paths.filter((path) =>
      /(^|\/)(\.env|\.git|\.npmrc|tests?|node_modules|runs)(\/|$)|\.test\./.test(path),
    )
    expect(strange).toEqual([])
    const here = [packageRoot, homedir()].filter((place) => place.length > 5)
    const telling = paths.filter((path) => here.some((place) => read(path).includes(place)))
    expect(telling).toEqual([])
    const bytes = paths.reduce((sum, path) => sum + statSync(join(installed, path)).size, 0)
    expect(bytes).toBeLessThan(maxBytes)
  })

  test('has the sources of the images and the configuration of nodes as they are in the checkout', () => {
    const mine = globSync(['regions/**/*', 'services/**/*'], {
      cwd: packageRoot,
      exclude: (path) => path.includes('node_modules'),
    }).filter((path) => statSync(join(packageRoot, path)).isFile())
    expect(mine.length).toBeGreaterThan(50)
    const bits = (root: string, path: string) => statSync(join(root, path)).mode & 0o100
    const different = mine.filter(
      (path) =>
        !existsSync(join(installed, path)) ||
        read(path) !== readFileSync(join(packageRoot, path), 'utf8') ||
        bits(installed, path) !== bits(packageRoot, path),
    )
    expect(different).toEqual([])
  })

  test('has what is given to k6, to containers, to browsers and to users as it is in the checkout', () => {
    const given = ['load/*.js', 'calibrate/stub.ts', 'scenarios/templates/*', 'ui/page/*']
    const mine = globSync(given, { cwd: join(packageRoot, 'chaos') })
    expect(mine.length).toBeGreaterThan(10)
    const different = mine.filter(
      (path) =>
        readFileSync(join(packageRoot, 'chaos', path), 'utf8') !== readFileSync(join(installed, 'dist', path), 'utf8'),
    )
    expect(different).toEqual([])
  })

  test('has every program and file that the built code asks for', () => {
    const missing = [...asInstalled.keys()]
      .filter((path) => /^dist\/.*\.js$/.test(path))
      .flatMap((path) => {
        const asked = read(path).matchAll(
          /^(?:import|export)\b[^'"=(]*'(\.{1,2}\/[^']+)'|\bimport\('(\.{1,2}\/[^']+)'|new URL\('(\.{1,2}\/[^']+)', import\.meta\.url\)/gm,
        )
        return Array.from(asked, ([, ...ways]) => ways.find((way) => way !== undefined) ?? '').flatMap((way) =>
          existsSync(join(installed, path, '..', way)) ? [] : [`${path} asks for ${way}`],
        )
      })
    expect(missing).toEqual([])
  })
})

describe('in a project', () => {
  test('commands work, by the exit statuses of a checkout', { timeout: limitMs }, async () => {
    expect(await blackstart(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: blackstart'),
    })
    expect(await blackstart(['--version'])).toMatchObject({ code: 0, stdout: `${packageJson.version}\n` })
    expect(await blackstart(['list'])).toMatchObject({ code: 0, stdout: expect.stringContaining('region-kill') })
    expect(await blackstart(['run', 'nope'])).toMatchObject({ code: 4, stderr: expect.stringContaining('"nope"') })
    expect(globSync('*', { cwd: project }).toSorted()).toEqual(['node_modules', 'package-lock.json', 'package.json'])
  })

  test('runs are in it, also for who works in a folder below', { timeout: limitMs }, async () => {
    useJournal('one')
    mkdirSync(join(project, 'below'))
    expect(await blackstart(['judge', 'one', '--json'], join(project, 'below'))).toMatchObject({ code: 0 })
    expect(await blackstart(['report', 'one'])).toMatchObject({ code: 0 })
    expect(existsSync(join(project, 'runs/one/report.html'))).toBe(true)
  })

  test('a scenario in TypeScript takes its words from the package', { timeout: limitMs }, async () => {
    expect(await blackstart(['new', 'mine', '--typescript'])).toMatchObject({ code: 0, stdout: 'mine.ts\n' })
    expect(readFileSync(join(project, 'mine.ts'), 'utf8')).toContain("from 'blackstart/scenarios'")
    expect(await blackstart(['show', 'mine.ts'])).toMatchObject({ code: 0, stdout: expect.stringContaining('mine') })
    expect(await blackstart(['new', 'other'])).toMatchObject({ code: 0 })
    const [, schema = ''] = /\$schema=(\S+)/.exec(readFileSync(join(project, 'other.yaml'), 'utf8')) ?? []
    expect(JSON.parse(readFileSync(join(project, schema), 'utf8'))).toHaveProperty('$schema')
    // The file that editors find is the one that programs import.
    expect(schema).toMatch(/blackstart\/schemas\/scenario\.schema\.json$/)
  })

  test('every export has its types, by tsc --strict, and a kind of fault that there is not is an error', {
    timeout: limitMs,
  }, async () => {
    write('uses.ts', usesOfAll)
    write('k6.ts', usesOfK6)
    write(
      'wrong.ts',
      "import { fault, region } from 'blackstart/scenarios'\nfault('kil', region('primary'), { lasting: 1 })\n",
    )
    // Neither --lib nor --types nor --skipLibCheck: what its types rest on, the package names itself.
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024', '--resolveJsonModule']
    const checked = ['node_modules/typescript/bin/tsc', ...options, 'uses.ts', 'k6.ts', 'wrong.ts']
    const { stdout } = await run(process.execPath, checked, project)
    // The rest of a message is indented.
    const errors = stdout.split('\n').filter((line) => /^\S/.test(line))
    expect(errors, stdout).toEqual([expect.stringMatching(/^wrong\.ts\(2,7\).*"kil"/)])
  })

  test('of docs/ only the schemas are exported', { timeout: limitMs }, async () => {
    const resolve = (what: string) =>
      run(
        process.execPath,
        ['-e', `console.log(import.meta.resolve('blackstart/${what}'))`, '--input-type=module'],
        project,
      )
    for (const name of ['journal', 'scenario', 'verdict', 'world'])
      expect(existsSync(new URL((await resolve(`schemas/${name}.schema.json`)).stdout.trim()))).toBe(true)
    const page = await resolve('schemas/own-system.md')
    expect(page.code === 0 && existsSync(new URL(page.stdout.trim()))).toBe(false)
  })

  test("a world file is written for a Compose file, and checked, by Compose's command line alone", {
    timeout: limitMs,
  }, async (context) => {
    if ((await run('docker', ['compose', 'version'], project)).code !== 0) context.skip('there is no Docker Compose')
    const shop = join(folder, 'shop')
    mkdirSync(shop)
    cpSync(join(packageRoot, 'tests/contract/shop/compose.yml'), join(shop, 'compose.yml'))
    writeFileSync(join(shop, 'package.json'), '{}')
    symlinkSync(join(project, 'node_modules'), join(shop, 'node_modules'))
    expect(await blackstart(['adopt'], shop)).toMatchObject({ code: 0, stdout: `${join(shop, 'blackstart.yaml')}\n` })
    expect(await blackstart(['adopt', '--check'], shop)).toMatchObject({ code: 0 })
    expect(readFileSync(join(shop, 'blackstart.yaml'), 'utf8')).toMatch(
      /^# \S+ \$schema=\S+blackstart\/schemas\/world\.schema\.json\n/,
    )
    expect(globSync('*', { cwd: shop }).toSorted()).toEqual([
      'blackstart.yaml',
      'compose.yml',
      'node_modules',
      'package.json',
    ])
  })

  test('blackstart/vitest without Vitest says what to install', { timeout: limitMs }, async () => {
    const alone = join(folder, 'alone')
    mkdirSync(alone)
    cpSync(join(project, 'node_modules'), join(alone, 'node_modules'), {
      recursive: true,
      filter: (path) => path !== join(project, 'node_modules', 'vitest'),
    })
    const ended = await run(process.execPath, ['-e', "await import('blackstart/vitest')", '--input-type=module'], alone)
    expect(ended.code).not.toBe(0)
    expect(ended.stderr).toContain('blackstart/vitest needs Vitest 5 or newer: npm install --save-dev vitest')
  })

  test('journals are judged, and Vitest knows the promises', { timeout: limitMs }, async () => {
    useJournal('two')
    write('promise.test.ts', promises)
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--no-color', 'promise.test.ts']
    const ended = await run(process.execPath, vitest, project)
    expect(ended.stdout).toMatch(/Tests +1 failed \| 1 passed/)
    expect(`${ended.stdout}${ended.stderr}`).toContain('missed "clients are served again within 1 ms"')
  })

  test('nothing was written to node_modules', () => {
    expect(contentsOf(installed)).toEqual(asInstalled)
  })
})

const usesOfAll = `
import { openWorld, judge, readJournal, EnvironmentError, type Verdict, type World } from 'blackstart'
import { fault, region, scenario, scenarioNamed, words } from 'blackstart/scenarios'
import { expect, test, testIn } from 'blackstart/vitest'
import worldSchema from 'blackstart/schemas/world.schema.json' with { type: 'json' }

const own = words({ regions: ['paris'], sites: ['paris', 'edge'], zones: [], nodes: ['api'], links: ['paris-edge'] } as const)
export const mine = scenario({
  name: 'mine',
  title: 'Paris is lost',
  faults: [fault('kill', own.region('paris'), { lasting: 5 }), fault('slow', region('primary'), { lasting: 5, latencyMs: 80 })],
  observe: 30,
  objectives: { recoverWithinMs: 10_000 },
})
export const verdict: Promise<Verdict> = readJournal('journal.ndjson').then(judge)
export async function all(): Promise<number | null> {
  await using world: World = await openWorld({ name: 'mine', files: ['compose.yml'] })
  const outage = await world.trial(mine, { attempts: 1 })
  if (new EnvironmentError('no').exitCode === 0) throw new Error(worldSchema.$schema)
  return outage.recoveredInMs
}
test('a region', async ({ world }) => {
  const outage = await world.trial(scenarioNamed('region-kill'))
  expect(outage).toRecoverWithin('3s')
  expect(outage).toLoseNoAckedWrites()
  expect(outage).toHaveExactlyOnePrimary()
})
testIn({ name: 'mine' })('another', async ({ world }) => expect(await world.trial(mine)).toBeMet())
`

const usesOfK6 = `
import { attempt } from 'blackstart/k6'
declare const http: { get(url: string, options: { timeout: string }): { status: number; error_code: number; headers: Record<string, string>; body: string } }
export default function () {
  const answer = attempt({ write: false }, ({ entry, key, timeout }) => http.get(entry + '/items/' + key, { timeout }))
  return answer.body.length
}
`

const promises = `
import { judge, readJournal } from 'blackstart'
import { expect, test } from 'blackstart/vitest'
import { attempt } from 'blackstart/k6'

const outage = judge(await readJournal('runs/two/journal.ndjson'))
test('kept', () => {
  expect(outage).toBeMet()
  expect(outage).toLoseNoAckedWrites()
  expect(() => attempt({}, () => ({ status: 200, error_code: 0, headers: {} }))).toThrow(/works in k6 alone/)
})
test('broken', () => expect(outage).toRecoverWithin(1))
`

/** A file of the installed package. */
function read(path: string): string {
  return readFileSync(join(installed, path), 'utf8')
}
