/**
 * Does a fault change what its kind changes? The journal tells the effect, and the proof and all looks while it lasts are
 * held against that, so it must be the kind's own.
 */
import { messageOf } from '../errors.ts'
import type { Effect } from '../faults/fault.ts'
import type { EventOf } from '../journal/schema.ts'
import { faultNamed } from '../scenarios/kinds.ts'
import { resolveTarget } from '../topology/resolve.ts'
import type { Topology } from '../topology/topology.ts'
import type { Defect } from './validity-load.ts'

type Told = NonNullable<EventOf<'fault.requested'>['effect']>

/** Only journals that record the effect can be asked; in 58 faults of real trials it was always the kind's own. */
export function kindDefect(requested: EventOf<'fault.requested'>, topology: Topology): Defect {
  const { fault, effect, lasting = {}, planned = false } = requested
  if (effect === undefined) return undefined
  const kind = faultNamed(fault)
  try {
    const roles = { primary: undefined }
    const target = requested.named ?? requested.target
    const options = requested.namedWith ?? requested.with ?? {}
    const spec = { kind: fault, target, with: options }
    const order = { spec, options, target: resolveTarget(target, topology, roles), roles }
    const proves = kind.effect(order as never, topology)
    const lasts = kind.lasting?.(order as never, topology) ?? proves
    if (wordsOf(proves) !== wordsOf(effect) || wordsOf(lasts) !== wordsOf(lasting))
      return `what it is said to change is not what ${fault} changes`
    if (requested.doesNotModel.length === 0 && kind.doesNotModel.length > 0)
      return `it is said to leave nothing out that ${fault} does not model`
    return (kind.planned === true) === planned
      ? undefined
      : `it is said to be ${planned ? 'planned' : 'unplanned'}, and ${fault} is not`
  } catch (error) {
    return `what ${fault} changes there is not known: ${messageOf(error)}`
  }
}

/** The same for the same nodes and directions in any order. */
function wordsOf({
  gone = [],
  mute = [],
  unsettled = [],
  isolated = [],
  silent = [],
  loose = [],
}: Told | Effect): string {
  const ways = (edges: readonly { from: string; to: string }[]) => edges.map(({ from, to }) => `${from}>${to}`)
  return JSON.stringify(
    [gone, mute, unsettled, isolated, ways(silent), ways(loose)].map((names) => [...names].toSorted()),
  )
}
