// Goal: whoever reads a suite's results, a person or a pipeline, sees what was met, missed, not told and not run, and
// no text of a journal can pass for markup or for a command.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  exitStatusOf,
  inapplicableResult,
  judgedResult,
  type Suite,
  suiteSchema,
  type Told,
  unjudgedResult,
} from '../../../chaos/judge/suite.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { palette } from '../../../chaos/live/colours.ts'
import { renderAnnotations } from '../../../chaos/report/suite-annotations.ts'
import { renderSuiteJunit } from '../../../chaos/report/suite-junit.ts'
import { renderSuiteSummary } from '../../../chaos/report/suite-markdown.ts'
import { renderSuiteTable, resultLine } from '../../../chaos/report/suite-terminal.ts'
import { textWidth } from '../../../chaos/report/text.ts'
import { createRunFolder, findRun, listRuns } from '../../../chaos/run/folder.ts'
import { appendStepSummary, writeSuite } from '../../../chaos/run/suite-files.ts'
import { emptyVerdict, missedVerdict } from './fixture-verdict.ts'

const attack = `<b>&"'|\`x\`\n# no [link](https://evil.example) \r\n::error::50%, \x1b[31m</details>]]>`
const metVerdict = () =>
  missedVerdict({
    verdict: 'met',
    summary: 'met: kept',
    objectives: missedVerdict().objectives.map((objective) => ({ ...objective, verdict: 'met' as const })),
  })
const common = (scenario: string) => ({
  scenario,
  title: `story of ${scenario}`,
  trial: 1,
  startedAt: '2026-11-03T10:02:00.000Z',
  tookMs: 81_300,
})
const judged = (scenario: string, verdict: Verdict): Told => ({
  result: judgedResult(common(scenario), verdict, `run-${scenario}`),
  verdict,
})
const skipped = (scenario: string, reason = 'the kernel has no nf_tables'): Told => ({
  result: unjudgedResult(common(scenario), 'skipped', reason),
})
const inapplicable = (scenario: string, reason = 'this world has no DCS'): Told => ({
  result: inapplicableResult({ name: scenario, title: 'story' }, { startedAt: new Date(0), reason }),
})
const failed = (scenario: string, reason = 'k6 did not start'): Told => ({
  result: unjudgedResult(common(scenario), 'inconclusive', reason),
})

function suiteOf(told: Told[], change: Partial<Suite> = {}): Suite {
  const said = { results: told.map(({ result }) => result), allowedSkips: [], stopped: null, ...change }
  return suiteSchema.parse({
    schemaVersion: 1,
    name: 'core',
    world: 'w',
    startedAt: '2026-11-03T10:00:00.000Z',
    tookMs: 1_278_000,
    shard: null,
    trials: 1,
    exitStatus: exitStatusOf(said),
    resetsMs: [1_200, 800, 2_000],
    rebuilds: [],
    notRun: [],
    ...said,
  })
}
const everything = [
  judged('region-kill', metVerdict()),
  judged('region-cut', missedVerdict({ scenario: 'region-cut' })),
  judged('link-cut-region-kill', emptyVerdict()),
  skipped('disk-full'),
  failed('clock-jump'),
]
const all = suiteOf(everything)

test.each<[string, Told[], Partial<Suite>, number]>([
  ['all met', [judged('a', metVerdict())], {}, 0],
  ['missed and inconclusive', [judged('a', emptyVerdict()), judged('b', missedVerdict())], {}, 1],
  ['inconclusive', [judged('a', metVerdict()), judged('b', emptyVerdict())], {}, 2],
  ['a harness error', [judged('a', metVerdict()), failed('b')], {}, 2],
  ['skipped', [judged('a', metVerdict()), skipped('b')], {}, 2],
  ['skipped, and another allowed', [judged('a', metVerdict()), skipped('b')], { allowedSkips: ['c'] }, 2],
  ['skipped and allowed', [judged('a', metVerdict()), skipped('b')], { allowedSkips: ['b'] }, 0],
  ['one does not apply', [judged('a', metVerdict()), inapplicable('b')], {}, 0],
  ['none applies', [inapplicable('a'), inapplicable('b')], {}, 2],
  ['nothing at all', [], {}, 2],
  ['all of it skipped and allowed', [skipped('a'), skipped('b')], { allowedSkips: ['a', 'b'] }, 2],
  ['interrupted after a miss', [judged('a', missedVerdict())], { stopped: 'interrupted' }, 130],
  ['killed while all was met', [judged('a', metVerdict())], { stopped: 'unfinished' }, 2],
  ['no world', [judged('a', metVerdict())], { stopped: 'no world' }, 2],
])('%s: the exit status is that of the worst', (_name, told, change, expected) => {
  expect(suiteOf(told, change).exitStatus).toBe(expected)
})

test('junit: met passes, missed fails, inconclusive is an error, skipped is skipped', () => {
  const xml = renderSuiteJunit(all, everything)
  expect(xml).toContain('<testsuites name="blackstart" tests="17" failures="2" errors="6" skipped="1">')
  expect(xml).toContain(
    '<testsuite name="region-kill" timestamp="2026-11-03T10:02:00.000Z" time="81.300" tests="5" failures="0" errors="0">',
  )
  expect(xml).toMatch(
    /classname="blackstart.disk-full" name="the trial was judged"><skipped message="the kernel has no nf_tables">/,
  )
  expect(xml).toMatch(
    /classname="blackstart.clock-jump" name="the trial was judged"><error message="k6 did not start">/,
  )
})

test('what does not apply is told everywhere with its reason, and is no trial', () => {
  const told = [inapplicable('dcs-leader-kill', attack), judged('a', metVerdict())]
  const suite = suiteOf(told)
  expect(renderSuiteJunit(suite, told)).toMatch(
    /classname="blackstart.dcs-leader-kill" [^>]*><skipped message="dcs-leader-kill does not apply here: &lt;b&gt;/,
  )
  const summary = renderSuiteSummary(suite, told)
  expect(summary).toContain('1 trial in 21.3 min: 1 met; 1 scenario does not apply here.')
  expect(summary).toMatch(/^- dcs-leader-kill does not apply here: /m)
  expect(summary).not.toContain('| dcs-leader-kill')
  const table = renderSuiteTable(suite, { colours: palette(false), width: 80 })
  expect(table).toMatch(/^ {2}dcs-leader-kill does not apply here: /m)
  expect(table.split('\n').every((line) => textWidth(line) <= 80)).toBe(true)
  expect(renderAnnotations(suite)).toEqual([])
})

test('junit: what was not run is there too, and not green', () => {
  const told = [judged('a', missedVerdict())]
  const bailed = renderSuiteJunit(suiteOf(told, { stopped: 'bail', notRun: [{ scenario: 'b', trial: 1 }] }), told)
  expect(bailed).toMatch(
    /classname="blackstart.b" .*<skipped message="not run, since a was missed and --bail was given">/,
  )
  const killed = renderSuiteJunit(suiteOf(told, { stopped: 'unfinished', notRun: [{ scenario: 'b', trial: 1 }] }), told)
  expect(killed).toMatch(/classname="blackstart.b" .*<error message="not run, since the suite has not ended">/)
})

test('junit: it is well-formed whatever the texts hold', () => {
  const told = [
    failed(attack, attack),
    skipped(attack, attack),
    judged(attack, emptyVerdict({ scenario: attack, summary: attack })),
  ]
  const xml = renderSuiteJunit(suiteOf(told), told)
  expect(openTags(xml)).toEqual([])
  expect(openTags('<a><b></a>')).not.toEqual([])
  expect(xml).not.toMatch(/[\x00-\x09\x0b\x0c\x0e-\x1f]|<b>|::error::50%<\//)
})

test('the summary has a row for each, the totals, and the details of what was not met', () => {
  const text = renderSuiteSummary(all, everything)
  expect(text).toMatch(/^# ✕ Missed: suite core\n/)
  expect(text).toContain('5 trials in 21.3 min: 1 met, 1 missed, 2 inconclusive, 1 skipped.')
  expect(text).toContain('| ✓ | region-kill | met | 22.412 s | 22.39 s | 1698 | 0 |  |')
  expect(text).toContain(
    '| ✕ | region-cut | missed | 22.412 s | 22.39 s | 1698 | 0 | clients are served again within 3 s of the fault; no request fails |',
  )
  expect(text).toContain('| ? | link-cut-region-kill | inconclusive | not measured | – | – | – | fault-proved |')
  expect(text).toContain('| - | disk-full | skipped | not measured | – | – | – | the kernel has no nf\\_tables |')
  expect(text).toContain('- disk-full was skipped, and "--allow-skip disk-full" was not given: the kernel')
  expect(text.match(/<details>/g)).toHaveLength(3)
  expect(text.match(/<\/details>/g)).toHaveLength(3)
  expect(text).toContain('<summary>✕ missed: region-cut</summary>\n\n### ✕ Missed: region-cut\n')
  expect(text).toContain('\n#### Objectives\n')
  expect(text).toContain('Run folder: run-region-cut.\n\n</details>')
  expect(text).not.toContain('Missed: region-kill')
  expect(renderSuiteSummary(all, everything, { details: false })).not.toContain('<details>')
  expect(
    renderSuiteSummary(suiteOf([judged('region-kill', metVerdict())], { shard: { index: 2, of: 3 } }), []),
  ).toMatch(/^# ✓ Met: suite core, part 2 of 3\n/)
})

test('the summary: no text becomes markup', () => {
  const told = [
    failed('a', attack),
    skipped('b', attack),
    judged('c', emptyVerdict({ scenario: attack, summary: attack, title: attack })),
  ]
  const text = renderSuiteSummary(
    suiteOf(told, { name: attack, world: attack, rebuilds: [{ before: 'a', reason: attack, tookMs: 1 }] }),
    told,
  )
  expect(text).not.toMatch(/^#+ no|^::error/m)
  expect(text.match(/<\/?[a-z]+>/g)?.filter((tag) => !/^<\/?(details|summary)>$/.test(tag))).toEqual([])
  expect(text.match(/<\/details>/g)).toHaveLength(2)
  expect(text).not.toContain('[link](')
  expect(text).not.toContain('https://')
  expect(
    text
      .split('\n')
      .filter((line) => /^\| [✓✕?-] /.test(line))
      .slice(0, 3)
      .map((line) => line.replace(/\\\|/g, '').split('|').length),
  ).toEqual([10, 10, 10])
})

test('annotations: an error for what was missed, a warning for what could not be told', () => {
  expect(renderAnnotations(suiteOf([judged('a', metVerdict())]))).toEqual([])
  expect(renderAnnotations(all)).toEqual([
    '::error title=missed%3A region-cut::Clients were served again 22.412 s after the fault; the objective allows 3 s.',
    '::warning title=inconclusive%3A link-cut-region-kill::The fault was never proved.',
    '::warning title=skipped without --allow-skip%3A disk-full::the kernel has no nf_tables',
    '::warning title=inconclusive%3A clock-jump::k6 did not start',
  ])
  expect(renderAnnotations(suiteOf([skipped('b')], { allowedSkips: ['b'] }))[0]).toMatch(
    /^::warning title=skipped%3A b::/,
  )
  expect(renderAnnotations(suiteOf([], { stopped: 'no world', notRun: [{ scenario: 'x', trial: 1 }] }))).toEqual([
    '::warning title=1 not run::since there was no world to run in: x',
  ])
})

test('annotations: one line each, and nothing in a text ends it or begins another', () => {
  const told = [failed(attack, attack)]
  const [line, ...more] = renderAnnotations(suiteOf(told))
  expect(more).toEqual([])
  expect(line).not.toMatch(/[\x00-\x1f]/)
  const [, title = '', message = ''] = /^::warning title=(.*?)::(.*)$/.exec(line ?? '') ?? []
  expect(title).not.toMatch(/[:,]|%(?!25|0A|0D|3A|2C)/)
  expect(message).toContain('%0A::error::50%25, ')
})

for (const colour of [false, true]) {
  test(`the table fits 80 columns, ${colour ? 'with' : 'without'} colour`, () => {
    const told = [
      ...everything,
      failed('a-scenario-with-a-name-that-is-far-too-long-for-any-table-there-is', 'x'.repeat(200)),
    ]
    const text = renderSuiteTable(
      suiteOf(told, { rebuilds: [{ before: 'region-cut', reason: 'y'.repeat(200), tookMs: 20_000 }] }),
      { colours: palette(colour), width: 80 },
    )
    expect(text.split('\n').filter((line) => textWidth(line) > 80)).toEqual([])
    expect(text.includes('\x1b[31m')).toBe(colour)
  })
}

test('the table tells each result, why it was not met, and the totals', () => {
  const text = renderSuiteTable(
    { ...all, rebuilds: [{ before: 'region-cut', reason: 'pg-west-b does not stream', tookMs: 20_000 }] },
    { colours: palette(false), width: 80 },
  )
  expect(text).toMatch(
    /^ +scenario +verdict +recovered in +write gap +failed +lost\n✓ +region-kill +met +22\.412 s +22\.39 s +1698 +0\n/,
  )
  expect(text).toMatch(/^\? +link-cut-region-kill +inconclusive +not measured +– +– +–$/m)
  expect(text).toMatch(/^✕ region-cut missed: clients are served again/m)
  expect(text).toMatch(/^\? clock-jump inconclusive: k6 did not start$/m)
  expect(text).toMatch(/^! disk-full was skipped, and "--allow-skip disk-full" was not given/m)
  expect(text).toMatch(/^! the world was rebuilt before region-cut \(20\.0 s\): pg-west-b/m)
  expect(text).toContain(
    '\n5 trials in 21.3 min: 1 met, 1 missed, 2 inconclusive, 1 skipped\n3 verified resets, median 1.2 s, slowest 2.0 s; the world was rebuilt once',
  )
  expect(resultLine(judgedResult(common('a'), metVerdict(), 'r'), { colours: palette(false) })).toBe(
    '✓ met: recovered in 22.412 s, write gap 22.39 s, 1698 failed, 0 lost (81.3 s)',
  )
})

test('how long each trial took is told where there is room for it', () => {
  const text = renderSuiteTable(all, { colours: palette(false), width: 100 })
  expect(text).toMatch(/recovered in +write gap +failed +lost +took\n/)
  expect(text).toMatch(/^✓ +region-kill +met +22\.412 s +22\.39 s +1698 +0 +81\.3 s$/m)
})

test('with several trials each is told by its number', () => {
  const told = [1, 2].map(
    (trial): Told => ({
      ...judged('a', missedVerdict()),
      result: { ...judgedResult(common('a'), missedVerdict(), 'r'), trial },
    }),
  )
  expect(renderSuiteTable(suiteOf(told, { trials: 2 }), { colours: palette(false), width: 80 })).toMatch(
    /^✕ +a, trial 2 +missed/m,
  )
})

let runs = ''
beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'blackstart-suite-'))
  vi.stubEnv('BLACKSTART_RUNS', runs)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(runs, { recursive: true, force: true })
})

test('a suite has a folder of its own, and "last" stays the newest trial', () => {
  const trial = createRunFolder('a', new Date('2026-11-03T10:00:00Z'))
  writeFileSync(join(trial, 'journal.ndjson'), '')
  const folder = createRunFolder('suite-core', new Date('2026-11-03T10:01:00Z'), { ofTrial: false })
  writeSuite(folder, all, everything)
  expect(suiteSchema.parse(JSON.parse(readFileSync(join(folder, 'suite.json'), 'utf8')))).toEqual(all)
  expect(folder).toMatch(/2026-11-03T100100Z-suite-core$/)
  expect(findRun('last')).toBe(findRun('2026-11-03T100000Z-a'))
  expect(listRuns()).toEqual(['2026-11-03T100000Z-a'])
})

test("the job's summary page keeps what is on it, and gets the table alone where all would be too long", () => {
  const page = join(runs, 'page.md')
  writeFileSync(page, 'before\n')
  appendStepSummary(page, all, everything)
  expect(readFileSync(page, 'utf8')).toBe(`before\n${renderSuiteSummary(all, everything)}`)
  const long = [failed('a', 'short'), judged('b', missedVerdict({ summary: 'z'.repeat(1_000_000) }))]
  const suite = suiteOf(long.map((told) => ({ result: { ...told.result, reason: 'short' } })))
  writeFileSync(page, '')
  appendStepSummary(page, suite, long)
  expect(readFileSync(page, 'utf8')).toBe(renderSuiteSummary(suite, long, { details: false }))
})

/** Tags that do not pair up, and ampersands or angle brackets that no tag or entity explains. */
function openTags(xml: string): string[] {
  const open: string[] = []
  const rest = xml
    .replace(/<\?xml.*?\?>/, '')
    .replace(
      /<(\/?)([a-z]+)((?: [a-zA-Z]+="[^"<]*")*)(\/?)>/g,
      (_tag, close: string, name: string, _attributes: string, empty: string) => {
        if (close === '') {
          if (empty === '') open.push(name)
        } else if (open.at(-1) === name) open.pop()
        else open.push(`/${name}`)
        return ''
      },
    )
  return [...open, ...(rest.match(/[<>]|&(?!amp;|lt;|gt;|quot;|#\d+;)/g) ?? [])]
}
