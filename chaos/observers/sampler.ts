/** What every observer records: when it last had a sample, how far apart samples were, and where one was missing. */
import type { EventOf, Recorder } from '../journal/schema.ts'

export type ObserverName = EventOf<'observer.started'>['observer']

/** A silence longer than this, or than twice the interval, is journalled as a gap. */
const gapLimitMs = 100

export class Sampler {
  readonly #record: Recorder
  readonly #now: () => number
  readonly #observer: ObserverName
  readonly #subject: string
  readonly #gapLimitMs: number
  readonly #intervals: number[] = []
  #lastMs: number
  #reason = 'no sample yet'

  constructor({
    record,
    now,
    observer,
    subject,
    intervalMs,
  }: { record: Recorder; now: () => number; observer: ObserverName; subject: string; intervalMs: number }) {
    this.#record = record
    this.#now = now
    this.#observer = observer
    this.#subject = subject
    this.#gapLimitMs = Math.max(gapLimitMs, 2 * intervalMs)
    this.#lastMs = now()
    record({ kind: 'observer.started', observer, subject, intervalMs })
  }

  /** Length of time since the last sample: the uncertainty of whatever is seen now. */
  get sinceMs(): number {
    return this.#now() - this.#lastMs
  }

  /** The subject answered, or gave a definite sign (refused, reset) that it is not there. Returns when. */
  sampled(): number {
    const nowMs = this.#now()
    const lengthMs = nowMs - this.#lastMs
    if (lengthMs > this.#gapLimitMs) {
      this.#record({
        kind: 'observer.gap',
        observer: this.#observer,
        subject: this.#subject,
        fromMs: this.#lastMs,
        toMs: nowMs,
        reason: this.#reason,
      })
    }
    this.#intervals.push(lengthMs)
    this.#lastMs = nowMs
    this.#reason = 'instrument: no sample was taken'
    return nowMs
  }

  /**
   * The subject was asked and has not answered yet: until then the silence is the subject's. Whether Blackstart itself
   * runs is shown by the harness observer. What is known of this silence already says more.
   */
  asked(): void {
    if (!this.#reason.startsWith('subject:')) this.#reason = 'subject: slow to answer'
  }

  /**
   * The subject gave no answer: the gap that follows is explained by it.
   * A reason that starts with "subject:" lays the silence to the subject, not to the instrument.
   */
  silent(reason: string): void {
    this.#reason = `subject: ${reason}`
  }

  summarise(): void {
    const sorted = this.#intervals.toSorted((a, b) => a - b)
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
    this.#record({
      kind: 'observer.summary',
      observer: this.#observer,
      subject: this.#subject,
      samples: sorted.length,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      maxMs: sorted.at(-1) ?? 0,
    })
  }
}

/** What an observer is given. */
export interface Instruments {
  record: Recorder
  /** Milliseconds since the trial's start. */
  now: () => number
}

/** A running observer. `stop` ends it and writes its summaries. */
export interface Observer {
  stop(): Promise<void>
}

/** Calls `tick` every `intervalMs`, never twice at once; a late tick is not made up for. Returns the stop function. */
export function every(intervalMs: number, tick: () => Promise<void> | void): () => void {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const run = async () => {
    const startMs = performance.now()
    try {
      await tick()
    } finally {
      if (!stopped) timer = setTimeout(run, Math.max(1, intervalMs - (performance.now() - startMs)))
    }
  }
  void run()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
