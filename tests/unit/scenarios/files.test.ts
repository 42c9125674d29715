// Goal: a scenario of one's own is a file away: `new` writes one, `show` and `run` read it, and both say what is wrong
// with it.
// Method: files in a folder of their own; the command line as a process where TypeScript has to be loaded the way users
// load it.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { templateNames, writeFrom } from '../../../chaos/cli/new.ts'
import { isScenarioFile, loadScenario } from '../../../chaos/cli/scenario.ts'
import { scenarioNamed } from '../../../chaos/scenarios/library/index.ts'
import { parseScenario } from '../../../chaos/scenarios/yaml.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'blackstart-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function blackstart(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [join(root, 'chaos/cli/main.ts'), ...args],
      { cwd: folder, env: { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' } },
      (error, stdout, stderr) =>
        done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
}

function file(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const yaml =
  'name: mine\ntitle: Mine\nfaults: [{ kind: kill, target: { scope: region, name: primary }, forMs: 5000 }]\nobserveMs: 9000\nobjectives: {}\n'
const define = `${root}/chaos/scenarios/define.ts`
const typescript = `import { fault, region, scenario } from '${define}'\nexport const mine = scenario({ name: 'mine', title: 'Mine', faults: [fault('kill', region('primary'), { lasting: 5 })], observe: 9, objectives: {} })\n`

describe('loading', () => {
  test('by name', async () => {
    expect(await loadScenario('region-kill')).toBe(scenarioNamed('region-kill'))
    await expect(loadScenario('region-kil')).rejects.toThrow('did you mean "region-kill"?')
  })

  test.each(['mine.yaml', 'mine.yml', 'MINE.YAML'])('from %s', async (name) => {
    expect(await loadScenario(file(name, yaml))).toMatchObject({ name: 'mine', steadyMs: 5_000 })
  })

  test("from a run's scenario.json", async () => {
    const scenario = scenarioNamed('link-cut-region-kill')
    expect(await loadScenario(file('scenario.json', JSON.stringify(scenario, null, 2)))).toEqual(scenario)
  })

  test('names are held against the reference world, and not where other Compose files are given', async () => {
    const path = file('paris.yaml', yaml.replace('primary', 'paris'))
    await expect(loadScenario(path)).rejects.toThrow(`${path}:3:55: region "paris" is not known`)
    await expect(loadScenario(path, { files: [join(root, 'docker-compose.yml')] })).rejects.toThrow(
      'region "paris" is not known',
    )
    expect((await loadScenario(path, { files: ['compose.yml'] })).name).toBe('mine')
  })

  test.each([
    ['gone.yaml', /cannot read the scenario gone\.yaml: there is no such file; "npx blackstart new <name>"/],
    ['gone.ts', /cannot read the scenario gone\.ts: there is no such file/],
    ['drills/gone', /nor a scenario file, which ends in \.yaml, \.yml, \.json or \.ts/],
    ['gone.toml', /nor a scenario file, which ends in \.yaml, \.yml, \.json or \.ts/],
  ])('%s is not there', async (path, message) => {
    await expect(loadScenario(path)).rejects.toThrow(message)
  })

  test('a folder is no file', async () => {
    mkdirSync(join(folder, 'folder.yaml'))
    await expect(loadScenario(join(folder, 'folder.yaml'))).rejects.toThrow(
      /cannot read the scenario .*folder\.yaml: EISDIR/,
    )
  })

  test('a path without its ending is pointed at', async () => {
    const path = file('drills/mine.yaml', yaml)
    await expect(loadScenario(path.slice(0, -'.yaml'.length))).rejects.toThrow(`did you mean "${path}"?`)
  })

  test('runs and scenarios are told from files by their ending', () => {
    expect(['a.yaml', 'a.yml', 'a.json', 'x/a.ts', 'A.YAML'].every(isScenarioFile)).toBe(true)
    expect(['last', 'region-kill', '2026-11-24T034848Z-region-cut', 'runs/last'].some(isScenarioFile)).toBe(false)
  })
})

/** Loads each file the way users' files are loaded, by Node itself and not by Vitest; one process for all of them. */
async function loaded(
  paths: string[],
): Promise<Record<string, { scenario?: unknown; name?: string; message?: string; exitCode?: number }>> {
  const program = `const { loadScenario } = await import(${JSON.stringify(join(root, 'chaos/cli/scenario.ts'))})
    const results = {}
    for (const path of ${JSON.stringify(paths)}) {
      results[path] = await loadScenario(path).then((scenario) => ({ scenario }), ({ name, message, exitCode }) => ({ name, message, exitCode }))
    }
    console.log(JSON.stringify(results))`
  const stdout = await new Promise<string>((done, failed) => {
    execFile(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder }, (error, out) =>
      error ? failed(error) : done(out),
    )
  })
  return JSON.parse(stdout)
}

describe('TypeScript', async () => {
  const good: [string, string][] = [
    ['its default export', typescript.replace('export const mine =', 'export const other = 5\nexport default')],
    ['its one scenario', typescript],
    ['both, when they are the same', `${typescript}export default mine\n`],
  ]
  const bad: [string, string, RegExp][] = [
    ['a typing error', 'export const a = 1\nexport const b = )\n', /^cannot load the scenario \S+\.ts:2: /],
    ['an enum', 'enum A { x }\nexport default A\n', /^cannot load the scenario \S+\.ts:1: .*enum/],
    [
      'a word that is not there',
      typescript.replaceAll(/\bregion(?=[ ,(])/g, 'regio'),
      /\.ts:1: .*does not provide an export named 'regio'/,
    ],
    [
      'an import of nothing',
      "import './nowhere.ts'\n",
      /^cannot load the scenario \S+\.ts: Cannot find module .*nowhere\.ts/,
    ],
    ['an error of its own', "const a = 1\nthrow new Error('not today')\n", /\.ts:2: not today/],
    [
      'a fault that cannot be',
      typescript.replace('lasting: 5', 'lasting: -5'),
      /\.ts:2: it is not a scenario:\n {2}forMs: Too small/,
    ],
    ['no scenario', 'export const a = 1\n', /\.ts exports no scenario; write "export default scenario\(\{ … \}\)"/],
    [
      'two scenarios',
      `${typescript}export const yours = mine\n`,
      /exports 2 scenarios \(mine, yours\) and none by default/,
    ],
    [
      'a default export of something else',
      "export default { name: 'a', title: 5, faults: [{ kind: 'kil' }], observeMs: 1, objectives: {} }\n",
      /the default export is no scenario:\n {2}title: expected a text, found 5[^]*fault kind "kil" is not known; did you mean "kill"/,
    ],
    [
      'a name that the world does not have',
      typescript.replace("'primary'", "'eest' as 'east'"),
      /\.ts: faults\[0\]\.target\.name: region "eest" is not known; did you mean "east"/,
    ],
  ]
  // The file is somebody else's program: whatever it does, it is bad usage, and never this process's end.
  const never = 'await new Promise(() => {})\n'
  bad.push(
    ['one that never comes', never, /\.ts: it awaits something that never comes/],
    [
      'one that ends the process',
      'process.exit(0)\n',
      /\.ts: it ended the process \(status 0\) instead of exporting a scenario/,
    ],
    [
      'one that ends it from a timer',
      `setTimeout(() => process.exit(1))\n${never}`,
      /\.ts: it ended the process \(status 1\)/,
    ],
    [
      'one that throws from a timer',
      `setTimeout(() => { throw new Error('not today') })\n${never}`,
      /\.ts:1: not today/,
    ],
    ['one that rejects unheard', `void Promise.reject(new Error('not today'))\n${never}`, /\.ts:1: not today/],
    [
      'one that throws from a getter',
      "export default {\n  get name() { throw new Error('not today') },\n}\n",
      /\.ts:2: not today/,
    ],
    [
      'one that ends the process from a getter',
      'export const mine = { get name() { process.exit(0) } }\n',
      /\.ts: it ended the process \(status 0\)/,
    ],
  )
  const results = await loaded([
    ...good.map(([, text], index) => file(`good-${index}.ts`, text)),
    ...bad.map(([, text], index) => file(`bad-${index}.ts`, text)),
  ])

  test.each(good.map(([what], index) => [what, `good-${index}.ts`]))('%s', (_what, name) => {
    expect(results[join(folder, name)]?.scenario).toEqual(parseScenario(yaml, 'mine.yaml'))
  })

  test.each(bad.map(([what, , message], index) => [what, `bad-${index}.ts`, message] as const))(
    '%s is bad usage',
    (_what, name, message) => {
      expect(results[join(folder, name)]).toEqual({
        name: 'UsageError',
        exitCode: 4,
        message: expect.stringMatching(message),
      })
      expect(results[join(folder, name)]?.message).toContain(join(folder, name))
    },
  )
})

describe('a TypeScript file that does not come to an end', () => {
  test.each([
    ['waits', 'setInterval(() => {}, 1_000)\nawait new Promise(() => {})\n'],
    ['is busy', 'while (true) {}\n'],
  ])('and %s is bad usage', async (what, text) => {
    const path = file(`endless-${what.replace(' ', '-')}.ts`, text)
    await expect(loadScenario(path, { limitMs: 1_500 })).rejects.toThrow(
      `cannot load the scenario ${path}: it was still busy after 1.5 s; a scenario is data, and must not wait for anything`,
    )
  })

  test('and what it says is no data', async () => {
    const path = file('talks.ts', `console.log('not data')\n${typescript}`)
    const { code, stdout, stderr } = await blackstart('show', path, '--json')
    expect({ code, name: (JSON.parse(stdout) as { name: string }).name }).toEqual({ code: 0, name: 'mine' })
    expect(stderr).toContain('not data')
  })
})

describe('the command line', () => {
  test.each([[['run']], [['demo', '--scenario']], [['show']]])(
    '%j refuses a bad file before it touches anything',
    async (verb) => {
      const path = file('bad.yaml', yaml.replace('kind: kill', 'kind: kil').replace('9000', '9s'))
      const { code, stdout, stderr } = await blackstart(...verb, path)
      expect(stderr).toMatch(
        /2 things are wrong in .*bad\.yaml:\n.*bad\.yaml:3:18: fault kind "kil" is not known; did you mean "kill"\?.*\n.*bad\.yaml:4:12: observeMs: expected a number, found "9s" \(a text\)/,
      )
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    },
  )

  test('new says where it wrote and what to do next, and what it wrote can be shown', async () => {
    const written = await blackstart('new', 'my-drill', '--template', 'partition', '--out', 'some/where/')
    expect(written).toMatchObject({ code: 0, stdout: 'some/where/my-drill.yaml\n' })
    expect(written.stderr).toMatch(
      /npx blackstart show some\/where\/my-drill\.yaml[^]*npx blackstart run some\/where\/my-drill\.yaml/,
    )
    const shown = await blackstart('show', 'some/where/my-drill.yaml')
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('blackhole on the link') })
    const again = await blackstart('new', 'my-drill', '--out', 'some/where')
    expect(again).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('some/where/my-drill.yaml already exists'),
    })
    expect(readFileSync(join(folder, 'some/where/my-drill.yaml'), 'utf8')).toContain('blackhole')
  })

  test('what new --typescript wrote can be shown', async () => {
    expect(await blackstart('new', 'typed', '--typescript', '--template', 'slow-link')).toMatchObject({
      code: 0,
      stdout: 'typed.ts\n',
    })
    expect(await blackstart('show', 'typed.ts')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('typed: The link between the regions takes 80 ms longer'),
    })
  })
})

describe('new', () => {
  test.each(templateNames())('%s: under its new name, and the editor finds the schema', (template) => {
    const path = writeFrom({ name: 'drill-7', template, typescript: false, out: join(folder, 'new', template, '/') })
    const text = readFileSync(path, 'utf8')
    expect(parseScenario(text, path).name).toBe('drill-7')
    const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? ''
    expect(schema).toMatch(/^\.\.?\//)
    expect(JSON.parse(readFileSync(resolve(dirname(path), schema), 'utf8')).title).toBe('A Blackstart scenario')
  })

  test('a name of digits stays a text', () => {
    const path = writeFrom({ name: '42', template: 'region-loss', typescript: false, out: join(folder, 'new/') })
    expect(parseScenario(readFileSync(path, 'utf8'), path).name).toBe('42')
  })

  test.each<[string, Partial<Parameters<typeof writeFrom>[0]>, RegExp]>([
    [
      'an unknown template',
      { template: 'partion' },
      /there is no template "partion"; did you mean "partition"\? \(available: custom-empty, partition/,
    ],
    ['a name with capitals', { name: 'My Drill' }, /"My Drill" is not a valid name for a scenario/],
    ['a name that no folder can have', { name: 'a'.repeat(300) }, /at most 64 lower-case letters/],
    ['a folder that cannot be', { out: '/proc/nowhere/' }, /cannot write .*the folder \/proc\/nowhere cannot be made/],
    ['a path for a name', { name: '../drill' }, /is not a valid name for a scenario.*--out says where the file goes/],
    ['another ending', { out: 'drill.txt' }, /the file ends in \.yaml or \.yml/],
    ['YAML that ends in .ts', { out: 'drill.ts' }, /or in \.ts, with --typescript/],
    [
      'TypeScript that ends in .yaml',
      { out: 'drill.yaml', typescript: true },
      /with --typescript the file ends in \.ts/,
    ],
    ['a folder that is a file', { out: join(folder, 'file', 'x.yaml') }, /cannot write .*x\.yaml/],
  ])('%s is bad usage', (_what, options, message) => {
    file('file', '')
    expect(() => writeFrom({ name: 'drill', template: 'region-loss', typescript: false, ...options })).toThrow(message)
  })
})
