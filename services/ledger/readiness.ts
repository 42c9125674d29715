import { setTimeout as wait } from 'node:timers/promises'
import type { BoundedPool } from './database/pool.ts'
import { schemaFingerprint } from './database/schema.ts'
import { withinDeadline } from './database/within-deadline.ts'
import type { AnsweredBy } from './ledger.ts'

export type ReadinessStatus = { ready: true; answeredBy: AnsweredBy } | { ready: false; code: string; reason: string }

export interface ReadinessOptions {
  /** A pool of its own, so that requests that wait for a connection do not make a serving replica look dead. */
  reads: Pick<BoundedPool, 'run'>
  /** What has to happen, once, between the database's first answer and "ready". */
  warmUp?: () => Promise<void>
  intervalMs?: number
  limitMs?: number
  /** Called on each change between ready and not, and between reasons. */
  onChange?: (status: ReadinessStatus) => void
}

/**
 * Knows whether this replica can serve, from a check in the background: a probe gets its answer at once, whatever the
 * state of the database. Only reads count. During a fail-over no replica can write, and to take all of them out of the
 * routers would turn a pause into an outage.
 */
export class Readiness {
  readonly #options: ReadinessOptions
  readonly #stop = new AbortController()
  #database: ReadinessStatus = { ready: false, code: 'starting', reason: 'the database has not been asked yet' }
  #draining = false
  #warm: Promise<void> | undefined
  #loop: Promise<void> | undefined

  constructor(options: ReadinessOptions) {
    this.#options = options
  }

  get draining(): boolean {
    return this.#draining
  }

  get status(): ReadinessStatus {
    if (this.#draining) return { ready: false, code: 'draining', reason: 'this replica is shutting down' }
    return this.#database
  }

  drain(): void {
    this.#draining = true
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** Ends the checks; one under way ends within its limit. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  /** One check, within the limit. Never throws. */
  async check(): Promise<void> {
    const limitMs = this.#options.limitMs ?? 1_500
    const before = describe(this.#database)
    try {
      const rows = await withinDeadline(
        (attemptMs) =>
          this.#options.reads.run<AnsweredBy & { applied: boolean }>(
            {
              name: 'readiness',
              text: `select exists (select from ledger_schema where fingerprint = $1) as applied, node, timeline
                       from ledger_answered_by`,
              values: [schemaFingerprint],
            },
            attemptMs,
          ),
        // Half of the time for each connection: when a replica dies, the check moves on as requests do.
        { deadlineMs: limitMs, attemptLimitMs: limitMs / 2 },
      )
      const row = rows[0]
      if (row?.applied) {
        this.#warm ??= this.#options.warmUp?.()
        await this.#warm
      }
      this.#database = row?.applied
        ? { ready: true, answeredBy: { node: row.node, timeline: row.timeline } }
        : { ready: false, code: 'schema_missing', reason: 'the schema of this version has not been applied yet' }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#database = {
        ready: false,
        code: 'database_unavailable',
        reason: `the database cannot serve reads: ${reason}`,
      }
    }
    if (describe(this.#database) !== before) this.#options.onChange?.(this.#database)
  }

  async #run(): Promise<void> {
    const intervalMs = this.#options.intervalMs ?? 500
    while (!this.#stop.signal.aborted) {
      const startedMs = performance.now()
      await this.check()
      const pauseMs = Math.max(0, intervalMs - (performance.now() - startedMs))
      await wait(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => {})
    }
  }
}

/** Compares without the reason's text, which counts attempts and so differs each time. */
function describe(status: ReadinessStatus): string {
  return status.ready ? 'ready' : status.code
}
