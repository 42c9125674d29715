/** What the report draws, from the journal and its verdict. Pure: the same journal gives the same model. */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { RequestTable } from '../journal/requests.ts'
import type { EventOf } from '../journal/schema.ts'
import { unexplainedGaps } from '../judge/silences.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { Axis } from './axis.ts'
import { type Change, changeOf, namesOfFaults } from './changes.ts'
import type { LaneGroup } from './lanes.ts'
import { lanesOf } from './trial-lanes.ts'

export interface ReportModel {
  opened: RecordedJournal['opened']
  axis: Axis
  requests: RequestTable
  groups: LaneGroup[]
  changes: Change[]
  gaps: { unexplained: readonly EventOf<'observer.gap'>[]; explained: readonly EventOf<'observer.gap'>[] }
  intervals: readonly EventOf<'observer.started'>[]
  instrumentFailures: readonly EventOf<'instrument.failed'>[]
}

export function modelOf(journal: RecordedJournal, verdict: Verdict): ReportModel {
  const faultNames = namesOfFaults(journal.of('fault.requested'))
  const unexplained = unexplainedGaps(journal)
  const isUnexplained = new Set(unexplained)
  return {
    opened: journal.opened,
    axis: axisOf(journal, verdict),
    requests: journal.requests,
    groups: lanesOf(journal, verdict),
    changes: journal.milestones.map((event) => changeOf(event, faultNames)).filter((change) => change !== null),
    gaps: { unexplained, explained: journal.of('observer.gap').filter((gap) => !isUnexplained.has(gap)) },
    intervals: journal.of('observer.started'),
    instrumentFailures: journal.of('instrument.failed'),
  }
}

function axisOf({ requests, lastAtMs }: RecordedJournal, verdict: Verdict): Axis {
  const { requestedMs, recoveredMs, healedMs, redundantMs } = verdict.moments
  let fromMs = Infinity
  let toMs = Math.max(recoveredMs ?? 0, healedMs ?? 0, redundantMs ?? 0)
  for (let row = 0; row < requests.length; row += 1) {
    const scheduledMs = requests.scheduledMs(row)
    if (scheduledMs < fromMs) fromMs = scheduledMs
    if (scheduledMs > toMs) toMs = scheduledMs
  }
  if (fromMs === Infinity) [fromMs, toMs] = [0, Math.max(lastAtMs, toMs, 1)]
  return { fromMs, toMs, zeroMs: requestedMs ?? 0 }
}
