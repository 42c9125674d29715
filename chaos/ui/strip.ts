/**
 * The trials of one scenario as a strip of dots: how long each took to recover, with the median and its interval. Each
 * world has a strip of its own, for another world is another system.
 */

import { join } from 'node:path'
import { distinctTrials } from '../judge/duplicates.ts'
import type { Interval } from '../judge/statistics.ts'
import { isValid, summarizeTrials } from '../judge/trials.ts'
import type { Verdict, VerdictName } from '../judge/verdict.ts'
import { niceStep } from '../report/axis.ts'
import { outcomeWords } from '../report/outcome-words.ts'
import { renderTrials } from '../report/trials.ts'
import { readVerdict, readWorld, runsFolder } from '../run/folder.ts'

export interface Strip {
  world: string
  /** Of the trials in which it was measured, the oldest first. */
  dots: Dot[]
  /** Milliseconds, where there are enough valid trials and it is a number. */
  medianMs: number | null
  /** The median's, at 95 %. */
  interval: Interval | null
  /** Where the axis ends, in milliseconds; it begins at 0. The same for all worlds. */
  endMs: number
  /** Milliseconds. */
  ticks: number[]
  /** The same in words, as `run` prints them at its end. */
  lines: string[]
}

export interface Dot {
  run: string
  verdict: VerdictName
  /** A trial that was not valid has a place, and does not count. */
  isValid: boolean
  /** How long clients were not served; 0 where they always were; null where they were not served again. */
  ms: number | null
  outcome: string
}

/** Between the longest and the axis' end, in shares of the longest. */
const roomShare = 0.04
const ticksAtMost = 6
const shortestAxisMs = 1_000

interface Judged {
  run: string
  world: string
  verdict: Verdict
}

/**
 * Of these runs, which are of one scenario, those that have a verdict; by world.
 * @throws where one trial has two results
 */
export function stripsOf(runs: readonly string[]): Strip[] {
  return stripsFrom(
    runs.toSorted().flatMap((run) => {
      const folder = join(runsFolder(), run)
      const verdict = readVerdict(folder)
      return verdict ? [{ run, world: readWorld(folder) ?? 'unknown', verdict }] : []
    }),
  )
}

/** Pure. */
export function stripsFrom(judged: readonly Judged[]): Strip[] {
  const worlds = [...Map.groupBy(judged, ({ world }) => world)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const strips = worlds.map(([world, trials]) => ({ world, ...ofOneWorld(trials) }))
  const longest = strips.flatMap(({ dots, interval }) => [interval?.high ?? 0, ...dots.map(({ ms }) => ms ?? 0)])
  const endMs = Math.max(shortestAxisMs, ...longest) * (1 + roomShare)
  const stepMs = niceStep(endMs, ticksAtMost)
  const ticks = Array.from({ length: Math.floor(endMs / stepMs) + 1 }, (_, index) => index * stepMs)
  return strips.map((strip) => ({ ...strip, endMs, ticks }))
}

function ofOneWorld(judged: readonly Judged[]): Pick<Strip, 'dots' | 'medianMs' | 'interval' | 'lines'> {
  const verdicts = judged.map(({ verdict }) => verdict)
  const { trials } = distinctTrials(verdicts)
  const { medianMs, medianIntervalMs } = summarizeTrials(verdicts)
  return {
    dots: judged.flatMap(({ run, verdict }) => (trials.includes(verdict) ? dotOf(run, verdict) : [])),
    medianMs,
    interval: medianIntervalMs,
    lines: renderTrials(verdicts).split('\n'),
  }
}

function dotOf(run: string, verdict: Verdict): Dot[] {
  const outcome = outcomeWords(verdict)
  if (outcome === null) return []
  return [
    {
      run,
      verdict: verdict.verdict,
      isValid: isValid(verdict),
      ms: verdict.outcome === 'censored' ? null : (verdict.recoveredInMs ?? 0),
      outcome,
    },
  ]
}
