// Goal: no text from a journal, a verdict, a scenario or a label drives the terminal that it is shown on, nor GitHub's
// runner that reads along.
// Method: values whose every text is an attack, as far as their schemas let it be, through everything that is drawn for
// people; what is left over
//   from our own colours must hold no character that is more than text.
import { expect, test } from 'vitest'
import type { ZodType } from 'zod'
import { addresses } from '../../../chaos/cli/addresses.ts'
import { describeScenario } from '../../../chaos/cli/describe.ts'
import { harmless, jsonText } from '../../../chaos/cli/outlet.ts'
import { drawStatus } from '../../../chaos/cli/status.ts'
import { eventSchema } from '../../../chaos/journal/schema.ts'
import { judgedResult, type Suite, suiteSchema, unjudgedResult } from '../../../chaos/judge/suite.ts'
import { verdictSchema } from '../../../chaos/judge/verdict.ts'
import { palette } from '../../../chaos/live/colours.ts'
import { liveDisplay } from '../../../chaos/live/live.ts'
import { renderSummary } from '../../../chaos/report/markdown.ts'
import { renderSideBySide } from '../../../chaos/report/side-by-side.ts'
import { renderAnnotations } from '../../../chaos/report/suite-annotations.ts'
import { renderSuiteSummary } from '../../../chaos/report/suite-markdown.ts'
import { renderSuiteTable, resultLine } from '../../../chaos/report/suite-terminal.ts'
import { renderVerdict } from '../../../chaos/report/terminal.ts'
import { renderTrials } from '../../../chaos/report/trials.ts'
import { scenarioNamed } from '../../../chaos/scenarios/library/index.ts'
import { scenarioSchema } from '../../../chaos/scenarios/schema.ts'
import { topologySchema } from '../../../chaos/topology/topology.ts'
import { journal } from './fixture-journal.ts'
import { emptyVerdict, missedVerdict } from './fixture-verdict.ts'

/**
 * A window's title, hidden text, a cleared screen by one byte, a line over the last one, reversed text, and orders for
 * GitHub.
 */
const attack = '\u001b]0;x\u0007\u001b[8m\u009b2J\r\u202e\u200b\n::stop-commands::x ##[add-mask]y \u{e0041}'
const ownColours = /\u001b\[(?:0|1|2|22|3[1-9]|39)m/g
const ownMoves = /\u001b\[\d+A\r\u001b\[J/g
const more = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]|[\p{Cf}\p{Default_Ignorable_Code_Point}]/u

/** The value with the attack in every text that its schema leaves free, and in the keys of its records. */
function poisoned<T>(schema: ZodType<T>, value: T): T {
  const copy = structuredClone(value)
  const poison = (at: Record<string, unknown>): void => {
    for (const [key, old] of Object.entries(at)) {
      if (typeof old === 'object' && old !== null) poison(old as Record<string, unknown>)
      else if (typeof old === 'string') {
        at[key] = `${old}${attack}`
        if (!schema.safeParse(copy).success) at[key] = old
      }
    }
  }
  poison(copy as Record<string, unknown>)
  return copy
}

const common = (name: string) => ({
  scenario: name,
  title: name,
  trial: 2,
  startedAt: '2026-11-03T10:02:00.000Z',
  tookMs: 81_300,
})
const results = [
  judgedResult(common('a'), missedVerdict(), 'run-a'),
  unjudgedResult(common('b'), 'skipped', 'why'),
  unjudgedResult(common('c'), 'inconclusive', 'why'),
]
const suite: Suite = poisoned<Suite>(suiteSchema, {
  schemaVersion: 1,
  name: 'core',
  world: 'w',
  startedAt: '2026-11-03T10:00:00.000Z',
  tookMs: 200_000,
  shard: null,
  trials: 2,
  exitStatus: 1,
  resetsMs: [900],
  rebuilds: [{ before: 'b', reason: 'why', tookMs: 1 }],
  notRun: [{ scenario: 'd', trial: 1 }],
  results,
  allowedSkips: ['b'],
  stopped: 'bail',
})
const verdicts = [
  missedVerdict(),
  emptyVerdict(),
  missedVerdict({ phases: missedVerdict().phases.map((phase) => ({ ...phase, flag: 'overlap' })) }),
].map((verdict) => poisoned(verdictSchema, verdict))
const [missed = missedVerdict(), empty = missedVerdict()] = verdicts
const events = journal()
  .filter(({ kind }) => kind !== 'request')
  .map((event) => poisoned(eventSchema, event))
const owner = { pid: 7, host: attack, started: '1', command: `blackstart ${attack}` }
const status = {
  world: attack,
  containers: 3,
  missing: [`pg-a ${attack}`],
  owner,
  faults: [
    {
      faultId: `f1${attack}`,
      what: attack,
      world: 'w',
      writtenAt: new Date(0).toISOString(),
      owner: { ...owner, pid: 8 },
      undo: { do: 'remove-rules' as const, links: [attack] },
    },
  ],
  look: {
    databases: [
      { node: `pg-a${attack}`, role: 'primary' as const, timeline: 3, note: attack },
      { node: `pg-b${attack}`, role: 'silent' as const, timeline: null, note: attack },
    ],
    dcsLeader: attack,
    entries: [{ node: attack, accepts: false }],
    sites: [attack, 'west'],
    edges: [{ from: attack, to: 'west', existingMs: 3, freshMs: null, hears: true }],
  },
}
const opened = events.find((event) => event.kind === 'trial.opened')
const drawn: Record<string, string> = {
  ...Object.fromEntries(
    [false, true].flatMap((colour) =>
      [80, 40].flatMap((width) => [
        ...verdicts.map(
          (verdict, index) =>
            [
              `verdict ${index}, ${colour}, ${width}`,
              renderVerdict(verdict, { colours: palette(colour), width, reportPath: `runs/${attack}` }),
            ] as const,
        ),
        [`suite ${colour}, ${width}`, renderSuiteTable(suite, { colours: palette(colour), width })] as const,
        [`status ${colour}, ${width}`, drawStatus(status, { colour, width }).join('\n')] as const,
        [`live ${colour}, ${width}`, live({ colour, width, isTTY: false })] as const,
        [
          `live on a terminal, ${colour}, ${width}`,
          live({ colour, width, isTTY: true }).replace(ownMoves, ''),
        ] as const,
      ]),
    ),
  ),
  'side by side': renderSideBySide([missed, empty], { colours: palette(true), names: [`first${attack}`, 'second'] }),
  'result line': resultLine(suite.results[0] ?? (results[0] as Suite['results'][number]), { colours: palette(true) }),
  // Each is a trial of its own, and the first is given twice.
  trials: renderTrials(
    [...verdicts.entries(), [0, verdicts[0]] as const].flatMap(([index, verdict]) =>
      verdict === undefined ? [] : [{ ...verdict, trialId: `${verdict.trialId}${index}` }],
    ),
  ),
  scenario: describeScenario(poisoned(scenarioSchema, scenarioNamed('partition'))),
  addresses: addresses(
    poisoned(
      topologySchema,
      opened?.kind === 'trial.opened' ? opened.topology : { world: 'w', sites: [], nodes: [], links: [], timeouts: {} },
    ),
  ),
  summary: renderSummary(missed),
  'suite summary': renderSuiteSummary(suite, []),
  annotations: renderAnnotations(suite).join('\n'),
}

function live({ colour, width, isTTY }: { colour: boolean; width: number; isTTY: boolean }): string {
  let text = ''
  const display = liveDisplay({
    stream: {
      write: (written) => {
        text += written
      },
    },
    colour,
    isTTY,
    width,
    clock: () => 0,
  })
  for (const event of events) display.record(event)
  display.stop()
  return text
}

test("the attack is in all that is drawn with texts of somebody else's", () => {
  const foreign = Object.entries(drawn).filter(([name]) => !['result line', 'trials'].includes(name))
  expect(foreign.filter(([, text]) => !/0;x/.test(text.replace(/\s/g, ''))).map(([name]) => name)).toEqual([])
})

test.each(Object.entries(drawn))('%s: no character is more than text, but for our own colours', (_name, text) => {
  expect(more.exec(text.replace(ownColours, ''))).toBeNull()
})

const isOrder = (line: string): boolean => /^\s*::/.test(line) || line.includes('##[')

test.each(Object.entries(drawn).filter(([name]) => name !== 'annotations'))(
  '%s: on GitHub no line is an order',
  (_name, text) => {
    expect(harmless(text, { onGitHub: true }).split('\n').filter(isOrder)).toEqual([])
  },
)

test('annotations are one line each, whatever they hold', () => {
  for (const line of renderAnnotations(suite)) expect(line).toMatch(/^::(?:error|warning) title=[^:]*::[^\r\n]*$/)
})

test('what was forgotten on the way is made plain at the outlet; lines and our colours stay', () => {
  const text = `\u001b[31mred\u001b[39m ${attack}\n  two`
  expect(harmless(text, { colour: true, onGitHub: false }).replace(/\u001b\[\d+m/g, '')).not.toMatch(more)
  expect(harmless(text, { colour: true, onGitHub: false })).toMatch(/^\u001b\[31mred\u001b\[39m [^]*\n {2}two$/)
  expect(harmless(text, { onGitHub: false })).not.toMatch(more)
  expect(harmless('a:: b\n \u00ad::stop-commands::x\n:::: 1##[x]', { onGitHub: true })).toBe(
    'a:: b\n : :stop-commands::x\n: ::: 1## [x]',
  )
  expect(harmless('::1', { onGitHub: false })).toBe('::1')
})

test('JSON says the same, and holds no character or order that anybody but a program would act on', () => {
  const value = { [attack]: [attack, 'ä ✓ 😀'] }
  for (const indent of [undefined, 2]) {
    const text = jsonText(value, indent)
    expect(JSON.parse(text)).toEqual(value)
    expect(text).not.toMatch(more)
    expect(text.split('\n').filter(isOrder)).toEqual([])
  }
  expect(jsonText('ä ✓ 😀')).toBe('"ä ✓ 😀"')
})
