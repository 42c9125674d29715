/** The store did not answer in time, or refused, or is not asked because it did so a moment ago. */
export const away = Symbol('away')

export interface BreakerOptions {
  /** What one question may cost, in milliseconds. */
  limitMs: number
  /** How long the store is left alone after a failure, in milliseconds. */
  restMs?: number
  /** Called when the store is first found to be away, and when it is first found to be back. */
  onChange?: (isAway: boolean) => void
}

/**
 * Limits what the loss of the store costs to one time limit a request. After a failure nobody asks for a while. Then
 * one request tries for all, and only its success lets the others in again.
 */
export class Breaker {
  readonly #options: BreakerOptions
  #isAway = false
  #restsUntilMs = 0
  #isTrying = false

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  /** The answer, or `away`. Never rejects, and settles within the limit whatever `ask` does. */
  async run<T>(ask: () => Promise<T>): Promise<T | typeof away> {
    const tries = this.#isAway
    if (tries && (this.#isTrying || performance.now() < this.#restsUntilMs)) return away
    if (tries) this.#isTrying = true
    const answer = await answerWithin(this.#options.limitMs, ask)
    if (tries) this.#isTrying = false
    this.#found(answer === away)
    return answer
  }

  #found(isAway: boolean): void {
    if (isAway) this.#restsUntilMs = performance.now() + (this.#options.restMs ?? 250)
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    this.#options.onChange?.(isAway)
  }
}

/**
 * The limit is kept here, and not only by the client, because the client has states in which its own limits do not run.
 */
async function answerWithin<T>(limitMs: number, ask: () => Promise<T>): Promise<T | typeof away> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<typeof away>((resolve) => {
    timer = setTimeout(resolve, limitMs, away)
  })
  try {
    return await Promise.race([ask(), overdue])
  } catch {
    return away
  } finally {
    clearTimeout(timer)
  }
}
