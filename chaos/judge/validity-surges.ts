/** Was the load raised when the scenario asks for it, by as much, and for as long? */
import type { RecordedJournal } from '../journal/recorded.ts'
import { type Surge, surgeRate } from '../scenarios/due.ts'
import type { SurgeSpec } from '../scenarios/schema.ts'
import { counted, duration, moment } from './figures.ts'
import type { Defect } from './validity-load.ts'

/**
 * The load generator is told of its surges before it starts, and the first fault comes when the load was steady for long
 * enough: by what that takes longer than planned, a surge comes too early. In real trials it was less than 0.1 s.
 */
const earlyMs = 500
/** What two clocks may make of it. */
const lateMs = 100
/** k6 takes whole milliseconds. */
const roundedMs = 1

export function surgesDefect(journal: RecordedJournal, requestedMs: number | null): Defect {
  const { load } = journal.opened.scenario
  const planned = load.surges ?? []
  const [started] = journal.of('load.started')
  const made = started?.surges ?? []
  if (planned.length !== made.length)
    return `the scenario asks for ${counted(planned.length, 'surge')} of the load, and the load generator was asked for ${made.length}`
  if (started === undefined || requestedMs === null || made.length === 0) return undefined
  if (started.durationMs === undefined) return 'how long a load with surges was to last is not recorded'
  const endMs = started.firstArrivalMs + started.durationMs
  let afterMs = started.firstArrivalMs
  for (const [i, surge] of made.entries()) {
    const defect =
      surge.fromMs <= afterMs || surge.toMs <= surge.fromMs
        ? `surges of the load follow each other, and one is told from ${moment(surge.fromMs)} to ${moment(surge.toMs)}, after ${moment(afterMs)}`
        : surgeDefect(surge, planned[i] as SurgeSpec, { usual: load.ratePerSecond, requestedMs, endMs })
    if (defect !== undefined) return defect
    afterMs = surge.toMs
  }
  return undefined
}

function surgeDefect(
  { fromMs, toMs, ratePerSecond }: Surge,
  { atMs, forMs, times }: SurgeSpec,
  { usual, requestedMs, endMs }: { usual: number; requestedMs: number; endMs: number },
): Defect {
  const which = `the surge that is due ${duration(atMs)} after the fault`
  const rate = surgeRate(usual, times)
  if (ratePerSecond !== rate)
    return `${which} was asked for at ${ratePerSecond} requests/s; the scenario asks for ${rate}`
  const offMs = fromMs - requestedMs - atMs
  if (offMs < -earlyMs || offMs > lateMs)
    return `${which} came ${duration(Math.abs(offMs))} too ${offMs < 0 ? 'early' : 'late'}, at ${moment(fromMs)}`
  const untilMs = Math.min(fromMs + forMs, endMs)
  return Math.abs(toMs - untilMs) > roundedMs
    ? `${which} lasted ${duration(toMs - fromMs)}; it was to last ${duration(untilMs - fromMs)}`
    : undefined
}
