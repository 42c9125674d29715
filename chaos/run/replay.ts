/** Makes a scenario from a journal: the same faults at the same offsets. It works for runs and for drills. Pure. */

import type { RecordedJournal } from '../journal/recorded.ts'
import { arrivalsOf } from '../judge/arrivals.ts'
import { type FaultRecord, faultsOf, requestedMs } from '../judge/faults.ts'
import { type FaultSpec, faultSpecSchema, type Scenario, scenarioSchema } from '../scenarios/schema.ts'

/**
 * `roles`: what has the role when the fault is due. `names`: what was broken in the recorded run, whatever role it has
 * now.
 */
export type Resolve = 'roles' | 'names'

/**
 * What was done in a trial, as a scenario: load and objectives as they were; each fault as late after the first one,
 * and as long, as it really was. Undefined when no fault was requested. A fault that was not healed lasts until the
 * clients left.
 */
export function scenarioOf(journal: RecordedJournal, { resolve }: { resolve: Resolve }): Scenario | undefined {
  const { scenario, byHand } = journal.opened
  const records = faultsOf(journal)
  const zeroMs = requestedMs(records)
  if (zeroMs === null) return undefined
  const endMs = arrivalsOf(journal.requests, scenario.load.ratePerSecond).endMs
  const faults = records.map((record) =>
    specOf(record, { zeroMs, endMs, resolve, ordered: byHand ? undefined : orderedAs(journal, record) }),
  )
  return scenarioSchema.parse({
    ...scenario,
    faults,
    ...(byHand && { observeMs: Math.max(1_000, Math.round(endMs - zeroMs)) }),
  })
}

/** How the scenario ordered a fault: faults are numbered in its order. */
function orderedAs(
  { opened: { scenario } }: RecordedJournal,
  { requested: { faultId } }: FaultRecord,
): FaultSpec | undefined {
  return scenario.faults[Number(/-f(\d+)$/.exec(faultId)?.[1]) - 1]
}

function specOf(
  { requested, healRequestedMs }: FaultRecord,
  {
    zeroMs,
    endMs,
    resolve,
    ordered,
  }: { zeroMs: number; endMs: number; resolve: Resolve; ordered: FaultSpec | undefined },
): FaultSpec {
  const byNames = resolve === 'names'
  const options = (byNames ? requested.namedWith : undefined) ?? requested.with
  const atMs = Math.round(requested.atMs - zeroMs)
  return faultSpecSchema.parse({
    kind: requested.fault,
    target: (byNames ? requested.named : undefined) ?? requested.target,
    atMs,
    forMs: Math.max(1, Math.round((healRequestedMs ?? endMs) - requested.atMs)),
    // A fault by hand means what has the role at that moment.
    resolve: ordered?.resolve ?? (atMs > 0 ? 'due' : 'start'),
    ...(options && { with: options }),
  })
}
