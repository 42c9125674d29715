/** What a journal has in it, so that a generator that has gone tame is noticed. */
import type { Verdict } from '../../chaos/judge/verdict.ts'
import type { Opinion } from './judge.ts'
import type { Plan } from './plan.ts'

export function shown(verdict: Verdict, opinion: Opinion, plan: Plan): string[] {
  const { byClients, clients, moments, phasesFromMs, reads, tenure, wasStopped } = opinion
  const kinds: Record<string, boolean> = {
    'clients name a second primary': byClients > 0,
    'a stale read': reads !== null && reads.staleReads > 0,
    'no stale read': reads !== null && reads.reads > 0 && reads.staleReads === 0,
    'a read that goes back': reads !== null && reads.readsBack > 0,
    'no read that goes back': reads !== null && reads.readsAgain > 0 && reads.readsBack === 0,
    'the primary kept': tenure?.kept === true,
    'another took over': tenure?.kept === false,
    'a stopped load': wasStopped,
    'a surge': plan.surges.length > 0,
    'an open gap': clients?.writeGap?.open === true || clients?.readGap?.open === true,
    'phases of a plain take-over': moments !== null && phasesFromMs !== null,
    'a settle': verdict.phasesMs.settle !== null,
    'a stall': clients !== null && clients.stalledMs > 0,
  }
  const promises = verdict.objectives.map((objective) => `${objective.name} ${objective.verdict}`)
  return [...Object.keys(kinds).filter((kind) => kinds[kind]), ...promises]
}
