/**
 * A fixed piece of work that shows how fast the machine is: steps through memory, each to a place that no cache holds.
 * It takes about 0.8 ms; four a second are 0.3 % of a core.
 *
 * Neighbours slow down mostly caches and memory. When all real work took two or three times as long, so did this, while
 * arithmetic was at its best as fast as before. Blackstart's own load hardly changes it.
 */
import { setImmediate as turn } from 'node:timers/promises'

const steps = 4_000
/** More than a core's share of the last cache; in it one number a cache line, the index of the next. */
const memoryBytes = 32 * 1024 * 1024
const lineNumbers = 16
const pieceLines = 16_384

/**
 * One ring through all lines, in no order that could be guessed ahead (Sattolo's shuffle); made in small steps, so that
 * it does not block the event loop.
 */
export async function makeWork(): Promise<() => void> {
  const lines = memoryBytes / Uint32Array.BYTES_PER_ELEMENT / lineNumbers
  const ring = new Uint32Array(lines)
  for (let line = 0; line < lines; line++) {
    if (line % pieceLines === 0) await turn()
    ring[line] = line
  }
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
