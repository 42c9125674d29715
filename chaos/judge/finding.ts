/** What an objective is judged by, and the result. */
import type { Elections } from './elections.ts'
import type { Gaps } from './gaps.ts'
import type { Losses } from './losses.ts'
import type { Outage } from './outage.ts'
import type { Primaries } from './primaries.ts'
import type { Reads } from './reads.ts'
import type { Tenure } from './tenure.ts'
import type { ObjectiveResult } from './verdict.ts'
import type { WriteTimes } from './writes.ts'

export interface Measured {
  requestedMs: number | null
  /** When the last of the faults was asked to heal; null while one was not. */
  lastHealMs: number | null
  outage: Outage | null
  gaps: Gaps | null
  losses: Losses
  primaries: Primaries
  writes: WriteTimes | null
  tenure: Tenure | null
  elections: Elections | null
  reads: Reads | null
}

/**
 * A result before its message has the verdict and the promise in front. `stands`: true even if an instrument was
 * broken.
 */
export type Finding = Omit<ObjectiveResult, 'message'> & { evidence: string; stands?: boolean }

export function unmeasured(finding: Omit<Finding, 'verdict' | 'evidence'>): Finding {
  return { ...finding, verdict: 'inconclusive', evidence: 'not measured' }
}
