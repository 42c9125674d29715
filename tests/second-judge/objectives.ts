/** Whether each promise of the scenario was kept, by the second judge's own figures. Null: cannot be said. */
import type { Objectives } from '../../chaos/scenarios/schema.ts'
import type { Gap } from './clients.ts'
import type { Elections } from './elections.ts'
import type { Opinion } from './judge.ts'
import type { Reads } from './reads.ts'
import type { Storage } from './storage.ts'

interface GapLimits {
  writeGapMs?: number | undefined
  readGapMs?: number | undefined
  stalledMs?: number | undefined
}
export type Kept = Record<string, boolean | null>

export function keptOf(objectives: Objectives & GapLimits, opinion: Opinion): Kept {
  const { clients, storage } = opinion
  const kept: Kept = {}
  const promise = (name: string, limit: number | undefined, actual: number | null | undefined): void => {
    if (limit !== undefined) kept[name] = actual === null || actual === undefined ? null : actual <= limit
  }
  if (objectives.recoverWithinMs !== undefined) kept['recover-within'] = recovered(objectives.recoverWithinMs, opinion)
  if (objectives.recoverAfterHealMs !== undefined)
    kept['recover-after-heal'] = afterHeal(objectives.recoverAfterHealMs, opinion)
  promise('lost-writes', objectives.lostWrites, storage?.lostWrites)
  if (objectives.lostWrites !== undefined) kept['invariants-hold'] = consistent(storage)
  promise('failed-requests', objectives.failedRequests, clients?.requests === 0 ? null : clients?.failedRequests)
  promise('failed-reads', objectives.failedReads, clients?.reads === 0 ? null : clients?.failedReads)
  // Rounded to the millisecond, as every figure is shown.
  promise('slowest-request', objectives.slowestRequestMs, rounded(clients?.slowestRequestMs))
  promise('write-p99', objectives.writeP99Ms, writeP99(opinion))
  if (objectives.writeGapMs !== undefined)
    kept['write-gap'] = bridged(objectives.writeGapMs, clients?.writeGap, opinion)
  if (objectives.readGapMs !== undefined) kept['read-gap'] = bridged(objectives.readGapMs, clients?.readGap, opinion)
  promise('stalled', objectives.stalledMs, clients && Math.ceil(Math.max(0, clients.stalledMs - 1e-6)))
  if (objectives.onePrimary === true)
    kept['one-primary'] = opinion.diverged
      ? false
      : opinion.dualWritableMs === null
        ? null
        : opinion.dualWritableMs === 0
  if (objectives.samePrimary === true) kept['same-primary'] = opinion.tenure?.kept ?? null
  const { tenure } = opinion
  if (objectives.takeOvers !== undefined) {
    const tooMany = tenure !== null && tenure.changes > objectives.takeOvers
    kept['take-overs'] = tooMany ? false : tenure?.watched === true ? true : null
  }
  const { elections } = opinion
  if (objectives.dcsElections !== undefined) kept['dcs-elections'] = elected(objectives.dcsElections, elections)
  const { reads } = opinion
  const { staleReadMs, monotonicReads } = objectives
  if (staleReadMs !== undefined)
    kept['stale-reads'] = shown(reads, reads?.reads, (reads?.worstStaleMs ?? 0) <= staleReadMs)
  if (monotonicReads === true) kept['monotonic-reads'] = shown(reads, reads?.readsAgain, reads?.readsBack === 0)
  return kept
}

function elected(limit: number, elections: Elections | null): boolean | null {
  if (elections === null) return null
  if (elections.proved > limit) return false
  return elections.most !== null && elections.most <= limit ? true : null
}

/** Broken is broken; that it was kept, every answer must say, and some of them must have been able to break it. */
function shown(reads: Reads | null, looks: number | undefined, isKept: boolean): boolean | null {
  if (reads === null) return null
  return isKept && (reads.silent > 0 || looks === 0) ? null : isKept
}

function rounded(ms: number | null | undefined): number | null | undefined {
  return typeof ms === 'number' ? Math.round(ms) : ms
}

/** Writes whose client gave up may still have been on the way when the first database was read. */
function consistent(storage: Storage | null): boolean | null {
  if (storage === null) return null
  const { neverSent, duplicatedWrites, resurrectedWrites, divergentToldWrites, divergentWrites } = storage
  if (neverSent + duplicatedWrites + resurrectedWrites + divergentToldWrites > 0) return false
  if (storage.invariantsHold === false) return false
  return storage.invariantsHold === null || divergentWrites > 0 ? null : true
}

/** Somebody may have waited for longer than the stream lasted. */
function bridged(limitMs: number, gap: Gap | null | undefined, { wasStopped }: Opinion): boolean | null {
  if (gap === null || gap === undefined) return null
  return Math.round(gap.ms) > limitMs ? false : gap.unanswered || (gap.open && wasStopped) ? null : true
}

/** More than one failed write in a hundred breaks any limit. */
function writeP99({ clients }: Opinion): number | null | undefined {
  if (clients === null || clients.writes === 0) return null
  return clients.writeP99Ms === null ? Infinity : Math.round(clients.writeP99Ms)
}

/** Before the heal is in time. Null also where it did not heal while somebody watched. */
function afterHeal(limitMs: number, { clients, lastHealMs }: Opinion): boolean | null {
  if (clients === null) return null
  const { recovery } = clients
  if (recovery.outcome !== 'outage') return true
  if (lastHealMs === null) return recovery.censored === 'no' ? true : null
  const sinceHeal = (ms: number): number => Math.round(ms) - Math.round(lastHealMs)
  if (sinceHeal(recovery.earliestMs) > limitMs) return false
  return recovery.censored === 'no' && sinceHeal(recovery.latestMs) <= limitMs ? true : null
}

/** Null also where the resolution does not tell, or the load ended too early to tell. */
function recovered(limitMs: number, { clients, t0Ms }: Opinion): boolean | null {
  if (clients === null || t0Ms === null) return null
  const { recovery } = clients
  if (recovery.outcome !== 'outage') return true
  const sinceT0 = (ms: number): number => Math.round(ms) - Math.round(t0Ms)
  if (sinceT0(recovery.earliestMs) > limitMs) return false
  return recovery.censored === 'no' && sinceT0(recovery.latestMs) <= limitMs ? true : null
}
