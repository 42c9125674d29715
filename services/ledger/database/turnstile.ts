/**
 * Who may try a database that is away. While it is, one request at a time tries, and the others wait for that one's success: hundreds of
 * requests that each try for themselves take from the node that is being promoted the very time that it needs for it. When it is back, each
 * success lets two more in: a fresh primary that has to start a process for each of them at once answers none for half a second.
 *
 * Who has the least time left goes first, also after having tried in vain: the longest wait is the one that a take-over is measured by.
 */
export type Admitted = 'try' | 'scout' | 'return'
type Waiter = (admitted: Admitted | 'late') => void

export class Turnstile {
  readonly #pauseMs: number
  /** Until when each can wait. */
  readonly #waiting = new Map<Waiter, number>()
  #awaySinceMs: number | undefined
  #scouting = false
  #lastFailureMs = -Infinity
  #timer: NodeJS.Timeout | undefined

  /** `pauseMs`: between two tries of a database that is away. */
  constructor({ pauseMs = 40 }: { pauseMs?: number } = {}) {
    this.#pauseMs = pauseMs
  }

  /** How long the database has been away; 0 while it is there. */
  get awayMs(): number {
    return this.#awaySinceMs === undefined ? 0 : performance.now() - this.#awaySinceMs
  }

  get #away(): boolean {
    return this.#awaySinceMs !== undefined
  }

  /**
   * Waits until the caller may try: not at all while the database is there, else until its turn has come. Whoever was admitted says by `left`
   * how it went.
   * @returns `scout` for one that tries on behalf of all, `return` for one that had to wait for it, `late` when `limitMs` passed first
   */
  enter(limitMs: number): Promise<Admitted | 'late'> {
    if (!this.#away && this.#waiting.size === 0) return Promise.resolve('try')
    return new Promise((resolve) => {
      const waiter: Waiter = (admitted) => {
        clearTimeout(limit)
        this.#waiting.delete(waiter)
        resolve(admitted)
      }
      const limit = setTimeout(waiter, Math.max(0, limitMs), 'late')
      this.#waiting.set(waiter, performance.now() + limitMs)
      this.#admit()
    })
  }

  /** The try found the database, or found it away, or ended in a way that tells nothing of that. */
  left(admitted: Admitted, found: 'there' | 'away' | 'nothing'): void {
    if (admitted === 'scout') this.#scouting = false
    if (found === 'there') this.#awaySinceMs = undefined
    if (found === 'away') {
      this.#lastFailureMs = performance.now()
      this.#awaySinceMs ??= this.#lastFailureMs
    }
    this.#admit()
    if (!this.#away && admitted !== 'try') this.#admit()
  }

  get #first(): Waiter | undefined {
    let first: [Waiter, number] | undefined
    for (const waiting of this.#waiting) if (!first || waiting[1] < first[1]) first = waiting
    return first?.[0]
  }

  #admit(): void {
    const first = this.#first
    if (!first) return
    if (!this.#away) return first('return')
    if (this.#scouting || this.#timer) return
    const waitMs = this.#lastFailureMs + this.#pauseMs - performance.now()
    if (waitMs <= 0) {
      this.#scouting = true
      first('scout')
      return
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#admit()
    }, waitMs)
  }
}
