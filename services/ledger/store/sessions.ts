import { isPosition } from '../ledger.ts'
import { away } from './breaker.ts'
import type { GuardedStore } from './guarded.ts'

/** How long a session is remembered after its last write, in milliseconds. */
const TTL_MS = 60_000

export type Recalled = { result: 'known'; position: string } | { result: 'unknown' } | { result: 'away' }
export type SessionResult = 'kept' | Recalled['result']

/** How far each session has written, so that a client need not carry the position itself. */
export class Sessions {
  readonly #primary: Pick<GuardedStore, 'get' | 'set'> | undefined
  readonly #onUse: ((result: SessionResult) => void) | undefined

  /**
   * `primary`: the store's primary, because a replica may not know yet what was written a moment ago. Without a store
   * sessions are always away.
   */
  constructor(primary?: Pick<GuardedStore, 'get' | 'set'>, onUse?: (result: SessionResult) => void) {
    this.#primary = primary
    this.#onUse = onUse
  }

  /**
   * Remembers where a session's last write can be read from on. Never fails; `away` when it could not be remembered for
   * certain.
   */
  async remember(token: string, position: string): Promise<'kept' | 'away'> {
    const answer = this.#primary ? await this.#primary.set(keyOf(token), position, TTL_MS) : away
    return this.#used(answer === away ? 'away' : 'kept')
  }

  /** What is known of a session. Never fails; an answer that makes no sense counts as none. */
  async recall(token: string): Promise<Recalled> {
    const answer = this.#primary ? await this.#primary.get(keyOf(token)) : away
    if (answer === null) return { result: this.#used('unknown') }
    if (answer === away || !isPosition(answer)) return { result: this.#used('away') }
    return { result: this.#used('known'), position: answer }
  }

  #used<Result extends SessionResult>(result: Result): Result {
    this.#onUse?.(result)
    return result
  }
}

function keyOf(token: string): string {
  return `session:${token}`
}
