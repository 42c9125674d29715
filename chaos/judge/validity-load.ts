/** Was the load what the scenario asked for? Otherwise the clients' view of the outage is no measurement. */
import type { RecordedJournal } from '../journal/recorded.ts'
import { type Arrivals, at } from './arrivals.ts'
import { duration, percent } from './figures.ts'
import { some } from './words.ts'

/** Undefined when the check holds; otherwise what was seen. */
export type Defect = string | undefined

const warmUpMs = 1000
const reachedShare = 0.98
const startLagLimitMs = 50
/** An arrival that starts this much after its schedule did not arrive when it was due. */
const tardyMs = 500
/** k6's exit status when a threshold of the script was crossed; the run itself ended as planned. */
const k6ThresholdsCrossed = 99
/** k6's exit status when it was asked to stop (https://github.com/grafana/k6, errext/exitcodes). */
const k6Stopped = 105
/** T0 is drawn over one heartbeat, so the load may end this much before `observeMs` is over. */
const earlyEndMs = 2000

/** Steady state before T0: arrivals started at their rate, on time, and were served. */
export function loadDefect(journal: RecordedJournal, arrivals: Arrivals, requestedMs: number | null): Defect {
  const { load, objectives } = journal.opened.scenario
  if (arrivals.count === 0) return 'no request was recorded'
  if (requestedMs === null) return 'there is no fault to mark the end of the steady state'
  const fromMs = at(arrivals.scheduledMs, 0) + warmUpMs
  if (requestedMs - fromMs < warmUpMs)
    return `only ${duration(Math.max(0, requestedMs - fromMs))} of load after warm-up and before the fault`
  const lagsMs: number[] = []
  let failed = 0
  for (let i = 0; i < arrivals.count; i++) {
    const scheduledMs = at(arrivals.scheduledMs, i)
    if (scheduledMs < fromMs || scheduledMs >= requestedMs) continue
    const lagMs = at(arrivals.startedMs, i) - scheduledMs
    // One that was due just before the fault may start just after it; one that comes much later was not part of this
    // rate.
    if (lagMs > tardyMs) continue
    lagsMs.push(lagMs)
    // Those that end after T0 were hit by the fault, and are the outage's.
    if (at(arrivals.endedMs, i) < requestedMs) failed += at(arrivals.failed, i)
  }
  const due = (load.ratePerSecond * (requestedMs - fromMs)) / 1000
  if (lagsMs.length < reachedShare * due - 1)
    return `${lagsMs.length} of ${Math.round(due)} arrivals (${percent(lagsMs.length / due)}) were started before the fault`
  const lagMs = Float64Array.from(lagsMs).sort()[lagsMs.length >>> 1] ?? 0
  if (lagMs >= startLagLimitMs)
    return `half of the arrivals before the fault started ${duration(lagMs)} or more after their schedule`
  const served = 1 - failed / lagsMs.length
  if (served < objectives.window.successShare)
    return `only ${percent(served)} of the requests succeeded before the fault`
  return undefined
}

/** Every arrival of the schedule was made and recorded, to the end of the observation. */
export function arrivalsDefect(journal: RecordedJournal, arrivals: Arrivals, requestedMs: number | null): Defect {
  if (journal.of('load.started').length === 0) return 'the load generator was not seen to start'
  const ended = journal.of('load.ended').at(-1)
  if (ended === undefined) return 'the load generator was not seen to end'
  if (ended.dropped > 0)
    return `the load generator dropped ${ended.dropped} arrivals: it had no free virtual user (load.maxVirtualUsers)`
  const fine = [0, k6ThresholdsCrossed, ...(ended.stoppedMs === undefined ? [] : [k6Stopped])]
  if (ended.exitCode === null || !fine.includes(ended.exitCode)) {
    return `the load generator ended with exit status ${ended.exitCode ?? 'unknown'}${ended.reason === undefined ? '' : `: ${ended.reason}`}`
  }
  const recorded = journal.requests.length
  if (recorded < ended.iterations) return `${ended.iterations} requests were made and only ${recorded} recorded`
  const numbering = numberingDefect(journal, arrivals)
  if (numbering !== undefined) return numbering
  const plannedEndMs = (requestedMs ?? 0) + journal.opened.scenario.observeMs
  if (requestedMs !== null && arrivals.endMs < plannedEndMs - earlyEndMs) {
    return `the load stopped ${duration(plannedEndMs - arrivals.endMs)} before the end of the observation`
  }
  return undefined
}

function numberingDefect(journal: RecordedJournal, arrivals: Arrivals): Defect {
  const numbers = arrivals.row.map((row) => journal.requests.n(row)).sort()
  const missing: number[] = []
  let missingCount = 0
  let expected = 0
  for (const n of numbers) {
    if (n < expected) return `arrival ${n} is recorded twice`
    missingCount += n - expected
    for (let gap = expected; gap < n && missing.length < 6; gap++) missing.push(gap)
    expected = n + 1
  }
  return missingCount === 0 ? undefined : `${missingCount} arrivals have no record (n ${some(missing)})`
}
