/** What can be measured of the machine on which Blackstart runs. */
import { cpus, release, totalmem } from 'node:os'
import { type CpuTimes, cpuTimes } from './processors.ts'
import { makeWork } from './work.ts'

export interface MachineFacts {
  cores: number
  /** The processor's name, as the system says it. */
  model: string
  memoryBytes: number
  kernel: string
  platform: string
}

/** What can be asked of a machine. It can be absent: an engine may run its nodes on another one. */
export interface Machine {
  facts(): MachineFacts
  /** Processor time so far, all processors together; two of them give the idle share between them. */
  cpuTimes(): CpuTimes
  /** Makes a fixed piece of work, whose duration shows how fast the machine is at this moment. */
  makeWork(): Promise<() => void>
}

export const thisMachine: Machine = {
  facts: () => ({
    cores: cpus().length,
    model: cpus()[0]?.model.trim() || 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    platform: `${process.platform} ${process.arch}`,
  }),
  cpuTimes,
  makeWork,
}
