/**
 * How much of this machine's processor time is idle. If the engine runs on another machine (a virtual one), that
 * machine's idle time is not known, and this one's is mostly idle.
 */
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

const leastIdleShare = 0.25
const lookMs = 250
/** Linux counts in hundredths of a second for programs, whatever its own clock. */
const tickMs = 10

/** In milliseconds, all processors together. */
export interface CpuTimes {
  idle: number
  /** Without what was stolen. */
  all: number
  /**
   * In which programs wanted to run on this virtual machine, and its host let others run. Undefined where the kernel
   * does not count it: on anything but Linux.
   */
  stolen?: number | undefined
}

export function cpuTimes(): CpuTimes {
  const times = cpus().map((cpu) => cpu.times)
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return {
    idle: sum(times.map(({ idle }) => idle)),
    all: sum(times.flatMap((time) => Object.values(time))),
    stolen: process.platform === 'linux' ? stolenMs(readFileSync('/proc/stat', 'utf8')) : undefined,
  }
}

/** From the kernel's counters (proc_stat(5)): `cpu  user nice system idle iowait irq softirq steal …`. */
export function stolenMs(counters: string): number | undefined {
  const ticks = /^cpu +(?:\d+ +){7}(?<steal>\d+)/m.exec(counters)?.groups?.['steal']
  return ticks === undefined ? undefined : Number(ticks) * tickMs
}

/** From 0 to 1; 0 where no time has passed. */
export function idleShare(from: CpuTimes, to: CpuTimes): number {
  return to.all > from.all ? (to.idle - from.idle) / (to.all - from.all) : 0
}

/** What others had of the processors' time, from 0 to 1; undefined where that is not counted. */
export function stolenShare(from: CpuTimes, to: CpuTimes): number | undefined {
  if (from.stolen === undefined || to.stolen === undefined) return undefined
  const stolen = Math.max(0, to.stolen - from.stolen)
  return stolen === 0 ? 0 : stolen / (stolen + Math.max(0, to.all - from.all))
}

/** Waits until a quarter of the processors' time was idle, for a look's length, or `limitMs` have passed. */
export async function untilRoom(limitMs: number, look: () => CpuTimes = cpuTimes): Promise<void> {
  const endMs = performance.now() + limitMs
  let last = look()
  do {
    await delay(lookMs)
    const now = look()
    if (idleShare(last, now) >= leastIdleShare) return
    last = now
  } while (performance.now() < endMs)
}
