/**
 * What a replica has to know before it answers any client, as a service has that checks quotas or rights. It reads all of
 * them from the primary when it starts. The database gives one at a time, 20 a second, to all replicas together (see
 * schema.sql): enough for one that starts, not for all at once. As who is too late begins again at once, they may keep each
 * other from ever knowing them.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { BoundedPool, Statement } from './database/pool.ts'

export interface PoliciesOptions {
  primary: Pick<BoundedPool, 'run'>
  /** How many there are, once clients have used the service. None: there is nothing to know. */
  count: number
  /** For all of them together. A list that is half read is out of date, and read again from its beginning. */
  limitMs?: number
  /** Called when they are not known, each time that another reason is to blame, and when they are (`undefined`). */
  onChange?: (reason: string | undefined) => void
}

/** For 100 of them: one replica needs 5 s, 8 s where the primary is 30 ms away, and two at once 10 s. */
export const policiesLimitMs = 9_000
/** A database that refuses is not asked without end. */
const pauseMs = 50

const count: Statement = { name: 'policies', text: 'select count(*)::integer as count from policies' }
const read = (id: number): Statement => ({
  name: 'policy',
  text: 'select ledger_read_policy($1)',
  values: [id],
})

export class Policies {
  readonly #options: PoliciesOptions
  readonly #stop = new AbortController()
  #known: boolean
  #stored = false

  constructor(options: PoliciesOptions) {
    this.#options = options
    this.#known = options.count === 0
  }

  /** Whether clients may be answered. */
  get known(): boolean {
    return this.#known
  }

  /** Reads them in the background, until they are known. */
  start(): void {
    if (!this.#known) void this.#read()
  }

  stop(): void {
    this.#stop.abort()
  }

  /** A client has used the service. The first one ever makes what later starts have to read. */
  used(): void {
    if (this.#stored || this.#options.count === 0) return
    this.#stored = true
    const statement: Statement = {
      name: 'store_policies',
      text: 'insert into policies select generate_series(1, $1) on conflict do nothing',
      values: [this.#options.count],
    }
    this.#options.primary.run(statement, policiesLimitMs).catch(() => {
      this.#stored = false
    })
  }

  async #read(): Promise<void> {
    const { onChange } = this.#options
    let last: string | undefined
    while (!this.#stop.signal.aborted) {
      try {
        await this.#readOnce()
        this.#known = true
        onChange?.(undefined)
        return
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        if (reason !== last && !this.#stop.signal.aborted) onChange?.(reason)
        last = reason
      }
      await wait(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => {})
    }
  }

  async #readOnce(): Promise<void> {
    const { primary, limitMs = policiesLimitMs } = this.#options
    const untilMs = performance.now() + limitMs
    const leftMs = () => {
      const ms = untilMs - performance.now()
      if (ms <= 0) throw new Error(`the policies were not read within ${limitMs} ms`)
      return ms
    }
    const [stored] = await primary.run<{ count: number }>(count, leftMs())
    for (let id = 1; id <= (stored?.count ?? 0); id++) await primary.run(read(id), leftMs())
  }
}
