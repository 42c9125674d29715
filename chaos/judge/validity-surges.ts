/** Was the load raised when the scenario asks for it, and by as much? */

import type { RecordedJournal } from '../journal/recorded.ts'
import { surgeRate } from '../scenarios/due.ts'
import { duration, moment } from './figures.ts'
import type { Defect } from './validity-load.ts'

/**
 * The load generator is told of its surges before it starts, and the first fault comes when the load was steady for long
 * enough: what that takes longer than planned, a surge comes too early. In real trials it was less than 0.1 s.
 */
const apartMs = 1_000
/** k6 takes whole milliseconds. */
const roundedMs = 1

export function surgesDefect(journal: RecordedJournal, requestedMs: number | null): Defect {
  const { load } = journal.opened.scenario
  const planned = load.surges ?? []
  const [started] = journal.of('load.started')
  const made = started?.surges ?? []
  if (planned.length !== made.length)
    return `the scenario asks for ${planned.length} surges of the load, and the load generator was asked for ${made.length}`
  if (started === undefined || requestedMs === null) return undefined
  const endMs = started.firstArrivalMs + (started.durationMs ?? Infinity)
  for (const [i, { atMs, forMs, times }] of planned.entries()) {
    const { fromMs, toMs, ratePerSecond } = made[i] as (typeof made)[number]
    const rate = surgeRate(load.ratePerSecond, times)
    const which = `the surge that is due ${duration(atMs)} after the fault`
    if (ratePerSecond !== rate)
      return `${which} was asked for at ${ratePerSecond} requests/s; the scenario asks for ${rate}`
    if (Math.abs(fromMs - requestedMs - atMs) > apartMs)
      return `${which} came ${duration(fromMs - requestedMs)} after it, at ${moment(fromMs)}`
    const cut = Math.abs(toMs - endMs) <= roundedMs && toMs - fromMs < forMs
    if (!cut && Math.abs(toMs - fromMs - forMs) > roundedMs)
      return `${which} lasted ${duration(toMs - fromMs)}; the scenario asks for ${duration(forMs)}`
  }
  return undefined
}
