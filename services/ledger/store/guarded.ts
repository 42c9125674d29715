import type { away, BreakerOptions } from './breaker.ts'
import { Breaker } from './breaker.ts'
import type { Store } from './store.ts'

/** A store that never rejects and never keeps anybody waiting: where it cannot answer, the answer is `away`. */
export class GuardedStore {
  readonly #store: Store
  readonly #breaker: Breaker

  constructor(store: Store, options: BreakerOptions) {
    this.#store = store
    this.#breaker = new Breaker(options)
  }

  get(key: string): Promise<string | null | typeof away> {
    return this.#breaker.run(() => this.#store.get(key))
  }

  set(key: string, value: string, ttlMs: number): Promise<unknown> {
    return this.#breaker.run(() => this.#store.set(key, value, ttlMs))
  }

  delete(...keys: string[]): Promise<unknown> {
    return this.#breaker.run(() => this.#store.delete(...keys))
  }

  end(): void {
    this.#store.end()
  }
}
