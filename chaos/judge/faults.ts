/** The faults of a trial, from request to proved heal, put together from their events. */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'

export interface FaultRecord {
  requested: EventOf<'fault.requested'>
  effectiveMs: number | null
  spreadMs: number | null
  acted: EventOf<'fault.acted'> | null
  /** How often its proof, and that of its heal, is on record: once, in an honest journal. */
  proofs: number
  healProofs: number
  /** Who confirmed it, in sentences. */
  evidence: readonly string[]
  /** Over links that it made slow, as measured for its proof. */
  roundTrips: EventOf<'fault.proved'>['roundTrips']
  unproved: string | null
  /** That it was checked while it lasted, and the result; null if the journal does not say. */
  lasted: EventOf<'fault.lasted'> | null
  lapsed: EventOf<'fault.lapsed'> | null
  healRequestedMs: number | null
  healedMs: number | null
  healFailed: string | null
  /** Who confirmed that it healed. */
  healEvidence: readonly string[]
  healActed: EventOf<'heal.acted'> | null
}

/** In the order of the requests. */
export function faultsOf(journal: RecordedJournal): FaultRecord[] {
  return journal.of('fault.requested').map((requested) => {
    const allOf = <E extends { faultId: string }>(events: readonly E[]): E[] =>
      events.filter((event) => event.faultId === requested.faultId)
    const mine = <E extends { faultId: string }>(events: readonly E[]): E | undefined => allOf(events)[0]
    const proofs = allOf(journal.of('fault.proved'))
    const healProofs = allOf(journal.of('heal.proved'))
    const acted = mine(journal.of('fault.acted')) ?? null
    return {
      requested,
      effectiveMs: proofs[0]?.atMs ?? null,
      spreadMs: acted?.spreadMs ?? null,
      acted,
      proofs: proofs.length,
      healProofs: healProofs.length,
      evidence: proofs[0]?.evidence ?? [],
      roundTrips: proofs[0]?.roundTrips,
      healEvidence: healProofs[0]?.evidence ?? [],
      healActed: mine(journal.of('heal.acted')) ?? null,
      lasted: mine(journal.of('fault.lasted')) ?? null,
      lapsed: mine(journal.of('fault.lapsed')) ?? null,
      unproved: mine(journal.of('fault.unproved'))?.reason ?? null,
      healRequestedMs: mine(journal.of('heal.requested'))?.atMs ?? null,
      healedMs: healProofs[0]?.atMs ?? null,
      healFailed: mine(journal.of('heal.failed'))?.reason ?? null,
    }
  })
}

/** T0: the first fault's request, before the first act. Recovery counts from here. Null when nothing was requested. */
export function requestedMs(faults: readonly FaultRecord[]): number | null {
  return faults.length === 0 ? null : Math.min(...faults.map((fault) => fault.requested.atMs))
}

/** When the last fault was asked to heal, before the first act of it; null while one was not. */
export function lastHealMs(faults: readonly FaultRecord[]): number | null {
  const moments = faults.map((fault) => fault.healRequestedMs)
  return moments.length === 0 || moments.includes(null) ? null : Math.max(...moments.map(Number))
}

/** T7: when the last fault's heal was proved; null while one is open. */
export function healedMs(faults: readonly FaultRecord[]): number | null {
  const moments = faults.map((fault) => fault.healedMs)
  return moments.length === 0 || moments.includes(null) ? null : Math.max(...moments.map(Number))
}
