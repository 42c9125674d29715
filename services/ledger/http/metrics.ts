import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CacheResult } from '../store/cache.ts'
import type { SessionResult } from '../store/sessions.ts'

type Pool = 'write' | 'read' | 'readiness' | 'policies'

export interface MetricSources {
  inFlight: () => number
  ready: () => boolean
  pools: () => ReadonlyArray<readonly [Pool, { total: number; idle: number; waiting: number }]>
}

/** What `/metrics` shows. Each service has its own registry, so that several can live in one process. */
export class Metrics {
  readonly registry = new Registry()
  readonly #seconds: Histogram<'route' | 'method' | 'status'>
  readonly #attempts: Counter<'pool' | 'result'>
  readonly #poolErrors: Counter<'pool'>
  readonly #cacheReads: Counter<'result'>
  readonly #sessions: Counter<'result'>

  constructor(identity: Record<string, string>) {
    const registers = [this.registry]
    this.registry.setDefaultLabels(identity)
    collectDefaultMetrics({ register: this.registry })
    this.#seconds = new Histogram({
      name: 'ledger_request_seconds',
      help: 'Time from the request to its answer.',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.2, 2],
      registers,
    })
    this.#attempts = new Counter({
      name: 'ledger_database_attempts_total',
      help: 'Attempts at the database; "retried" ones failed and were repeated within the deadline.',
      labelNames: ['pool', 'result'],
      registers,
    })
    this.#poolErrors = new Counter({
      name: 'ledger_database_idle_errors_total',
      help: 'Idle database connections that broke.',
      labelNames: ['pool'],
      registers,
    })
    this.#cacheReads = new Counter({
      name: 'ledger_cache_reads_total',
      help: 'Accounts looked up in the cache: found there (hit), not there (miss), or the store was away.',
      labelNames: ['result'],
      registers,
    })
    this.#sessions = new Counter({
      name: 'ledger_sessions_total',
      help: 'Positions of sessions that were kept, found (known), not found (unknown), or the store was away.',
      labelNames: ['result'],
      registers,
    })
  }

  /** Adds the gauges that are read when somebody asks. */
  observe(sources: MetricSources): void {
    const registers = [this.registry]
    new Gauge({
      name: 'ledger_in_flight_requests',
      help: 'Requests that hold or wait for a database connection.',
      registers,
      collect() {
        this.set(sources.inFlight())
      },
    })
    new Gauge({
      name: 'ledger_ready',
      help: '1 when /readyz answers 200.',
      registers,
      collect() {
        this.set(sources.ready() ? 1 : 0)
      },
    })
    new Gauge({
      name: 'ledger_database_connections',
      help: 'Connections by pool, and requests that wait for one.',
      labelNames: ['pool', 'state'],
      registers,
      collect() {
        for (const [pool, { total, idle, waiting }] of sources.pools()) {
          this.set({ pool, state: 'busy' }, total - idle)
          this.set({ pool, state: 'idle' }, idle)
          this.set({ pool, state: 'waiting' }, waiting)
        }
      },
    })
  }

  request(labels: { route: string; method: string; status: number }, durationMs: number): void {
    this.#seconds.observe(labels, durationMs / 1_000)
  }

  attempt(pool: Pool, result: 'ok' | 'retried' | 'failed'): void {
    this.#attempts.inc({ pool, result })
  }

  cacheRead(result: CacheResult): void {
    this.#cacheReads.inc({ result })
  }

  session(result: SessionResult): void {
    this.#sessions.inc({ result })
  }

  idleError(pool: Pool): void {
    this.#poolErrors.inc({ pool })
  }
}
