/**
 * How long each component took, one after the other, in the plain story (moments.ts): each phase ends where its
 * observer saw it end, and begins where the one before it ended.
 */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import type { Moments } from './moments.ts'

export type Phases = Record<'detect' | 'elect' | 'promote' | 'route' | 'settle', number | null>

/** The first one begins with the request of the fault that took the primary away, which need not be the first fault. */
export function phasesFromMs(journal: RecordedJournal, t0Ms: number): number | null {
  const primary = journal.of('dcs.leader').findLast(({ atMs }) => atMs <= t0Ms)?.leader ?? ''
  const cause = journal.of('fault.requested').find(({ expectGone }) => expectGone.nodes.includes(primary))
  return cause?.atMs ?? null
}

/** Clients do not settle if they are served again before the components were done. */
export function phasesOf(fromMs: number, moments: Moments, recoveredMs: number | null): Phases {
  const { detectedMs, electedMs, promotedMs, routedMs } = moments
  const between = (from: number, to: number): number => Math.round(to) - Math.round(from)
  return {
    detect: between(fromMs, detectedMs),
    elect: between(detectedMs, electedMs),
    promote: between(electedMs, promotedMs),
    route: between(promotedMs, routedMs),
    settle:
      recoveredMs === null || Math.round(recoveredMs) < Math.round(routedMs) ? null : between(routedMs, recoveredMs),
  }
}
