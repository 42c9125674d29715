// Goal: programs get nothing but data on stdout, GitHub gets its lines and its page, and people are told on stderr.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { suiteWatcher, tellSuite } from '../../../chaos/cli/suite-output.ts'
import {
  exitStatusOf,
  judgedResult,
  type Suite,
  suiteSchema,
  type Told,
  unjudgedResult,
} from '../../../chaos/judge/suite.ts'
import { fault, nothing, scenario } from '../../../chaos/scenarios/define.ts'
import { missedVerdict } from '../report/fixture-verdict.ts'

const common = (name: string) => ({
  scenario: name,
  title: name,
  trial: 1,
  startedAt: '2026-11-03T10:02:00.000Z',
  tookMs: 81_300,
})
const failed: Told = { result: unjudgedResult(common('b'), 'inconclusive', 'k6 did \x1b[2J not start') }
const told: Told[] = [{ result: judgedResult(common('a'), missedVerdict(), 'run-a'), verdict: missedVerdict() }, failed]
const said = { results: told.map(({ result }) => result), allowedSkips: [], stopped: null }
const suite: Suite = {
  schemaVersion: 1,
  name: 'core',
  world: 'w',
  startedAt: '2026-11-03T10:00:00.000Z',
  tookMs: 200_000,
  shard: null,
  trials: 1,
  exitStatus: exitStatusOf(said),
  resetsMs: [900],
  rebuilds: [],
  notRun: [],
  ...said,
}

let folder = ''
let stdout = ''
let stderr = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-suite-'))
  stdout = stderr = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true))
  for (const name of ['GITHUB_ACTIONS', 'GITHUB_STEP_SUMMARY']) vi.stubEnv(name, '')
  vi.stubEnv('BLACKSTART_RUNS', folder)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

test('people get a table and paths, and stdout stays empty', () => {
  tellSuite(suite, told, { folder, json: false })
  expect(stdout).toBe('')
  expect(stderr).toMatch(/✕ +a +missed.*2 trials in .*summary {2}\S+summary\.md\njunit {4}\S+junit\.xml\n$/s)
})

test('on GitHub stdout has annotations, and the page has the summary', () => {
  vi.stubEnv('GITHUB_ACTIONS', 'true')
  vi.stubEnv('GITHUB_STEP_SUMMARY', join(folder, 'page.md'))
  tellSuite(suite, told, { folder, json: false })
  expect(stdout).toMatch(/^::error title=missed%3A a::.*\n::warning title=inconclusive%3A b::k6 did .* not start\n$/)
  expect(readFileSync(join(folder, 'page.md'), 'utf8')).toMatch(/^# ✕ Missed: suite core\n/)
})

test('with --json stdout is a verdict a line and the suite as the last, on GitHub too', () => {
  vi.stubEnv('GITHUB_ACTIONS', 'true')
  const watch = suiteWatcher({ plan: { trials: 1 }, folder, json: true })
  for (const each of told) watch.ended?.(each, suite, undefined)
  tellSuite(suite, told, { folder, json: true })
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  expect(lines).toEqual([missedVerdict(), suite])
})

test('a page that cannot be written loses nothing else', () => {
  vi.stubEnv('GITHUB_STEP_SUMMARY', join(folder, 'no', 'such', 'folder'))
  tellSuite(suite, told, { folder, json: false })
  expect(stderr).toMatch(/could not be appended to GITHUB_STEP_SUMMARY .*ENOENT/)
})

test('progress: which of how many, its reset, its end; and after each trial the files are up to date', () => {
  const watch = suiteWatcher({ plan: { trials: 1 }, folder, json: false })
  const first = scenario({
    name: 'a',
    title: 'a story',
    faults: [fault('none', nothing, { lasting: 5 })],
    observe: 10,
    objectives: {},
  })
  watch.started?.({ scenario: first, trial: 1, index: 3, of: 18 })
  watch.reset?.(1_234)
  watch.ended?.(
    {
      result: judgedResult(common('a'), missedVerdict({ verdict: 'met' }), 'run-a'),
      verdict: missedVerdict({ verdict: 'met' }),
    },
    suite,
    undefined,
  )
  expect(stderr).toBe(
    '\n[3/18] a: a story\nreset in 1.2 s\n✓ met: recovered in 22.412 s, write gap 22.39 s, 1698 failed, 0 lost (81.3 s)\n',
  )
  expect(suiteSchema.parse(JSON.parse(readFileSync(join(folder, 'suite.json'), 'utf8')))).toEqual(suite)
  watch.ended?.(failed, suite, new TypeError('x is undefined'))
  expect(stderr).toMatch(/inconclusive: k6 did {2}\[2J not start\nTypeError: x is undefined\n +at /)
})
