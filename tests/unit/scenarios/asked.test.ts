// Goal: an included scenario asks of a world what somebody there can tell; a scenario of the user's asks what it says.
import { expect, test } from 'vitest'
import { askedHere } from '../../../chaos/scenarios/asked.ts'
import { cloudflare2020 } from '../../../chaos/scenarios/incidents/cloudflare-2020.ts'
import { regionKill } from '../../../chaos/scenarios/library/region-kill.ts'
import { slowLink80 } from '../../../chaos/scenarios/library/slow-link-80.ts'
import { topology } from '../../journals/world.ts'

const withEngine = (engine: string) => ({
  ...topology,
  nodes: topology.nodes
    .filter(({ role }) => role !== 'dcs')
    .map((node) => (node.role === 'database' ? { ...node, attributes: { 'database.engine': engine } } : node)),
})
const without = { ...topology, nodes: topology.nodes.filter(({ role }) => role === 'app' || role === 'router') }
const nobody = { by: 'nobody' as const, nodes: [] }

test('where databases tell all, all is asked', () => {
  const asked = askedHere(regionKill, { topology, audit: undefined })
  expect(asked).toEqual({ scenario: regionKill, left: [] })
})

test.each([
  ['a URL says the role alone', withEngine('http'), 'a URL says the role'],
  ['there is no database', without, 'no database that Blackstart knows'],
])('where %s, nobody is asked for one primary, nor for the same', (_, world, why) => {
  const { scenario, left } = askedHere(regionKill, { topology: world, audit: undefined })
  expect(scenario.objectives.onePrimary).toBeUndefined()
  expect(scenario.objectives.lostWrites).toBe(0)
  expect(left).toEqual([expect.stringContaining(why)])
  const slow = askedHere(slowLink80, { topology: world, audit: undefined })
  expect(slow.scenario.objectives.samePrimary).toBeUndefined()
})

test('where there is no DCS, its elections are not asked for', () => {
  const { scenario: asking } = cloudflare2020
  expect(askedHere(asking, { topology, audit: undefined }).scenario.objectives.dcsElections).toBe(0)
  for (const nodes of [
    topology.nodes.filter(({ role }) => role !== 'dcs'),
    topology.nodes.map((node) => (node.role === 'dcs' ? { ...node, attributes: { 'dcs.leader-key': '' } } : node)),
  ]) {
    const { scenario, left } = askedHere(asking, { topology: { ...topology, nodes }, audit: undefined })
    expect(scenario.objectives.dcsElections).toBeUndefined()
    expect(left).toEqual(['"dcsElections" is not asked for in this world: it has no DCS that Blackstart knows'])
  }
})

test('where nobody reads writes back, losses are not asked for', () => {
  const { scenario, left } = askedHere(regionKill, { topology, audit: nobody })
  expect(scenario.objectives.lostWrites).toBeUndefined()
  expect(scenario.objectives.onePrimary).toBe(true)
  expect(left).toEqual([expect.stringContaining('audit.writes')])
})

test('a scenario of the user’s is asked as it is', () => {
  const own = { ...regionKill, objectives: { ...regionKill.objectives, recoverWithinMs: 3_000 } }
  expect(askedHere(own, { topology: without, audit: nobody })).toEqual({ scenario: own, left: [] })
})
