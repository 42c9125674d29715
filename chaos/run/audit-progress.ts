/** How far a long reading has come, for those who wait for it. */
import type { Recorder } from '../journal/schema.ts'

/** A short reading is over before anybody wonders. */
const everyMs = 2_000

/** Records how many keys of a node were read so far, now and then. `of`: how many there will be, where that is known. */
export function progressOf(
  node: string,
  record: Recorder,
  { of = null, clock = () => performance.now() }: { of?: number | null; clock?: () => number } = {},
): (done: number) => void {
  let toldMs = clock()
  return (done) => {
    if (clock() - toldMs < everyMs) return
    toldMs = clock()
    record({ kind: 'audit.progress', node, done, of })
  }
}
