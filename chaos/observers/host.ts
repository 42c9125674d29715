/**
 * Watches the machine: how much of its processor time is idle, how much of it others have, and how long a fixed piece of
 * work takes. On a machine that is too small, or that shares its cores with others, a world misses its objectives for
 * want of processor time. The judge has to know that.
 */
import { type Machine, thisMachine } from '../host/machine.ts'
import { idleShare, stolenShare } from '../host/processors.ts'
import type { Instruments, Observer } from './sampler.ts'

const intervalMs = 250
const piecesPerSample = 4
export function observeHost({ record, now }: Instruments, machine: Machine = thisMachine): Observer {
  let piece: (() => void) | undefined
  void machine.makeWork().then((made) => {
    piece = made
  })
  let last = { atMs: now(), ...machine.cpuTimes() }
  let pieces: number[] = []
  const timer = setInterval(() => {
    if (!piece) return
    pieces.push(msOf(piece))
    if (pieces.length < piecesPerSample) return
    const seen = { atMs: now(), ...machine.cpuTimes() }
    const stolen = stolenShare(last, seen)
    record({
      kind: 'host.sampled',
      fromMs: last.atMs,
      idleShare: idleShare(last, seen),
      // The quickest: the others may have been interrupted, which is another matter.
      workMs: Math.min(...pieces),
      ...(stolen !== undefined && { stolenShare: stolen }),
    })
    last = seen
    pieces = []
  }, intervalMs)
  return {
    async stop() {
      clearInterval(timer)
    },
  }
}

function msOf(work: () => void): number {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}
