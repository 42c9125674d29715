/** How long no write was acknowledged: now, and at the worst since the fault. Pure. */
import type { EventOf } from '../journal/schema.ts'

export interface WriteGapView {
  /** The longest one that has ended, or goes on; null before the fault, and where no write was acknowledged. */
  longestMs: number | null
  /** Since when the last write was acknowledged, on the trial's clock; null for none yet. */
  lastAckedMs: number | null
}

export class WriteGap {
  #lastAckedMs: number | null = null
  #longestMs: number | null = null

  count({ op, outcome, endedMs }: EventOf<'request'>, zeroMs: number | null): void {
    if (op !== 'write' || outcome !== 'acked') return
    const lastMs = this.#lastAckedMs
    if (lastMs !== null && endedMs <= lastMs) return
    this.#lastAckedMs = endedMs
    if (lastMs !== null && zeroMs !== null && endedMs > zeroMs)
      this.#longestMs = Math.max(this.#longestMs ?? 0, endedMs - lastMs)
  }

  get view(): WriteGapView {
    return { longestMs: this.#longestMs, lastAckedMs: this.#lastAckedMs }
  }
}
