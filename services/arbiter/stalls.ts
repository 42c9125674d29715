/** How long this process was kept from running lately: time for which its silence says nothing about anybody else. */
const intervalMs = 50
const windowMs = 1_000

export class Stalls {
  readonly #timer: NodeJS.Timeout
  #lastMs = performance.now()
  #stalls: { atMs: number; forMs: number }[] = []

  constructor() {
    this.#timer = setInterval(() => this.#beat(), intervalMs)
  }

  /** The longest stall of the last second, in ms. */
  get worstMs(): number {
    return Math.max(performance.now() - this.#lastMs - intervalMs, 0, ...this.#stalls.map(({ forMs }) => forMs))
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #beat(): void {
    const now = performance.now()
    this.#stalls = [
      ...this.#stalls.filter(({ atMs }) => now - atMs < windowMs),
      { atMs: now, forMs: now - this.#lastMs - intervalMs },
    ]
    this.#lastMs = now
  }
}
