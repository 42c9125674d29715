/**
 * Whether a scenario can be run in a world at all, by what the world is made of. What only the machine can tell, such as
 * a kernel without a module or a disk that is shared, is found by the run.
 */
import { messageOf, UsageError } from '../errors.ts'
import type { Roles } from '../topology/resolve.ts'
import { nodesOf, type Topology } from '../topology/topology.ts'
import { valueAt } from '../yaml/shape.ts'
import { adapted } from './adapt.ts'
import { faultNamed } from './kinds.ts'
import { checkNames, namesOf } from './names.ts'
import { orderOf } from './order.ts'
import type { FaultSpec, Scenario } from './schema.ts'

/** Why a scenario does not apply to a world, in a phrase; undefined when it does. */
export function whyInapplicable(given: Scenario, topology: Topology): string | undefined {
  const scenario = adapted(given, topology)
  return (
    withoutEntry(topology) ??
    unknownNames(scenario, topology) ??
    firstOf(scenario.faults, (spec) => whyImpossible(spec, topology))
  )
}

/** Scenarios that apply, as they are played there, and those that do not with the reason, each in the order given. */
export function byApplicability(
  scenarios: readonly Scenario[],
  topology: Topology,
): { apply: Scenario[]; others: Map<string, string> } {
  const reasons = scenarios.map((scenario) => [scenario, whyInapplicable(scenario, topology)] as const)
  return {
    apply: reasons.flatMap(([scenario, reason]) => (reason === undefined ? [adapted(scenario, topology)] : [])),
    others: new Map(reasons.flatMap(([{ name }, reason]) => (reason === undefined ? [] : [[name, reason] as const]))),
  }
}

/**
 * The same scenarios, as they are played there.
 * @throws UsageError naming the first of them that does not apply, and why
 */
export function allApplying(scenarios: readonly Scenario[], topology: Topology): Scenario[] {
  const { apply, others } = byApplicability(scenarios, topology)
  for (const [name, reason] of others)
    throw new UsageError(
      `${name} does not apply to the world ${topology.world}: ${reason}; "npx blackstart list" shows what does`,
    )
  return apply
}

function withoutEntry({ nodes }: Topology): string | undefined {
  return nodes.some(({ attributes }) => attributes['router.entry'] !== undefined)
    ? undefined
    : 'nothing says where clients enter: no clients.enter in blackstart.yaml, no label blackstart.router.entry'
}

/** Names of another world, such as those of the reference stack. */
function unknownNames(scenario: Scenario, topology: Topology): string | undefined {
  const given = checkNames(scenario, namesOf(topology)).map(({ path }) => [valueAt(scenario, path)].flat().join('-'))
  // That a role has nobody who plays it is said in better words where it is looked up.
  const names = [...new Set(given)].filter((name) => name !== 'primary-other' && name !== 'other-primary')
  if (names.length === 0) return undefined
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return `it names ${names.slice(0, 3).join(', ')}${more}, which this world does not have`
}

/** Any database may be the primary when it is due: a fault that is possible on one of them may be possible then. */
function whyImpossible(spec: FaultSpec, topology: Topology): string | undefined {
  const databases = nodesOf(topology, 'database')
  const [dcsLeader] = nodesOf(topology, 'dcs')
  const primaries = databases.length === 0 ? [undefined] : databases
  const reasons = primaries.map((primary) => reasonOf(spec, topology, { primary, dcsLeader }))
  return reasons.includes(undefined) ? undefined : reasons[0]
}

function reasonOf(spec: FaultSpec, topology: Topology, roles: Roles): string | undefined {
  try {
    return faultNamed(spec.kind).unavailable(orderOf(spec, topology, roles), topology)
  } catch (error) {
    if (error instanceof UsageError) return messageOf(error)
    throw error
  }
}

function firstOf<T>(all: readonly T[], reasonFor: (each: T) => string | undefined): string | undefined {
  for (const each of all) {
    const reason = reasonFor(each)
    if (reason !== undefined) return reason
  }
  return undefined
}
