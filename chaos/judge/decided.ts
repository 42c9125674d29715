/** When it was decided that a promise would be missed: what the host did then matters, and what it did at other times does not. */
import type { RequestTable } from '../journal/requests.ts'
import { type Arrivals, endedAt, hasFailed, latencyMs, rowAt } from './arrivals.ts'
import type { Gaps } from './gaps.ts'
import { inPopulation } from './outage.ts'
import type { ObjectiveResult } from './verdict.ts'

/**
 * One moment or more of each promise that was missed, to a tenth of a second; `otherwiseMs` for those that no single
 * request decides. Any one of several suffices for a miss.
 */
export function decidedMs(
  missed: readonly ObjectiveResult[],
  measured: {
    arrivals: Arrivals
    requests: RequestTable
    gaps: Gaps | null
    requestedMs: number | null
    otherwiseMs: number
  },
): number[] {
  const { arrivals, requests, gaps, requestedMs, otherwiseMs } = measured
  if (requestedMs === null) return [otherwiseMs]
  const moments = new Set<number>()
  const ends = (counts: (i: number) => boolean): void => {
    for (let i = 0; i < arrivals.count; i++)
      if (counts(i) && inPopulation(arrivals, i, requestedMs)) moments.add(Math.ceil(endedAt(arrivals, i) / 100) * 100)
  }
  const gapEnd = (kind: 'write' | 'read'): void => {
    const gap = gaps?.[kind]
    moments.add(gap ? gap.fromMs + gap.lengthMs : otherwiseMs)
  }
  for (const { name, limit } of missed) {
    if (name === 'failed-requests') ends((i) => hasFailed(arrivals, i))
    else if (name === 'failed-reads') ends((i) => hasFailed(arrivals, i) && !requests.isWrite(rowAt(arrivals, i)))
    else if (name === 'slowest-request' && typeof limit === 'number')
      ends((i) => !hasFailed(arrivals, i) && latencyMs(arrivals, i) > limit)
    else if (name === 'write-gap') gapEnd('write')
    else if (name === 'read-gap') gapEnd('read')
    else moments.add(otherwiseMs)
  }
  return [...moments]
}
