/**
 * How much of this machine's processor time is idle. If the engine runs on another machine (a virtual one), that
 * machine's idle time is not known, and this one's is mostly idle.
 */
import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

const leastIdleShare = 0.25
const lookMs = 250

export interface CpuTimes {
  idle: number
  all: number
}

export function cpuTimes(): CpuTimes {
  const times = cpus().map((cpu) => cpu.times)
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((time) => Object.values(time))) }
}

/** From 0 to 1; 0 where no time has passed. */
export function idleShare(from: CpuTimes, to: CpuTimes): number {
  return to.all > from.all ? (to.idle - from.idle) / (to.all - from.all) : 0
}

/** Waits until a quarter of the processors' time was idle, for a look's length, or `limitMs` have passed. */
export async function untilRoom(limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs
  let last = cpuTimes()
  do {
    await delay(lookMs)
    const now = cpuTimes()
    if (idleShare(last, now) >= leastIdleShare) return
    last = now
  } while (performance.now() < endMs)
}
