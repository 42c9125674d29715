/**
 * How far the figures of a trial can be from the truth: the time between two clients, since nobody looks in between,
 * and what a calibration of the same machine found beyond that. Without a calibration only the first is known.
 */
import type { CalibrationFacts } from '../journal/calibration.ts'
import { longestBetweenWrites } from '../journal/schedule.ts'
import type { EventOf } from '../journal/schema.ts'
import { strangeMachine } from './strange-machine.ts'
import type { Verdict } from './verdict.ts'

type Opened = EventOf<'trial.opened'>

export function uncertaintyOf(opened: Opened): NonNullable<Verdict['uncertainty']> {
  const { calibration, scenario } = opened
  const { ratePerSecond, writeShare } = scenario.load
  const slotMs = 1000 / ratePerSecond
  const measured = (calibration?.errors ?? []).filter(isMeasured)
  const notCited = calibration && defectOf(opened, calibration, measured)
  const nearest = nearestTo(ratePerSecond, notCited === undefined ? measured : [])
  const wider = (key: 'recoveredInMs' | 'writeGapMs'): number => Math.max(0, ...nearest.map((each) => each[key] ?? 0))
  return {
    recoveredInMs: Math.ceil(slotMs + wider('recoveredInMs')),
    writeGapMs: writeShare > 0 ? Math.ceil(slotMs * betweenWrites(opened) + wider('writeGapMs')) : null,
    calibration:
      calibration === undefined || nearest[0] === undefined
        ? null
        : {
            at: calibration.at,
            commit: calibration.commit,
            ratePerSecond: nearest[0].ratePerSecond,
            n: nearest.reduce((sum, { n }) => sum + n, 0),
          },
    ...(notCited !== undefined && { notCited }),
  }
}

/**
 * In slots, how far a write gap can be from the outage. It is one interval longer on average, and two of the longest at the
 * most.
 */
function betweenWrites({ clients, scenario }: Opened): number {
  const { writeShare } = scenario.load
  const longest = longestBetweenWrites(writeShare, { shuffled: clients?.requests !== undefined && !clients.script })
  return Math.max(1 / writeShare, 2 * longest - 1 / writeShare)
}

/** Why the trial's calibration says nothing of it; undefined when it does. */
function defectOf(opened: Opened, { at }: CalibrationFacts, measured: CalibrationFacts['errors']): string | undefined {
  // One that came after the trial, or at no time, is not of this trial's machine as it was.
  if (!(Date.parse(at) <= opened.wallStartMs)) return 'it was not made before the trial'
  return strangeMachine(opened) ?? (measured.length === 0 ? 'it measured no outage' : undefined)
}

/** Somebody looked: at outages, and with a result. An error of less than none is no error. */
function isMeasured({ n, ratePerSecond, recoveredInMs, writeGapMs }: CalibrationFacts['errors'][number]): boolean {
  const errors = [recoveredInMs, writeGapMs].filter((ms) => ms !== null)
  return n > 0 && ratePerSecond > 0 && errors.length > 0 && errors.every((ms) => ms >= 0)
}

/**
 * Of the nearest rate at or below, on the idle host and on the busy one: a trial's host is neither, and the wider error
 * counts. A trial that is slower than all asks less of the instruments than the slowest of them.
 */
function nearestTo(ratePerSecond: number, errors: CalibrationFacts['errors']): CalibrationFacts['errors'] {
  const rates = errors.map((each) => each.ratePerSecond)
  const below = rates.filter((rate) => rate <= ratePerSecond)
  const nearest = below.length > 0 ? Math.max(...below) : Math.min(...rates)
  return errors.filter((each) => each.ratePerSecond === nearest)
}
