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

/** The client has given up the request that the replica is working for. */
export class ClientLeft extends Error {
  override name = 'ClientLeft'
}

/** The client that waits. */
export interface Caller {
  /** How long the request had been under way when it came here, in ms: at a router, or at another replica. */
  ageMs: number
  /** The router said that the primary is in another region. It may have died since. */
  elsewhere?: boolean
  /** Aborted when the client leaves. */
  left: AbortSignal
}

export interface DeadlineOptions {
  deadlineMs: number
  caller?: Caller | undefined
  /** Limit for one attempt, when a silent connection should leave time for a second one. */
  attemptLimitMs?: number
  /** Shared by all requests to the same database: while it is away, one request at a time tries. */
  turnstile?: Turnstile
  firstPauseMs?: number
  longestPauseMs?: number
  clock?: Clock
  onAttempt?: (result: 'ok' | 'retried' | 'failed') => void
}

/** Less than this is not worth an attempt: it could only end in a connection cut off half-way. */
const SHORTEST_ATTEMPT_MS = 5
/**
 * A try that others wait for must not spend long on a connection that may have fallen silent. The first to ask a database
 * of which nothing was heard may: its answer may just be slow, and others ask beside it.
 */
const SUSPECT_LIMIT_MS = 400
/**
 * A database that has been away for longer than this is likely to stay away: its primary is being changed, or the way
 * to it is cut. A replica elsewhere may have a primary, so the request is not held here for longer than a new
 * connection needs to be tried.
 */
const HOPELESS_MS = 300
/**
 * A request whose primary is said to be in another region, where a replica is ready, has no reason to wait here for
 * long: a router sent it here because a try there took too long. Where that region has died, this region's nodes bring a
 * primary back, so it is held for a while all the same.
 */
const ELSEWHERE_MS = 500
/**
 * A request that is older than this has been at three replicas, so almost certainly in each region, or waited for long
 * at one: nobody has a primary. To send it around again would only take processor time from the nodes that are to bring
 * one back.
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
  const { ageMs = 0, elsewhere = false, left } = options.caller ?? {}
  const sinceMs = performance.now() - ageMs
  const hopeless = (options.turnstile?.awayMs ?? 0) > options.deadlineMs && ageMs < BEEN_AROUND_MS
  const holdMs = hopeless ? HOPELESS_MS : elsewhere ? ELSEWHERE_MS : Infinity
  const endsAtMs = clock.nowMs() + Math.min(holdMs, options.deadlineMs)
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
      const unheard = options.turnstile?.awayMs === 0 ? 'the database has answered nobody' : 'the database is away'
      throw givenUp(last instanceof Error ? last.message : unheard, last)
    }
    attempts += 1
    const startedMs = performance.now()
    try {
      const value = await attempt(
        Math.min(attemptLimitMs, endsAtMs - clock.nowMs()),
        admitted === 'try' || admitted === 'first' ? Infinity : SUSPECT_LIMIT_MS,
      )
      options.turnstile?.left(admitted, 'there')
      options.onAttempt?.('ok')
      return value
    } catch (error) {
      options.turnstile?.left(admitted, error instanceof QueryFailed && error.away ? 'away' : 'nothing', startedMs)
      if (!(error instanceof QueryFailed)) throw error
      last = error
      mayHaveTakenEffect ||= error.mayHaveTakenEffect
      // Where the turnstile is closed, it also decides when to try again.
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
