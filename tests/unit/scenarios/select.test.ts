// Goal: the same words choose the same scenarios on every machine of a pipeline, and the parts of a suite are the whole
// suite.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UsageError } from '../../../chaos/errors.ts'
import { fault, nothing, scenario } from '../../../chaos/scenarios/define.ts'
import { scenarios } from '../../../chaos/scenarios/library/index.ts'
import type { Scenario } from '../../../chaos/scenarios/schema.ts'
import {
  checkAllowedSkips,
  checkNamesDiffer,
  expectedMs,
  parseShard,
  selectScenarios,
  shardOf,
} from '../../../chaos/scenarios/select.ts'

function made(name: string, tags: string[] = [], observe = 60): Scenario {
  return scenario({
    name,
    title: name,
    tags,
    faults: [fault('none', nothing, { lasting: 5 })],
    observe,
    objectives: {},
  })
}
const names = (list: readonly Scenario[]) => list.map((each) => each.name)
const list = [
  made('b', ['smoke', 'core', 'region']),
  made('a', ['core', 'link']),
  made('d', ['link', 'double']),
  made('c', ['core', 'region', 'double']),
]

test.each<[Parameters<typeof selectScenarios>[1], string[]]>([
  [{ suite: 'smoke' }, ['b']],
  [{ suite: 'core' }, ['b', 'a', 'c']],
  [{ suite: 'full' }, ['b', 'a', 'd', 'c']],
  [{ tags: ['link'] }, ['a', 'd']],
  [{ tags: ['link', 'region'] }, ['b', 'a', 'd', 'c']],
  [{ suite: 'core', tags: ['double', 'link'] }, ['a', 'c']],
  [{ suite: 'full', tags: ['double'] }, ['d', 'c']],
])('%j chooses %j, in the order of the list', (selection, expected) => {
  expect(names(selectScenarios(list, selection))).toEqual(expected)
})

test.each<[Parameters<typeof selectScenarios>[1], RegExp]>([
  [{ suite: 'ful' }, /no suite "ful"; did you mean "full"\? \(available: smoke, core, full\)/],
  [{ suite: '' }, /no suite ""/],
  [{ tags: ['regoin'] }, /no tag "regoin"; did you mean "region"\?/],
  [{ tags: ['link', 'zone'] }, /no tag "zone"/],
  [{ suite: 'smoke', tags: ['link'] }, /no scenario is in the suite "smoke" and tagged "link"/],
])('%j is bad usage', (selection, message) => {
  expect(() => selectScenarios(list, selection)).toThrow(UsageError)
  expect(() => selectScenarios(list, selection)).toThrow(message)
})

test('every scenario that ships can be chosen, and by one name only one', () => {
  expect(names(selectScenarios(scenarios, { suite: 'full' }))).toEqual(names(scenarios))
  expect(() => checkNamesDiffer(scenarios)).not.toThrow()
  expect(() => checkNamesDiffer([made('a'), made('b'), made('a')])).toThrow(/"a" is chosen twice/)
})

test('every scenario that ships has clients enough for a silence: none may be dropped when nobody answers for as long as they wait', () => {
  for (const { name, load } of scenarios)
    expect(load.maxVirtualUsers, name).toBeGreaterThan((load.ratePerSecond * load.timeoutMs) / 1000)
})

test('a skip can only be allowed to a scenario that there is', () => {
  expect(() => checkAllowedSkips(['a', 'd'], list)).not.toThrow()
  expect(() => checkAllowedSkips(['a', 'aa'], list)).toThrow(
    /--allow-skip: there is no scenario "aa"; did you mean "a"\?/,
  )
})

test('a shard is written as part/parts', () => {
  expect(parseShard('2/5')).toEqual({ index: 2, of: 5 })
  expect(parseShard('1/1')).toEqual({ index: 1, of: 1 })
  for (const bad of ['6/5', '0/5', 'a/b', '2', '2/', '/5', '-1/5', '1/0', '1.5/2', ' 1/2', '1/2/3', '', '1e1/20'])
    expect(() => parseShard(bad), bad).toThrow(UsageError)
})

const anySuite = fc
  .uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z]{1,6}$/), observe: fc.integer({ min: 10, max: 120 }) }), {
    selector: ({ name }) => name,
    minLength: 1,
    maxLength: 20,
  })
  .map((each) => each.map(({ name, observe }) => made(name, [], observe)))

test('every scenario is in exactly one shard, whatever the order of the list', () => {
  fc.assert(
    fc.property(anySuite, fc.integer({ min: 1, max: 8 }), (suite, wanted) => {
      const of = Math.min(wanted, suite.length)
      const parts = Array.from({ length: of }, (_, index) => names(shardOf(suite, { index: index + 1, of })))
      expect(parts.flat().toSorted()).toEqual(names(suite).toSorted())
      const reversed = Array.from({ length: of }, (_, index) =>
        names(shardOf(suite.toReversed(), { index: index + 1, of })).toReversed(),
      )
      expect(reversed).toEqual(parts)
    }),
  )
})

test('no shard has more to do than another by more than one scenario', () => {
  fc.assert(
    fc.property(anySuite, fc.integer({ min: 1, max: 8 }), (suite, wanted) => {
      const of = Math.min(wanted, suite.length)
      const loads = Array.from({ length: of }, (_, index) =>
        shardOf(suite, { index: index + 1, of }).reduce((sum, each) => sum + expectedMs(each), 0),
      )
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(Math.max(...suite.map(expectedMs)))
    }),
  )
})

test('long and short ones are balanced, not dealt out by turns', () => {
  const suite = [made('long', [], 120), made('m1', [], 30), made('m2', [], 30), made('m3', [], 30)]
  // 140 s against three times 50 s: by turns it would be 190 s against 100 s.
  expect(names(shardOf(suite, { index: 1, of: 2 }))).toEqual(['long'])
  expect(names(shardOf(suite, { index: 2, of: 2 }))).toEqual(['m1', 'm2', 'm3'])
})

test('an empty shard is bad usage, for a job that measures nothing must not be green', () => {
  expect(() => shardOf([made('a'), made('b')], { index: 3, of: 3 })).toThrow(
    /--shard 3\/3 is empty: 2 scenarios are chosen, so use at most 2 shards/,
  )
})
