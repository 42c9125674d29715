/** Waits for a condition with a time limit. On time-out the error says what was waited for and what was seen last. */
import { setTimeout as delay } from 'node:timers/promises'
import { InstrumentError } from './errors.ts'

export class WaitError extends InstrumentError {
  override name = 'WaitError'
}

export interface WaitOptions {
  /** What is awaited, to read after "waiting until". */
  until: string
  limitMs: number
  everyMs?: number
  signal?: AbortSignal | undefined
}

/**
 * Looks again and again until `look` answers with `done: true`, and returns its value.
 * @throws WaitError "gave up after 15.0 s waiting until west is primary; last seen: replica, lag 412 ms"
 */
export async function waitUntil<T>(
  look: () => Promise<{ done: true; value: T } | { done: false; seen: string }>,
  { until, limitMs, everyMs = 100, signal }: WaitOptions,
): Promise<T> {
  const startMs = performance.now()
  let seen = 'nothing yet'
  for (;;) {
    signal?.throwIfAborted()
    const answer = await look()
    if (answer.done) return answer.value
    seen = answer.seen
    if (performance.now() - startMs >= limitMs)
      throw new WaitError(`gave up after ${(limitMs / 1000).toFixed(1)} s waiting until ${until}; last seen: ${seen}`)
    await delay(everyMs, undefined, signal ? { signal } : {})
  }
}

/** Does all jobs, `atOnce` of them at a time, in their order, and all of them even if some fail. */
export async function fewAtATime<T>(
  atOnce: number,
  jobs: readonly (() => Promise<T>)[],
): Promise<PromiseSettledResult<T>[]> {
  const results: PromiseSettledResult<T>[] = []
  // One iterator for all: each worker takes the next free job.
  const queue = jobs.entries()
  const worker = async () => {
    for (const [index, job] of queue)
      [results[index]] = (await Promise.allSettled([job()])) as [PromiseSettledResult<T>]
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, worker))
  return results
}

/**
 * Rejects when `work` takes longer than `limitMs`. The work itself is not stopped: hand it a signal where it takes one.
 */
export async function within<T>(limitMs: number, doing: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new WaitError(`gave up after ${(limitMs / 1000).toFixed(1)} s ${doing}`)), limitMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
