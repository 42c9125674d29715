// Goal: a scenario that has an included one's name and is another is told apart, and judged as it is.
// Method: the included region-kill in a journal, changed in one thing at a time.
import { expect, test } from 'vitest'
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { differencesFromIncluded } from '../../../chaos/judge/included.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { palette } from '../../../chaos/live/colours.ts'
import { renderSummary } from '../../../chaos/report/markdown.ts'
import { headline } from '../../../chaos/report/page/headline.ts'
import { renderVerdict } from '../../../chaos/report/terminal.ts'
import { adapted } from '../../../chaos/scenarios/adapt.ts'
import { askedHere } from '../../../chaos/scenarios/asked.ts'
import { scenarioNamed, scenarios } from '../../../chaos/scenarios/library/index.ts'
import type { Scenario } from '../../../chaos/scenarios/schema.ts'
import { met } from '../../journals/golden.ts'

const { opened } = met().build()
const regionKill = scenarioNamed('region-kill')
const trialOf = (scenario: Scenario, more: Partial<EventOf<'trial.opened'>> = {}) => ({ ...opened, scenario, ...more })
const differences = (...given: Parameters<typeof trialOf>) => differencesFromIncluded(trialOf(...given))

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
  '%s as it ships is told nothing of',
  (_, shipped) => {
    expect(differences(adapted(shipped, opened.topology))).toEqual([])
    // What nobody here can tell is not asked, and that is no other scenario.
    const audit = { by: 'nobody' as const, nodes: [] }
    expect(
      differences(askedHere(adapted(shipped, opened.topology), { topology: opened.topology, audit }).scenario, {
        audit,
      }),
    ).toEqual([])
  },
)

const { lostWrites: _, ...fewer } = regionKill.objectives
test.each([
  [
    'a looser limit',
    { objectives: { ...regionKill.objectives, recoverWithinMs: 60_000 } },
    ['recoverWithinMs 60000 instead of 10000'],
  ],
  ['a promise less', { objectives: fewer }, ['lostWrites not asked for instead of 0']],
  [
    'a promise more',
    { objectives: { ...regionKill.objectives, samePrimary: true } },
    ['samePrimary true instead of not asked for'],
  ],
  [
    'a wider window',
    { objectives: { ...regionKill.objectives, window: { ...regionKill.objectives.window, successShare: 0.5 } } },
    ['window.successShare 0.5 instead of 0.999'],
  ],
  ['fewer requests', { load: { ...regionKill.load, ratePerSecond: 5 } }, ['ratePerSecond 5 instead of 40']],
  ['less time to look', { observeMs: 20_000 }, ['observeMs 20000 instead of 70000']],
  [
    'no fault of it',
    { faults: scenarioNamed('control').faults },
    [expect.stringMatching(/^faults none, the control at .* instead of kill the primary's region at \+0 ms for 40 s$/)],
  ],
] as [string, Partial<Scenario>, string[]][])('%s is named', (_, change, expected) => {
  expect(differences({ ...regionKill, ...change })).toEqual(expected)
})

test('its title and tags are its own affair, and so is a scenario of another name, and a drill by hand', () => {
  expect(differences({ ...regionKill, title: 'Mine', tags: ['mine'] })).toEqual([])
  expect(differences({ ...regionKill, name: 'my-region-kill', observeMs: 20_000 })).toEqual([])
  expect(differences({ ...regionKill, observeMs: 20_000 }, { byHand: true })).toEqual([])
})

test('a system of one’s own says by its requests how much of it writes', () => {
  const scenario = { ...regionKill, load: { ...regionKill.load, writeShare: 0.2 } }
  expect(differences(scenario)).toEqual(['writeShare 0.2 instead of 0.5'])
  const requests = [{ name: 'read', write: false }]
  expect(differences(scenario, { clients: { enter: ['router-1'], requests } })).toEqual([])
})

test('every report says it, and the verdict stays what it is', () => {
  const verdict = judge(met().build())
  expect(verdict.verdict).toBe('met')
  expect(verdict.differsFromIncluded).toContain('observeMs 14000 instead of 70000')
  const words = /differs from the included region-kill: /
  expect(renderVerdict(verdict, { colours: palette(false), width: 80 })).toMatch(words)
  expect(renderSummary(verdict)).toContain('differs from the included region-kill: ')
  expect(headline(verdict).text).toMatch(words)
  const { differsFromIncluded: none, ...same } = verdict
  expect(renderVerdict(same, { colours: palette(false), width: 80 })).not.toMatch(words)
})
