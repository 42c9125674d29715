/** Says in the journal when the load rises, and when it is back: for whoever watches. */
import type { Recorder } from '../journal/schema.ts'
import type { Pace } from '../scenarios/due.ts'

/** `now`: milliseconds since the trial's start, as the surges. Disposing leaves out what has not begun. */
export function noteSurges(
  { ratePerSecond, surges = [] }: Pace,
  { record, now }: { record: Recorder; now: () => number },
): Disposable {
  const notes = surges.flatMap((surge) => [
    { atMs: surge.fromMs, text: `the load rises to ${surge.ratePerSecond} requests/s` },
    { atMs: surge.toMs, text: `the load is back at ${ratePerSecond} requests/s` },
  ])
  const timers = notes.map(({ atMs, text }) => setTimeout(() => record({ kind: 'note', text }), atMs - now()))
  return { [Symbol.dispose]: () => timers.forEach(clearTimeout) }
}
