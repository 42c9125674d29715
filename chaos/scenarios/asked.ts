/**
 * Which promises of an included scenario are asked for in a world: those of which somebody there can tell whether they
 * were kept. A scenario of the user's is asked as it is: what nobody can tell is then inconclusive, and says why.
 */
import { databasesThatTell, namesPrimary, nodesOf, type Topology } from '../topology/topology.ts'
import { scenarios } from './library/index.ts'
import type { Objectives, Scenario } from './schema.ts'

type Name = keyof Objectives

/** `left`: what is not asked, in sentences. */
export function askedHere(
  scenario: Scenario,
  { topology, audit }: { topology: Topology; audit: { by: string } | undefined },
): { scenario: Scenario; left: string[] } {
  if (!isIncluded(scenario)) return { scenario, left: [] }
  const objectives = { ...scenario.objectives }
  const left: string[] = []
  const leave = (name: Name, why: string) => {
    if (objectives[name] === undefined || objectives[name] === false) return
    delete objectives[name]
    left.push(`"${name}" is not asked for in this world: ${why}`)
  }
  const databases = nodesOf(topology, 'database')
  const silent = databases.length - databasesThatTell(topology).length
  if (databases.length === 0 || silent > 0) {
    const why =
      databases.length === 0
        ? 'it has no database that Blackstart knows'
        : 'a database of which a URL says the role is asked for no write'
    leave('onePrimary', why)
    if (nodesOf(topology, 'dcs').length === 0) {
      leave('samePrimary', why)
      leave('takeOvers', why)
    }
  }
  if (!nodesOf(topology, 'dcs').some(namesPrimary)) leave('dcsElections', 'it has no DCS that Blackstart knows')
  if (audit?.by === 'nobody')
    leave('lostWrites', 'blackstart.yaml does not say how writes are read back (audit.writes)')
  return left.length === 0 ? { scenario, left } : { scenario: { ...scenario, objectives }, left }
}

/** With the objectives that it ships with. */
function isIncluded({ name, objectives }: Scenario): boolean {
  const shipped = scenarios.find((each) => each.name === name)
  return shipped !== undefined && JSON.stringify(shipped.objectives) === JSON.stringify(objectives)
}
