/**
 * Decides which request may try a database that is away. One request tries at a time, and the others wait for its
 * success: hundreds of tries would take the processor from the node that is being promoted. A try that hears nothing
 * may have a connection to a dead node, so a second and a third try start a little later. When the database is back,
 * two requests return at a time, and one more for every two that succeed. A new primary must start a process for each
 * connection; for all of them at once it would answer nobody for half a second, and requests would get connections in
 * no order.
 *
 * A database that has not answered for a while may be gone, and nobody here has noticed: its writes enter in another
 * region. One request asks it then, and a fifth of a second later the next one, until one has come back. If all asked at
 * once, each would open a connection to a silent node, and none would be left for its successor.
 *
 * The request that has waited longest goes first, also after a try in vain, here or at another replica: a take-over is
 * measured by its longest wait. A request whose client has left holds up nobody.
 */
export type Admitted = 'try' | 'first' | 'scout' | 'return'
type Waiter = (admitted: Admitted | 'late' | 'gone') => void

const scoutsMax = 3
/** How many requests may be under way when the database is back, and how many more for each success. */
const returnsAtFirst = 2
const moreForEach = 0.5
/** A database that answered within this time, in ms, is taken to be there: longer than a commit waits in a partition. */
const knownMs = 5_000
/**
 * How far apart requests ask a database of which nothing was heard, in ms. A connection to a silent node is given up
 * after 3 s (pool.ts), and there are 16.
 */
const firstsApartMs = 200

export class Turnstile {
  readonly #pauseMs: number
  readonly #patienceMs: number
  /** Since when each request has waited. */
  readonly #waiting = new Map<Waiter, number>()
  #awaySinceMs: number | undefined
  /** How many of each kind are under way, and when the last one was admitted. */
  readonly #underWay = { first: 0, scout: 0, return: 0 }
  readonly #lastMs = { first: -Infinity, scout: -Infinity, return: -Infinity }
  #room = returnsAtFirst
  #lastFailureMs = -Infinity
  #lastThereMs = performance.now()
  #timer: NodeJS.Timeout | undefined

  /**
   * `pauseMs`: between two tries of a database that is away; `patienceMs`: how long a try may hear nothing before
   * another one starts.
   */
  constructor({ pauseMs = 40, patienceMs = 120 }: { pauseMs?: number; patienceMs?: number } = {}) {
    this.#pauseMs = pauseMs
    this.#patienceMs = patienceMs
  }

  /** How long the database has been away; 0 while it is there. */
  get awayMs(): number {
    return this.#awaySinceMs === undefined ? 0 : performance.now() - this.#awaySinceMs
  }

  get #away(): boolean {
    return this.#awaySinceMs !== undefined
  }

  get #known(): boolean {
    return performance.now() - this.#lastThereMs < knownMs
  }

  /**
   * Waits until the caller may try: not at all while the database is there, else until its turn has come. Whoever was
   * admitted says by `left` how it went.
   * @param options.sinceMs since when the caller has waited, elsewhere included
   * @returns `first` for one that asks a database of which nothing was heard for long, `scout` for one that tries on
   * behalf of all, `return` for one that had to wait for it, `late` when `limitMs` passed first, `gone` when the caller's
   * client left first
   */
  enter(
    limitMs: number,
    { sinceMs = performance.now(), left }: { sinceMs?: number; left?: AbortSignal | undefined } = {},
  ): Promise<Admitted | 'late' | 'gone'> {
    if (left?.aborted) return Promise.resolve('gone')
    if (!this.#away && this.#known && this.#waiting.size === 0) return Promise.resolve('try')
    return new Promise((resolve) => {
      const gone = () => waiter('gone')
      const waiter: Waiter = (admitted) => {
        clearTimeout(limit)
        left?.removeEventListener('abort', gone)
        this.#waiting.delete(waiter)
        resolve(admitted)
      }
      const limit = setTimeout(waiter, Math.max(0, limitMs), 'late')
      left?.addEventListener('abort', gone)
      this.#waiting.set(waiter, sinceMs)
      this.#admit()
    })
  }

  /**
   * How the try ended: the database was there, or away, or the try tells nothing of that. `startedMs`: when the try
   * began; what it says is old if another try has found the database since.
   */
  left(admitted: Admitted, found: 'there' | 'away' | 'nothing', startedMs = performance.now()): void {
    if (admitted !== 'try') this.#underWay[admitted] -= 1
    if (found === 'there') {
      if (this.#away || !this.#known) this.#room = returnsAtFirst
      else if (admitted !== 'try') this.#room += moreForEach
      this.#awaySinceMs = undefined
      this.#lastThereMs = performance.now()
    }
    if (found === 'away' && startedMs >= this.#lastThereMs) {
      this.#lastFailureMs = performance.now()
      this.#awaySinceMs ??= this.#lastFailureMs
    }
    this.#admit()
  }

  get #first(): Waiter | undefined {
    let first: [Waiter, number] | undefined
    for (const waiting of this.#waiting) if (!first || waiting[1] < first[1]) first = waiting
    return first?.[0]
  }

  #admit(): void {
    const first = this.#first
    if (!first) return
    clearTimeout(this.#timer)
    const how = this.#away ? 'scout' : this.#known ? 'return' : 'first'
    const waitMs = this.#due(how) - performance.now()
    if (waitMs > 0) {
      if (waitMs < Infinity) this.#timer = setTimeout(() => this.#admit(), waitMs)
      return
    }
    this.#underWay[how] += 1
    this.#lastMs[how] = performance.now()
    first(how)
    this.#admit()
  }

  /** When the next one may be admitted; Infinity where that is after one under way has left. */
  #due(how: Exclude<Admitted, 'try'>): number {
    const underWay = this.#underWay[how]
    if (how === 'return') return underWay < Math.floor(this.#room) ? -Infinity : Infinity
    if (how === 'scout' && underWay >= scoutsMax) return Infinity
    if (underWay > 0) return this.#lastMs[how] + (how === 'scout' ? this.#patienceMs : firstsApartMs)
    return how === 'scout' ? this.#lastFailureMs + this.#pauseMs : -Infinity
  }
}
