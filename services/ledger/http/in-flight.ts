import { Refusal } from './replies.ts'

/**
 * Counts the requests that hold or wait for a database connection or an answer of the store, and refuses more than
 * `max`. When answers take long, a queue without a limit would keep every client waiting beyond its own patience, and
 * keep doing so after the recovery.
 */
export class InFlight {
  readonly #max: number
  #count = 0

  constructor(max: number) {
    this.#max = max
  }

  get count(): number {
    return this.#count
  }

  /** @throws Refusal at once when there are `max` already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#count >= this.#max) {
      throw new Refusal(503, 'overloaded', `${this.#max} requests are waiting for the database already`)
    }
    this.#count += 1
    try {
      return await work()
    } finally {
      this.#count -= 1
    }
  }
}
