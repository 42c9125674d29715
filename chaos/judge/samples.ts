/** Do an observer's samples, and its silences on record, account for the time from its start to its summary? */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { derived } from './derived.ts'
import { counted, duration } from './figures.ts'
import { observerKey } from './observers.ts'
import { gapLength } from './silences.ts'

/** An observer records each silence that is longer than this, or than twice its interval (chaos/observers/sampler.ts). */
const recordedGapMs = 100

/** Of the time that an observer watched; what it waited for at the very end is no interval. */
const shareAccounted = 0.9

/** Intervals that are longer than the 95th percentile. */
const shareAbove = 0.05

export class Samples {
  readonly #started: ReadonlyMap<string, EventOf<'observer.started'>>
  readonly #gaps: ReadonlyMap<string, readonly EventOf<'observer.gap'>[]>

  constructor(journal: RecordedJournal) {
    this.#started = new Map(journal.of('observer.started').map((event) => [observerKey(event), event]))
    this.#gaps = Map.groupBy(journal.of('observer.gap'), observerKey)
  }

  /** What cannot be right in a summary; undefined where nothing speaks against it. */
  defectOf(summary: EventOf<'observer.summary'>): string | undefined {
    const { atMs, samples, p50Ms, p95Ms, maxMs } = summary
    const key = observerKey(summary)
    const start = this.#started.get(key)
    if (start === undefined) return undefined
    const gaps = this.#gaps.get(key) ?? []
    if (gaps.some((gap) => gap.toMs < gap.fromMs)) return 'reported a silence that ended before it began'
    const limitMs = Math.max(recordedGapMs, 2 * start.intervalMs)
    const longestMs = gaps.reduce((longest, gap) => Math.max(longest, gapLength(gap)), limitMs)
    if (maxMs > longestMs + 1)
      return `was blind for ${duration(maxMs)} at the worst, and no gap on record is as long: it is not known when`
    const watchedMs = atMs - start.atMs
    const accountedMs = samples * limitMs + gaps.reduce((sum, gap) => sum + gapLength(gap), 0)
    if (accountedMs < watchedMs)
      return `reported ${counted(samples, 'sample')} for ${duration(watchedMs)}, which leaves ${duration(watchedMs - accountedMs)} without one`
    // Half of the intervals are as long as the median or longer.
    if ((samples / 2) * p50Ms > watchedMs + limitMs)
      return `reported ${counted(samples, 'sample')}, more than fit in ${duration(watchedMs)}`
    if (p50Ms > p95Ms || p95Ms > maxMs) return 'reported intervals that cannot be: their percentiles are not in order'
    // All but one in twenty are as long as the 95th percentile at the most; a silence at the very end is no interval.
    const longer = gaps.filter((gap) => gapLength(gap) > p95Ms + 1).length
    if (longer > samples * shareAbove + 2)
      return `reported that all but one in twenty of ${counted(samples, 'interval')} lasted ${duration(p95Ms)} at the most, and has ${longer} longer silences on record`
    // Nor can half of them be longer than the median, or one in twenty longer than the 95th percentile.
    const mostMs = samples * (0.5 * p50Ms + 0.45 * p95Ms + 0.05 * maxMs) + 2 * maxMs
    return mostMs < shareAccounted * watchedMs
      ? `reported intervals that add up to ${duration(mostMs)} at the most, and watched for ${duration(watchedMs)}`
      : undefined
  }
}

export const samplesOf = derived((journal) => new Samples(journal))
