// Goal: a journal holds all that is needed to do the same again: the same faults, as late and as long as they really
// were.
import { describe, expect, test } from 'vitest'
import { fault, region, scenario } from '../../../chaos/scenarios/define.ts'
import { scenarioOf } from '../../../chaos/run/replay.ts'
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { journal } from '../../journals/build.ts'

const told = (over: Partial<EventOf<'fault.requested'>> = {}) => ({
  target: { scope: 'region', name: 'primary' } as const,
  named: { scope: 'region', name: 'east' } as const,
  resolved: 'region east',
  ...over,
})
const partial = told({ with: { from: ['other'] }, namedWith: { from: ['west'] } })

describe('a trial by a time line', () => {
  const trial = () =>
    journal()
      .fault('kill', { healMs: 4_321, told: told() })
      .fault('partial', { afterMs: 2_500, healMs: 2_500, told: partial })

  test('with the roles that were ordered', () => {
    const again = scenarioOf(trial().build(), { resolve: 'roles' })
    expect(again?.faults).toEqual([
      { kind: 'kill', target: { scope: 'region', name: 'primary' }, atMs: 0, forMs: 4_321, resolve: 'start' },
      {
        kind: 'partial',
        target: { scope: 'region', name: 'primary' },
        atMs: 2_500,
        forMs: 2_500,
        resolve: 'due',
        with: { from: ['other'] },
      },
    ])
  })

  test('or with the names that were hit, in targets and in what the kind was told', () => {
    const again = scenarioOf(trial().build(), { resolve: 'names' })
    expect(again?.faults.map(({ target }) => target)).toEqual([
      { scope: 'region', name: 'east' },
      { scope: 'region', name: 'east' },
    ])
    expect(again?.faults[1]).toMatchObject({ with: { from: ['west'] } })
  })

  test('keeps the load, the objectives and the time of observation', () => {
    const recorded = trial().build()
    const { faults: _, ...rest } = scenarioOf(recorded, { resolve: 'roles' }) ?? {}
    const { faults: __, ...before } = recorded.opened.scenario
    expect(rest).toEqual(before)
  })

  test('looks roles up when its scenario did', () => {
    const story = scenario({
      name: 'two',
      title: 'Two faults',
      observe: 14,
      objectives: {},
      faults: [
        fault('kill', region('primary'), { lasting: 4 }),
        fault('kill', region('primary'), { at: 3, lasting: 4, resolve: 'due' }),
        fault('kill', region('primary'), { at: 5, lasting: 4 }),
      ],
    })
    const again = scenarioOf(
      journal()
        .fault('kill', { told: told({ faultId: 't1-f1' }) })
        .fault('kill', { afterMs: 3_000, healMs: 1_000, told: told({ faultId: 't1-f2' }) })
        .fault('kill', { afterMs: 5_000, healMs: 1_000, told: told({ faultId: 't1-f3' }) })
        .change('trial.opened', (event) => ({ ...event, scenario: story }))
        .build(),
      { resolve: 'roles' },
    )
    expect(again?.faults.map(({ resolve }) => resolve)).toEqual(['start', 'due', 'start'])
  })
})

test('a drill by hand becomes a scenario of its own: it is observed for as long as its clients stayed', () => {
  const drill = journal()
    .fault('kill', { healMs: 4_000, told: told() })
    .fault('kill', { afterMs: 6_000, healMs: 1_000, told: told() })
    .change('trial.opened', (event) => ({
      ...event,
      byHand: true as const,
      scenario: { ...event.scenario, observeMs: 1 },
    }))
    .build()
  const again = scenarioOf(drill, { resolve: 'roles' })
  expect(again).toMatchObject({
    observeMs: 14_000,
    faults: [
      { atMs: 0, forMs: 4_000, resolve: 'start' },
      { atMs: 6_000, forMs: 1_000, resolve: 'due' },
    ],
  })
})

test('a fault that nobody healed lasts until the clients left', () => {
  const torn = journal().fault('kill', { told: told() }).without('heal.requested').without('heal.proved').build()
  expect(scenarioOf(torn, { resolve: 'roles' })?.faults).toMatchObject([{ atMs: 0, forMs: 14_000 }])
})

test('of a trial that broke nothing there is nothing to replay', () => {
  expect(scenarioOf(journal().build(), { resolve: 'roles' })).toBeUndefined()
})
