/** Whether the first judge found the end of an outage that was planned. */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { plannedT0Ms } from './generate.ts'
import type { Plan } from './plan.ts'

/**
 * Null where the plan has no single end: other failures, a lie, answers that are merely late, or no recovery. Otherwise
 * whether the end that was found is the first arrival after the planned one, or before it by the resolution at most.
 */
export function endIsFound(plan: Plan, journal: RecordedJournal, verdict: Verdict): boolean | null {
  const [outage, another] = plan.outages
  if (outage === undefined || another !== undefined || plan.strays > 0 || plan.lies.length > 0) return null
  if (!['unknown', 'rejected'].includes(outage.as) || verdict.outcome !== 'recovered') return null
  const endMs = plannedT0Ms(plan) + outage.toMs
  const later = [...journal.requests].map(({ scheduledMs }) => scheduledMs).filter((ms) => ms >= endMs)
  const found = verdict.moments.recoveredMs
  if (later.length === 0 || found === null) return null
  const earlyMs = Math.round(Math.min(...later)) - found
  return earlyMs >= 0 && earlyMs <= (verdict.recoveryResolutionMs ?? 0)
}
