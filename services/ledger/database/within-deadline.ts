import { setTimeout as wait } from 'node:timers/promises'
import { QueryFailed } from './failures.ts'

export interface Clock {
  nowMs: () => number
  sleep: (durationMs: number) => Promise<void>
}

const systemClock: Clock = { nowMs: () => performance.now(), sleep: (durationMs) => wait(durationMs) }

/** The database could not serve within the deadline. Nothing is known to be wrong with the request. */
export class Unavailable extends Error {
  readonly mayHaveTakenEffect: boolean
  readonly attempts: number

  constructor(message: string, details: { mayHaveTakenEffect: boolean; attempts: number; cause?: unknown }) {
    super(message, { cause: details.cause })
    this.name = 'Unavailable'
    this.mayHaveTakenEffect = details.mayHaveTakenEffect
    this.attempts = details.attempts
  }
}

export interface DeadlineOptions {
  deadlineMs: number
  /** Limit for one attempt, when a silent connection should leave time for a second one. */
  attemptLimitMs?: number
  firstPauseMs?: number
  longestPauseMs?: number
  clock?: Clock
  onAttempt?: (result: 'ok' | 'retried' | 'failed') => void
}

/** Less than this is not worth an attempt: it could only end in a connection cut off half-way. */
const SHORTEST_ATTEMPT_MS = 5

/**
 * Tries `attempt` until it succeeds, fails for good, or the deadline has passed. Only for what is safe to repeat: reads,
 * and writes with an idempotency key.
 * @param attempt gets the milliseconds it may take
 * @throws Unavailable when time is up or a commit stayed unconfirmed; otherwise what `attempt` threw
 */
export async function withinDeadline<T>(attempt: (limitMs: number) => Promise<T>, options: DeadlineOptions): Promise<T> {
  const clock = options.clock ?? systemClock
  const attemptLimitMs = options.attemptLimitMs ?? options.deadlineMs
  const longestPauseMs = options.longestPauseMs ?? 200
  const endsAtMs = clock.nowMs() + options.deadlineMs
  let pauseMs = options.firstPauseMs ?? 20
  let mayHaveTakenEffect = false

  for (let attempts = 1; ; attempts += 1) {
    try {
      const value = await attempt(Math.min(attemptLimitMs, endsAtMs - clock.nowMs()))
      options.onAttempt?.('ok')
      return value
    } catch (error) {
      if (!(error instanceof QueryFailed)) throw error
      mayHaveTakenEffect ||= error.mayHaveTakenEffect
      const remainingMs = endsAtMs - clock.nowMs() - pauseMs
      if (error.unavailable && remainingMs >= SHORTEST_ATTEMPT_MS) {
        options.onAttempt?.('retried')
        await clock.sleep(pauseMs)
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
        continue
      }
      options.onAttempt?.('failed')
      if (!error.unavailable && !error.mayHaveTakenEffect) throw error
      const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
      throw new Unavailable(`${error.message} (after ${tries})`, { mayHaveTakenEffect, attempts, cause: error })
    }
  }
}
