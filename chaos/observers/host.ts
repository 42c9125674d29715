/**
 * Watches the machine: how much of its processors is idle, and how long a fixed piece of work takes on them. A world
 * whose machine is too small, or that shares its cores with a neighbour nobody can see, misses its promises for want of
 * processor time; the judge has to be able to tell.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { cpuTimes, idleShare } from '../host/processors.ts'
import type { Instruments, Observer } from './sampler.ts'

const intervalMs = 250
const piecesPerSample = 4
/**
 * Steps in a piece of work, each to a place in memory that no cache has ready: about 0.8 ms, 0.3 % of a core in all.
 * What neighbours take is above all cache and memory: where a whole second's work took two or three times as long, so
 * did this, and arithmetic as long as ever at its quickest. Our own load hardly moves it.
 */
const steps = 4_000
/** More than a core's share of the last cache; in it one number a cache line, the index of the next. */
const memoryBytes = 32 * 1024 * 1024
const lineNumbers = 16
const pieceLines = 16_384

export function observeHost({ record, now }: Instruments): Observer {
  let piece: (() => void) | undefined
  void walk().then((made) => {
    piece = made
  })
  let last = { atMs: now(), ...cpuTimes() }
  let pieces: number[] = []
  const timer = setInterval(() => {
    if (!piece) return
    pieces.push(msOf(piece))
    if (pieces.length < piecesPerSample) return
    const seen = { atMs: now(), ...cpuTimes() }
    // The quickest: the others may have been interrupted, which is another matter.
    record({ kind: 'host.sampled', fromMs: last.atMs, idleShare: idleShare(last, seen), workMs: Math.min(...pieces) })
    last = seen
    pieces = []
  }, intervalMs)
  return {
    async stop() {
      clearInterval(timer)
    },
  }
}

/**
 * One ring through all lines, in no order that could be guessed ahead (Sattolo's shuffle); made little by little, for
 * the harness must not stand still for it.
 */
async function walk(): Promise<() => void> {
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

function msOf(work: () => void): number {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}
