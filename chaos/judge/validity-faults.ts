/**
 * Was the system hit by the faults that the scenario asks for, for as long as it asks, and did all of them heal? An
 * observer must have seen it.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { FaultRecord } from './faults.ts'
import { counted, duration, moment } from './figures.ts'
import type { Defect } from './validity-load.ts'
import { requestedFault, some } from './words.ts'

/** What a fault took away must have been checked within this time before the heal. */
const lookedWithinMs = 5_000
/** From this version on, faults are checked while they last. */
const lookedAtThroughout = 2

/** An observer saw each planned fault take effect, before it was healed. */
export function faultDefect(journal: RecordedJournal, faults: readonly FaultRecord[]): Defect {
  const planned = journal.opened.scenario.faults.length
  if (faults.length < planned) return `${faults.length} of ${planned} planned faults were requested`
  for (const fault of faults) {
    const reason = fault.unproved ?? unprovedReason(fault)
    if (reason !== undefined) return `${nameAmong(faults, fault)} was not proved: ${reason}`
  }
  return undefined
}

export function healDefect(faults: readonly FaultRecord[]): Defect {
  if (faults.length === 0) return 'there was no fault to heal'
  const open = faults.find((fault) => fault.healedMs === null)
  if (open === undefined) return undefined
  return `${nameAmong(faults, open)} was not seen to heal: ${open.healFailed ?? 'no observer confirmed it'}`
}

/** Two faults may be of one kind and one target: then the moment distinguishes them. */
function nameAmong(faults: readonly FaultRecord[], { requested }: FaultRecord): string {
  return faults.length === 1
    ? requestedFault(requested)
    : `${requestedFault(requested)}, requested at ${moment(requested.atMs)},`
}

function unprovedReason({ effectiveMs, spreadMs, evidence, healRequestedMs }: FaultRecord): string | undefined {
  if (effectiveMs === null) return 'no observer confirmed it'
  if (spreadMs === null) return 'the journal does not say that it acted'
  if (evidence.length === 0) return 'it is recorded as proved, but without evidence'
  return healRequestedMs !== null && effectiveMs > healRequestedMs
    ? 'it was proved only after its heal had been requested'
    : undefined
}

/** A proved fault may be undone the next moment, by an engine that restarts what died. */
export function lapseDefect(journal: RecordedJournal, faults: readonly FaultRecord[]): Defect {
  for (const fault of faults) {
    const { lapsed, lasted, effectiveMs, healRequestedMs } = fault
    if (lapsed !== null)
      return `${nameAmong(faults, fault)} did not last: ${lapsed.evidence.join('; ')}, ${duration(lapsed.afterMs)} after it was proved`
    if (effectiveMs === null || journal.opened.schemaVersion < lookedAtThroughout) continue
    if (healRequestedMs === null)
      return `it is not known how long ${nameAmong(faults, fault)} lasted, because its heal was never requested`
    if (lasted === null) return `it was not checked whether ${nameAmong(faults, fault)} lasted`
    if (lasted.watched.length === 0) continue
    if (lasted.lastMs === null)
      return `it was not checked whether ${nameAmong(faults, fault)} lasted (${counted(lasted.watched.length, 'thing')} to check: ${some(lasted.watched, 3)})`
    if (healRequestedMs - lasted.lastMs > lookedWithinMs)
      return `it was not checked whether ${nameAmong(faults, fault)} lasted from ${moment(lasted.lastMs)} to ${moment(healRequestedMs)}`
  }
  return undefined
}
