/** What is wrong with the instrument, by name, and why a calibration says little. Pure. */
import { duration, percent } from '../judge/figures.ts'
import type { Cell } from './cells.ts'
import type { Lane } from './lane.ts'
import type { MeasuredOutage } from './measure.ts'

/** A host that is called idle must have been: the calibration itself takes less than the rest of it. */
const leastIdleShare = 0.25

/**
 * Why a lane says nothing of the instrument: the machine had no room, or the load was not what was asked for. None if
 * it can be believed.
 */
export function problemsOf({ host, ratePerSecond, idleShare, journal }: Lane): string[] {
  const ended = journal.of('load.ended').at(-1)
  const what = `at ${ratePerSecond} requests/s on the ${host} host`
  return [
    ...(host === 'idle' && idleShare < leastIdleShare
      ? [
          `the host that should be idle was so for only ${percent(idleShare)} of its time (at least ${percent(leastIdleShare)}): end what else runs on it`,
        ]
      : []),
    ...(ended === undefined || ended.exitCode !== 0
      ? [`the load generator ended with exit status ${ended?.exitCode ?? 'unknown'} ${what}: ${ended?.reason ?? ''}`]
      : []),
    ...(ended?.dropped === null ? [`the load generator did not say what it dropped ${what}`] : []),
    ...((ended?.dropped ?? 0) > 0 ? [`the load generator dropped ${ended?.dropped} arrivals ${what}`] : []),
  ]
}

/** What is wrong with the instrument, a sentence each; none if it is as exact as it has to be. */
export function defectsOf(
  cells: readonly Cell[],
  outages: readonly MeasuredOutage[],
  lanes: readonly Lane[],
): string[] {
  return [
    ...lanes.flatMap(unrecorded),
    ...outages.filter(({ seen }) => seen === 'unseen' || seen === 'unending').map(misjudged),
    ...cells
      .filter((cell) => !cell.within)
      .map(
        ({ figure, ratePerSecond, host, p95Ms, limitMs, n, biasMs }) =>
          `"${figure}" at ${ratePerSecond} requests/s on the ${host} host: 95 of 100 errors are at most ${duration(p95Ms)}, and may be ${duration(limitMs)} (n ${n}, bias ${signed(biasMs)})`,
      ),
  ]
}

/**
 * So long do answers cross with clients that give up, at the end of a stall that outlasts their patience; and with the
 * connections that a stop closes.
 */
const crossingMs = 50

/** Every answer that the stub gave is on record, as it was given, but for those that cross. */
function unrecorded({ ratePerSecond, host, journal, truth }: Lane): string[] {
  const counted = { served: 0, refused: 0 }
  for (const { status } of journal.requests) if (status > 0) counted[status < 400 ? 'served' : 'refused']++
  const patienceMs = journal.opened.scenario.load.timeoutMs
  const crossed = truth.outages.filter(
    ({ kind, fromMs, toMs }) => kind === 'stop' || (kind === 'stall' && toMs - fromMs >= patienceMs),
  )
  const crossing = 2 + Math.ceil((crossed.length * ratePerSecond * crossingMs) / 1000)
  return (['served', 'refused'] as const).flatMap((what) =>
    Math.abs(truth.given[what] - counted[what]) <= crossing
      ? []
      : [
          `answers on record at ${ratePerSecond} requests/s on the ${host} host: the stub ${what} ${truth.given[what]} requests, and the client stream has ${counted[what]} of them`,
        ],
  )
}

function misjudged({ kind, lengthMs, ratePerSecond, host, seen }: MeasuredOutage): string {
  const what = `a ${kind} of ${duration(lengthMs)} at ${ratePerSecond} requests/s on the ${host} host`
  return seen === 'unseen' ? `${what} was not seen` : `${what} was not seen to end`
}

export function signed(ms: number): string {
  const text = duration(Math.abs(ms))
  return text === '0 ms' ? text : `${ms < 0 ? '−' : '+'}${text}`
}
