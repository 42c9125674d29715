/** The trial's clock: one monotonic source for every `atMs` of a journal. */

export interface Clock {
  /** Milliseconds since the trial's start. Never goes back, whatever happens to the wall clock. */
  nowMs(): number
  /** Wall clock at `nowMs() === 0`, in milliseconds since the epoch. */
  readonly wallStartMs: number
}

/** A clock that reads 0 now. */
export function startClock(): Clock {
  const startMs = performance.now()
  return { nowMs: () => performance.now() - startMs, wallStartMs: Date.now() }
}
