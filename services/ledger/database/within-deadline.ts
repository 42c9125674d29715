import { setTimeout as wait } from 'node:timers/promises'
import { QueryFailed } from './failures.ts'
import type { Turnstile } from './turnstile.ts'

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

/** The client's request that a replica is working for has been given up by the client. */
export class ClientLeft extends Error {
  override name = 'ClientLeft'
}

/** Who waits. */
export interface Caller {
  /** How long the request had been on its way when it came here, in ms: with a router, or with another replica. */
  ageMs: number
  /** Aborted when the client leaves. */
  left: AbortSignal
}

export interface DeadlineOptions {
  deadlineMs: number
  caller?: Caller | undefined
  /** Limit for one attempt, when a silent connection should leave time for a second one. */
  attemptLimitMs?: number
  /** Shared by those who ask the same database: while it is away, one at a time tries. */
  turnstile?: Turnstile
  firstPauseMs?: number
  longestPauseMs?: number
  clock?: Clock
  onAttempt?: (result: 'ok' | 'retried' | 'failed') => void
}

/** Less than this is not worth an attempt: it could only end in a connection cut off half-way. */
const SHORTEST_ATTEMPT_MS = 5
/** Whoever others wait for must not keep them waiting for a connection that may have fallen silent. */
const SUSPECT_LIMIT_MS = 400
/**
 * A database that has been away for longer than a request is held is gone for longer: a change of primary, or a way to
 * it that is cut. A replica elsewhere may have one, so the request is not held here; but long enough for a new
 * connection to be tried.
 */
const HOPELESS_MS = 300
/**
 * One that is older has been with three replicas, so almost certainly in each region: nobody has a primary, and to send
 * it around once more would only take time from whoever is to bring one back.
 */
const BEEN_AROUND_MS = 3 * HOPELESS_MS

/**
 * Tries `attempt` until it succeeds, fails for good, or the deadline has passed. Only for what is safe to repeat:
 * reads, and writes with an idempotency key.
 * @param attempt gets the milliseconds it may take, and those it may take on a connection that may have fallen silent
 * @throws Unavailable when time is up or a commit stayed unconfirmed; ClientLeft; otherwise what `attempt` threw
 */
export async function withinDeadline<T>(
  attempt: (limitMs: number, suspectMs: number) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  const clock = options.clock ?? systemClock
  const attemptLimitMs = options.attemptLimitMs ?? options.deadlineMs
  const longestPauseMs = options.longestPauseMs ?? 200
  const { ageMs = 0, left } = options.caller ?? {}
  const sinceMs = performance.now() - ageMs
  const hopeless = (options.turnstile?.awayMs ?? 0) > options.deadlineMs && ageMs < BEEN_AROUND_MS
  const endsAtMs = clock.nowMs() + (hopeless ? Math.min(HOPELESS_MS, options.deadlineMs) : options.deadlineMs)
  let pauseMs = options.firstPauseMs ?? 20
  let mayHaveTakenEffect = false

  let attempts = 0
  const givenUp = (message: string, cause: unknown): Unavailable => {
    const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
    return new Unavailable(`${message} (after ${tries})`, { mayHaveTakenEffect, attempts, cause })
  }
  let last: unknown
  for (;;) {
    const admitted = (await options.turnstile?.enter(endsAtMs - clock.nowMs(), { sinceMs, left })) ?? 'try'
    if (admitted === 'gone') throw new ClientLeft(`the client left (after ${attempts} attempts)`)
    if (admitted === 'late') {
      options.onAttempt?.('failed')
      throw givenUp(last instanceof Error ? last.message : 'the database is away', last)
    }
    attempts += 1
    const startedMs = performance.now()
    try {
      const value = await attempt(
        Math.min(attemptLimitMs, endsAtMs - clock.nowMs()),
        admitted === 'try' ? Infinity : SUSPECT_LIMIT_MS,
      )
      options.turnstile?.left(admitted, 'there')
      options.onAttempt?.('ok')
      return value
    } catch (error) {
      options.turnstile?.left(admitted, error instanceof QueryFailed && error.away ? 'away' : 'nothing', startedMs)
      if (!(error instanceof QueryFailed)) throw error
      last = error
      mayHaveTakenEffect ||= error.mayHaveTakenEffect
      // Where the turnstile closes, it also says when to try again.
      const restMs = error.away && options.turnstile ? 0 : pauseMs
      if (error.unavailable && endsAtMs - clock.nowMs() - restMs >= SHORTEST_ATTEMPT_MS) {
        options.onAttempt?.('retried')
        if (restMs > 0) await clock.sleep(restMs)
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
        continue
      }
      options.onAttempt?.('failed')
      if (!error.unavailable && !error.mayHaveTakenEffect) throw error
      throw givenUp(error.message, error)
    }
  }
}
