import type { Store } from '../../../services/ledger/store/store.ts'

/**
 * A store in memory that remembers what it was asked, and does what the test says: answer, throw, or stay silent for
 * ever.
 */
export class FakeStore implements Store {
  readonly asked: string[] = []
  readonly values = new Map<string, string>()
  readonly ttlMs = new Map<string, number>()
  mood: 'answers' | 'throws' | 'silent' = 'answers'
  ended = false

  get(key: string): Promise<string | null> {
    return this.#ask(`get ${key}`, () => this.values.get(key) ?? null)
  }

  set(key: string, value: string, ttlMs: number): Promise<unknown> {
    return this.#ask(`set ${key}`, () => {
      this.values.set(key, value)
      this.ttlMs.set(key, ttlMs)
    })
  }

  delete(...keys: string[]): Promise<unknown> {
    return this.#ask(`delete ${keys.join(' ')}`, () => keys.forEach((key) => this.values.delete(key)))
  }

  end(): void {
    this.ended = true
  }

  #ask<T>(question: string, answer: () => T): Promise<T> {
    this.asked.push(question)
    if (this.mood === 'throws') return Promise.reject(new Error('connection reset'))
    return this.mood === 'silent' ? new Promise(() => {}) : Promise.resolve(answer())
  }
}
