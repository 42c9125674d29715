// Goal: a scenario that takes an app away sees it used again: the routers do so up to 15 s after the heal, and a trial that
// ends sooner is inconclusive (docs/decisions.md, "A replica that returns").
import { expect, test } from 'vitest'
import { scenarios } from '../../../chaos/scenarios/library/index.ts'
import type { FaultSpec, Scenario } from '../../../chaos/scenarios/schema.ts'

const isApp = (name: string) => name.startsWith('app-')

function takesApps({ target }: FaultSpec): boolean {
  if (target.scope === 'region' || target.scope === 'zone') return true
  if (target.scope === 'node') return isApp(target.name)
  if (target.scope === 'nodes') return target.names.some(isApp)
  return target.scope === 'all' && target.role === 'app'
}

/** From the last heal that gives apps back to the end. */
function afterMs({ faults, observeMs }: Scenario): number {
  return observeMs - Math.max(...faults.filter(takesApps).map(({ atMs, forMs }) => atMs + forMs))
}

/** Its cuts are too short for a router to take an app out. */
const unnoticed = 'flap-below'
const taking = scenarios.filter(({ name, faults }) => name !== unnoticed && faults.some(takesApps))

test('there are such scenarios', () => expect(taking.length).toBeGreaterThan(10))

test.each(taking.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
  expect(afterMs(scenario)).toBeGreaterThanOrEqual(16_000)
})
