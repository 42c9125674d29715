/**
 * Requests second by second, as a report bins them: by the moment at which each was due. A request that waits long
 * changes a second that is long past, so each second knows when it last changed. Pure.
 */
import type { EventOf } from '../journal/schema.ts'
import { nearestRank } from '../report/bins.ts'

export interface Second {
  /** Whole seconds since the trial's start. */
  at: number
  acked: number
  rejected: number
  unknown: number
  /** Of the acked, from the moment they were due; null where there is none. */
  p50Ms: number | null
  p99Ms: number | null
  slowestMs: number | null
}

interface Bin {
  acked: number
  rejected: number
  unknown: number
  latenciesMs: number[]
  changed: number
}

export class Seconds {
  readonly #bins = new Map<number, Bin>()

  /** `revision`: of what is shown; later ones are greater. */
  count({ scheduledMs, endedMs, outcome }: EventOf<'request'>, revision: number): void {
    const at = Math.floor(scheduledMs / 1000)
    let bin = this.#bins.get(at)
    if (bin === undefined) {
      bin = { acked: 0, rejected: 0, unknown: 0, latenciesMs: [], changed: revision }
      this.#bins.set(at, bin)
    }
    bin[outcome] += 1
    bin.changed = revision
    if (outcome === 'acked') bin.latenciesMs.push(endedMs - scheduledMs)
  }

  /** Those that changed after that revision, in order. */
  since(revision: number): Second[] {
    return [...this.#bins]
      .filter(([, { changed }]) => changed > revision)
      .toSorted(([a], [b]) => a - b)
      .map(([at, { latenciesMs, changed, ...counts }]) => {
        const sorted = latenciesMs.toSorted((a, b) => a - b)
        return {
          at,
          ...counts,
          p50Ms: nearestRank(sorted, 0.5),
          p99Ms: nearestRank(sorted, 0.99),
          slowestMs: sorted.at(-1) ?? null,
        }
      })
  }
}
