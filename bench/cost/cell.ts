/** One cell of the ledger of cost: what the machine did between two readings of the kernel's counters. Pure. */
import type { Counters, MachineCounters, ProcessCounters } from '../../chaos/host/counters.ts'
import { type Component, componentOfContainer, componentOfProcess, components, type Whose } from './components.ts'

export interface Use {
  /** Share of one core: 1 is a whole one. */
  cores: number
  /** Context switches a second, voluntary and involuntary; without those of threads that ended meanwhile. */
  wakeups: number
}

export interface Cell {
  /** Requests a second that were asked for; 0: idle, nobody looks. */
  rate: number
  seconds: number
  /** Requests that began within the cell, a second; null where there was no load. */
  requests: number | null
  failed: number | null
  /** Of those that succeeded, from the moment at which they were due. */
  slowestMs: number | null
  /** Of the trial. */
  verdict: string | null
  /** How long a fixed piece of work took, in ms: the machine's speed. */
  workMs: number | null
  components: Record<Component, Use>
  machine: {
    /** All that was not idle and not stolen, in cores. */
    busy: number
    /** Of it in the kernel, soft interrupts included. */
    kernel: number
    softirq: number
    /** What others had of this virtual machine's processors. */
    stolen: number
    idle: number
    switches: number
  }
}

/** The share of the busy time that the components explain. Counters differ in how they count, so it may exceed 1. */
export function explainedShare({ components: uses, machine }: Pick<Cell, 'components' | 'machine'>): number | null {
  if (machine.busy <= 0) return null
  return Object.values(uses).reduce((sum, { cores }) => sum + cores, 0) / machine.busy
}

export function measure(from: Counters, to: Counters, whose: Whose): Pick<Cell, 'seconds' | 'components' | 'machine'> {
  const lengthMs = to.atMs - from.atMs
  if (!(lengthMs > 0)) throw new RangeError(`a cell needs time between its two readings, not ${lengthMs} ms`)
  const uses = Object.fromEntries(components.map((name) => [name, { cores: 0, wakeups: 0 }])) as Record<Component, Use>
  for (const [id, usedMs] of to.containers)
    uses[componentOfContainer(id, whose)].cores += Math.max(0, usedMs - (from.containers.get(id) ?? 0)) / lengthMs
  const ended = [...from.processes].filter(([key]) => !to.processes.has(key)).map(([, process]) => process)
  const byId = new Map([...to.processes.values()].map((process) => [process.pid, process]))
  for (const [key, process] of to.processes) {
    const before = from.processes.get(key)
    const use =
      uses[
        process.container === undefined
          ? componentOfProcess(process, whose, (pid) => byId.get(pid))
          : componentOfContainer(process.container, whose)
      ]
    use.wakeups += (switchesSince(before, process) * 1_000) / lengthMs
    if (process.container === undefined) use.cores += usedSince(before, process, ended) / lengthMs
  }
  return { seconds: lengthMs / 1_000, components: uses, machine: machineSince(from.machine, to.machine, lengthMs) }
}

/**
 * A process's own time, and that of children that ended since. A child that was there before brought its parent all its
 * time when it ended, and what it had used before is not of this cell. A container's first process is the child of a
 * shim, and its time is counted with its container; so only a shim's own time counts.
 */
function usedSince(
  before: ProcessCounters | undefined,
  now: ProcessCounters,
  ended: readonly ProcessCounters[],
): number {
  const own = now.ownMs - (before?.ownMs ?? 0)
  if (now.name.startsWith('containerd-shim')) return own
  const reaped = now.reapedMs - (before?.reapedMs ?? 0)
  const earlier = earlierOf(now.pid, ended)
  // A child that nobody waited for has brought its parent nothing.
  return own + (reaped >= earlier ? reaped - earlier : reaped)
}

/** What descendants of a process that have ended had used when they were last seen. */
function earlierOf(pid: number, ended: readonly ProcessCounters[]): number {
  return ended
    .filter((child) => child.parent === pid && child.pid !== pid)
    .reduce((sum, child) => sum + child.ownMs + child.reapedMs + earlierOf(child.pid, ended), 0)
}

function switchesSince(before: ProcessCounters | undefined, now: ProcessCounters): number {
  return [...now.switches].reduce(
    (sum, [thread, count]) => sum + Math.max(0, count - (before?.switches.get(thread) ?? 0)),
    0,
  )
}

function machineSince(from: MachineCounters, to: MachineCounters, lengthMs: number): Cell['machine'] {
  const since = (name: keyof MachineCounters) => Math.max(0, to[name] - from[name]) / lengthMs
  const kernel = since('system') + since('irq') + since('softirq')
  return {
    busy: since('user') + since('nice') + kernel,
    kernel,
    softirq: since('softirq'),
    stolen: since('steal'),
    idle: since('idle'),
    switches: since('switches') * 1_000,
  }
}
