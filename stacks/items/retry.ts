import { setTimeout as pause } from 'node:timers/promises'
import { abortable } from './abortable.ts'

/** The store did not do it in time. What was tried may have taken effect all the same. */
export class Unavailable extends Error {}

export interface Limits {
  /** How long it may take in all. */
  limitMs: number
  pauseMs: number
  /** Until when a failure is followed by another attempt: all the time, if not said. 0: never. */
  retryMs?: number
}

/**
 * Tries until it succeeds or the limit is over. Only for what may be done twice: here everything, because the same item
 * under the same key is the same, however often it is stored.
 * @throws Unavailable with the last failure as its cause
 */
export async function untilDone<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { limitMs, pauseMs, retryMs = limitMs }: Limits,
): Promise<T> {
  const startMs = performance.now()
  const limit = AbortSignal.timeout(limitMs)
  let failure: unknown
  while (!limit.aborted) {
    try {
      return await abortable(attempt(limit), limit)
    } catch (error) {
      // That time is up says less than why the attempt before failed.
      if (error !== limit.reason) failure = error
      else failure ??= new Error('no answer')
    }
    if (performance.now() - startMs >= retryMs) break
    await pause(pauseMs, undefined, { signal: limit }).catch(() => {})
  }
  // A timer may fire a millisecond early by this clock.
  const tookMs = limit.aborted ? limitMs : Math.min(limitMs, Math.round(performance.now() - startMs))
  throw new Unavailable(`gave up after ${tookMs} ms: ${messageOf(failure)}`, { cause: failure })
}

/** An AggregateError, which Node throws when every address of a name refused, has no message of its own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
