/** The trial's clock: one monotonic source for every `atMs` of a journal. */

export interface Clock {
  /** Milliseconds since the trial's start. Never goes back, whatever happens to the wall clock. */
  nowMs(): number
  /** Wall clock at `nowMs() === 0`, in milliseconds since the epoch. */
  readonly wallStartMs: number
}

/** Reading both clocks takes some microseconds, unless the processor is taken away in between. */
const atOnceMs = 0.2
const tries = 100

/** A clock that reads 0 now. Both clocks are read in one go: a wait in between would look like a step of one of them. */
export function startClock(): Clock {
  let startMs = performance.now()
  let wallStartMs = Date.now()
  for (let again = 1; again < tries && performance.now() - startMs > atOnceMs; again++) {
    startMs = performance.now()
    wallStartMs = Date.now()
  }
  return { nowMs: () => performance.now() - startMs, wallStartMs }
}
