// Goal: what we write goes where we say and nowhere else; where it cannot be written, a sentence says why, and a
// verdict stands anyway.
// Method: the command line as a process of its own on run folders as they may come from elsewhere; nothing here gets as
// far as Docker.
import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const journal = join(root, 'tests', 'journals', 'met.ndjson')
const outputs = ['verdict.json', 'environment.json', 'summary.md', 'junit.xml', 'report.html']
/** Whom root can become to be nobody in particular. Whoever is not root is that already. */
const somebody = process.getuid?.() === 0 ? 65_534 : undefined
let place: string

beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'blackstart-run-files-')))
  if (somebody) chmodSync(place, 0o755)
})
afterEach(() => {
  rmSync(place, { recursive: true, force: true })
})

interface Options {
  env?: Record<string, string | undefined>
  uid?: number | undefined
  script?: string
  cwd?: string
}

function blackstart(
  args: string[],
  { env = {}, uid, script = join(root, 'chaos', 'cli', 'main.ts'), cwd }: Options = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const environment = {
      ...process.env,
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
      BLACKSTART_RUNS: join(place, 'runs'),
      ...env,
    }
    execFile(
      process.execPath,
      [script, ...args],
      { env: environment, cwd, timeout: 50_000, ...(uid !== undefined && { uid, gid: uid }) },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
}

function runFolder(name = 'run'): string {
  const folder = join(place, name)
  mkdirSync(folder)
  copyFileSync(journal, join(folder, 'journal.ndjson'))
  return folder
}

test.each(['judge', 'report'])(
  '%s replaces a link by a file of its own, and leaves alone what the link points to',
  async (verb) => {
    const folder = runFolder()
    const outside = join(place, 'outside')
    writeFileSync(outside, 'precious')
    for (const name of outputs)
      symlinkSync(name === 'junit.xml' ? join(place, 'not-there') : '../outside', join(folder, name))
    expect((await blackstart([verb, folder])).code).toBe(0)
    expect(readFileSync(outside, 'utf8')).toBe('precious')
    expect(existsSync(join(place, 'not-there'))).toBe(false)
    expect(outputs.filter((name) => !lstatSync(join(folder, name)).isFile())).toEqual([])
  },
)

test.each(['read-only', 'docker-socket'])(
  'in a folder that cannot be written (%s) the verdict is told, with a sentence on its files',
  async (name) => {
    const folder = runFolder(name)
    chmodSync(folder, 0o555)
    const judged = await blackstart(['judge', folder, '--json'], { uid: somebody })
    expect(judged.code).toBe(0)
    expect(JSON.parse(judged.stdout).verdict).toBe('met')
    expect(judged.stderr).toMatch(
      /verdict\.json, environment\.json, summary\.md, junit\.xml, report\.html could not be written: .*docker|read-only/,
    )
    expect(judged.stderr).not.toContain('engine')
    const reported = await blackstart(['report', folder], { uid: somebody })
    expect(reported.stderr).toContain('report.html could not be written')
    expect(reported).toMatchObject({ code: 3, stdout: '' })
    chmodSync(folder, 0o755)
  },
)

test.runIf(somebody)(
  'what belongs to another user is told with its owner and what to do, not as a bug of ours',
  async () => {
    const folder = runFolder()
    const { stderr } = await blackstart(['judge', folder], { uid: somebody })
    expect(stderr).toMatch(/run belongs to root, and you are .*"sudo chown -R .* '.*run'"/)
    // A file is replaced in its folder, so its folder is what must be given.
    for (const name of outputs) writeFileSync(join(folder, name), 'old')
    expect((await blackstart(['judge', folder], { uid: somebody })).stderr).toMatch(/"sudo chown -R .* '[^']*run'"/)
    mkdirSync(join(place, 'runs'))
    const { code, stderr: said } = await blackstart(['run', 'control'], { uid: somebody })
    expect(said).toMatch(/runs cannot be written to .*runs belongs to root, and you are/)
    expect(code).toBe(3)
  },
)

describe('judge --all', () => {
  const inRuns = (name: string) => {
    mkdirSync(join(place, 'runs'), { recursive: true })
    return runFolder(join('runs', name))
  }

  test('lists what changed since, per run, and writes nothing', async () => {
    const same = inRuns('a-same')
    await blackstart(['judge', same])
    const old = inRuns('b-old')
    await blackstart(['judge', old])
    const verdict = JSON.parse(readFileSync(join(old, 'verdict.json'), 'utf8'))
    const { writeGapMs: _new, ...older } = { ...verdict, verdict: 'missed', recoveredInMs: 3570 }
    const kept = JSON.stringify({
      ...older,
      validity: older.validity.filter(({ name }: { name: string }) => name !== 'journal-consistent'),
    })
    writeFileSync(join(old, 'verdict.json'), kept)
    inRuns('c-new')
    const torn = inRuns('d-torn')
    writeFileSync(join(torn, 'journal.ndjson'), 'no journal\n')
    const { code, stdout, stderr } = await blackstart(['judge', '--all'])
    expect(stdout.split('\n')).toEqual([
      'a-same: the same',
      'b-old',
      '  verdict: missed → met',
      '  recoveredInMs: 3570 → 3600',
      'c-new: had no verdict',
      expect.stringMatching(/^d-torn: cannot read the journal/),
      '',
    ])
    expect(stderr).toContain('4 runs judged again: 2 with changes, 1 could not be read')
    expect(code).toBe(4)
    expect(readFileSync(join(old, 'verdict.json'), 'utf8')).toBe(kept)
    expect(existsSync(join(place, 'runs', 'c-new', 'verdict.json'))).toBe(false)
    const lines = (await blackstart(['judge', '--all', '--json'])).stdout.trim().split('\n')
    expect(JSON.parse(lines[1] ?? '')).toEqual({
      run: 'b-old',
      changes: [
        { what: 'verdict', before: 'missed', after: 'met' },
        { what: 'recoveredInMs', before: 3570, after: 3600 },
      ],
    })
  })

  test('is for all runs or for one', async () => {
    const { code, stderr } = await blackstart(['judge', 'last', '--all'])
    expect(stderr).toContain('judge last --all: give one or the other')
    expect(code).toBe(4)
  })
})

test('one output that is a folder does not keep the others from being written', async () => {
  const folder = runFolder()
  mkdirSync(join(folder, 'summary.md'))
  const { code, stderr } = await blackstart(['judge', folder])
  expect(stderr).toMatch(/summary\.md could not be written: EISDIR/)
  expect(code).toBe(0)
  expect(outputs.filter((name) => !existsSync(join(folder, name)))).toEqual([])
})

test.each([['--json'], []])('show %j of a run that was not judged says what makes a verdict', async (...args) => {
  const { code, stdout, stderr } = await blackstart(['show', runFolder(), ...args])
  expect(stderr).toMatch(/holds no verdict that can be read: "npx blackstart judge .*run" makes one/)
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
})

test('a folder for runs that cannot be one is told before anything is begun', async () => {
  const { code, stderr } = await blackstart(['run', 'control'], { env: { BLACKSTART_RUNS: journal } })
  expect(stderr).toMatch(/met\.ndjson exists and is not a folder/)
  expect(code).toBe(3)
})

test("neither a terminal nor GitHub's runner takes an order from a folder's name, a journal or a scenario", async () => {
  const attack = '\u001b]0;x\u0007\u009b2J\u202e\n::stop-commands::x ##[add-mask]y'
  const folder = runFolder(`run ${attack.replaceAll('/', '')}`)
  const lines = readFileSync(journal, 'utf8').split('\n')
  const opened = JSON.parse(lines[0] ?? '') as { scenario: { title: string } }
  opened.scenario.title = attack
  writeFileSync(join(folder, 'journal.ndjson'), [JSON.stringify(opened), ...lines.slice(1)].join('\n'))
  const scenario = join(place, 'evil.yaml')
  writeFileSync(
    scenario,
    readFileSync(join(root, 'chaos', 'scenarios', 'templates', 'region-loss.yaml'), 'utf8').replace(
      /^title: .*$/m,
      () => `title: ${JSON.stringify(attack)}`,
    ),
  )
  const commands = [
    ['judge', folder],
    ['judge', folder, '--json'],
    ['show', scenario],
    ['show', scenario, '--json'],
    ['judge', `no ${attack}`],
  ]
  for (const { stdout, stderr } of await Promise.all(
    commands.map((args) => blackstart(args, { env: { GITHUB_ACTIONS: 'true' } })),
  )) {
    expect(stdout + stderr).toMatch(/0;x/)
    expect(stdout + stderr).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    expect(`${stdout}\n${stderr}`.split('\n').filter((line) => /^\s*::/.test(line) || line.includes('##['))).toEqual([])
  }
})

/** The project where nobody expects it. */
function checkoutWithSpaces(): string {
  const checkout = join(place, 'my own checkout')
  for (const part of ['chaos', 'setup', 'package.json'])
    cpSync(join(root, part), join(checkout, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  return checkout
}

test('what needs no engine works at a path with spaces, without HOME and TMPDIR, under a narrow umask', async () => {
  const checkout = checkoutWithSpaces()
  const mine = {
    script: join(checkout, 'chaos', 'cli', 'main.ts'),
    cwd: checkout,
    env: { HOME: undefined, TMPDIR: undefined, BLACKSTART_RUNS: undefined },
  }
  const before = process.umask(0o077)
  try {
    mkdirSync(join(checkout, 'runs', 'a run'), { recursive: true })
    copyFileSync(journal, join(checkout, 'runs', 'a run', 'journal.ndjson'))
    const first = [['list'], ['judge', 'a run'], ['new', 'my-drill']]
    const then = [
      ['report', 'a run'],
      ['show', 'a run', '--json'],
      ['show', 'my-drill.yaml'],
    ]
    for (const commands of [first, then]) {
      const ended = await Promise.all(commands.map((args) => blackstart(args, mine)))
      expect(ended.filter(({ code }) => code !== 0)).toEqual([])
    }
  } finally {
    process.umask(before)
  }
  expect(lstatSync(join(checkout, 'runs', 'a run', 'verdict.json')).mode & 0o077).toBe(0)
})

test.runIf(somebody)('of a checkout that root ran first it is said whose the files are, and what to do', async () => {
  const checkout = checkoutWithSpaces()
  const script = join(checkout, 'lock.mjs')
  writeFileSync(
    script,
    `import { lockWorld } from './chaos/world/lock.ts'
try { lockWorld('other')[Symbol.dispose]() } catch (error) { console.error(error.message); process.exitCode = error.exitCode ?? 70 }`,
  )
  expect(await blackstart([], { script })).toMatchObject({ code: 0 })
  const state = join(checkout, '.blackstart')
  const refused = await blackstart([], { script, uid: somebody })
  expect(refused.stderr).toMatch(/other\.db.* belongs to root, and you are .*sudo chown -R/)
  expect(refused.code).toBe(3)
  rmSync(join(state, 'locks'), { recursive: true })
  const unmade = await blackstart([], { script, uid: somebody })
  expect(unmade.stderr).toMatch(/the folder .*locks cannot be made: .*\.blackstart belongs to root/)
  expect(unmade.code).toBe(3)
  chownSync(state, somebody ?? 0, somebody ?? 0)
  expect(await blackstart([], { script, uid: somebody })).toMatchObject({ code: 0 })
})
