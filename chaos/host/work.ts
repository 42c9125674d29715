/**
 * A fixed piece of work: steps through memory, each to a place that no cache has ready. About 0.8 ms, at four a second
 * 0.3 % of a core.
 *
 * What neighbours take is above all cache and memory: where a whole second's work took two or three times as long, so
 * did this, and arithmetic as long as ever at its quickest. Our own load hardly moves it.
 */
import { setImmediate as turn } from 'node:timers/promises'

const steps = 4_000
/** More than a core's share of the last cache; in it one number a cache line, the index of the next. */
const memoryBytes = 32 * 1024 * 1024
const lineNumbers = 16
const pieceLines = 16_384

/**
 * One ring through all lines, in no order that could be guessed ahead (Sattolo's shuffle); made little by little, for
 * the harness must not stand still for it.
 */
export async function makeWork(): Promise<() => void> {
  const lines = memoryBytes / Uint32Array.BYTES_PER_ELEMENT / lineNumbers
  const ring = new Uint32Array(lines)
  for (let line = 0; line < lines; line++) ring[line] = line
  for (let last = lines - 1; last > 0; last--) {
    if (last % pieceLines === 0) await turn()
    const other = Math.floor(Math.random() * last)
    const [a = 0, b = 0] = [ring[last], ring[other]]
    ring[last] = b
    ring[other] = a
  }
  const memory = new Uint32Array(lines * lineNumbers)
  for (let line = 0; line < lines; line++) {
    if (line % pieceLines === 0) await turn()
    memory[line * lineNumbers] = (ring[line] ?? 0) * lineNumbers
  }
  let place = 0
  return () => {
    for (let step = 0; step < steps; step++) place = memory[place] ?? 0
  }
}
