/**
 * What the kernel counts of this machine's processor time: for the machine as a whole, for each process with those of
 * its children that ended, and for each container by its control group (version 1 or 2). Linux only.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second for programs, whatever its own clock. */
const tickMs = 10
/** In a process's flags (proc_pid_stat(5)): a thread of the kernel. */
const ofKernel = 0x00200000

/** Of all processors together, in milliseconds since the machine started. */
export interface MachineCounters {
  user: number
  /** The same, of programs with a lower priority. */
  nice: number
  system: number
  idle: number
  irq: number
  softirq: number
  steal: number
  /** Context switches. */
  switches: number
}

export interface ProcessCounters {
  pid: number
  parent: number
  name: string
  /** A thread of the kernel. */
  kernel: boolean
  /** Of the process itself, in milliseconds. */
  ownMs: number
  /** Of its children that ended and that it collected, and of theirs. */
  reapedMs: number
  /** The id of the container that it is in. */
  container: string | undefined
  /** Context switches of each of its threads, voluntary and involuntary. */
  switches: Map<number, number>
}

export interface Counters {
  atMs: number
  machine: MachineCounters
  /** By process id and start time, so that a later process with the same id is another one. */
  processes: Map<string, ProcessCounters>
  /** Processor time of containers by their id, in milliseconds; with all that ran and ended in them. */
  containers: Map<string, number>
}

/** From `/proc/stat`. */
export function parseMachine(text: string): MachineCounters {
  const ticks = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? []
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = ticks.map(
    (count) => count * tickMs,
  )
  const switches = Number(/^ctxt (\d+)$/m.exec(text)?.[1] ?? 0)
  return { user, nice, system, idle: idle + iowait, irq, softirq, steal, switches }
}

type ProcessStat = Omit<ProcessCounters, 'container' | 'switches'> & { started: string }

/** From `/proc/<pid>/stat`; undefined where it is no such text. */
export function parseProcess(text: string): ProcessStat | undefined {
  // The name may itself hold spaces and parentheses, so it ends at the last one.
  const [, pid, name = '', rest = ''] = /^(\d+) \((.*)\) (.*)$/s.exec(text) ?? []
  if (pid === undefined) return undefined
  // The state, field 3 of proc_pid_stat(5), is the first of these.
  const fields = rest.trim().split(' ')
  const count = (field: number) => Number(fields[field - 3] ?? 0)
  return {
    pid: Number(pid),
    name,
    parent: count(4),
    kernel: (count(9) & ofKernel) !== 0,
    ownMs: (count(14) + count(15)) * tickMs,
    reapedMs: (count(16) + count(17)) * tickMs,
    started: fields[22 - 3] ?? '',
  }
}

/** From `/proc/<pid>/task/<tid>/status`: voluntary and involuntary context switches. */
export function parseSwitches(text: string): number {
  return [...text.matchAll(/^(?:non)?voluntary_ctxt_switches:\s*(\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
}

/** From `/proc/<pid>/cgroup`: the container that the process is in, and the file with that container's time. */
export function parseContainer(text: string): { id: string; file: string } | undefined {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => /^(\d+):([^:]*):(.*)$/.exec(line))
  const accounted = lines.find((line) => line?.[2]?.split(',').includes('cpuacct'))
  const [, , controllers = '', path = ''] = accounted ?? lines.find((line) => line?.[1] === '0') ?? []
  // A container's own groups lie below it.
  const [, above, id] = /^(.*?([0-9a-f]{64})[^/]*)/.exec(path) ?? []
  if (above === undefined || id === undefined) return undefined
  return {
    id,
    file: accounted ? `/sys/fs/cgroup/${controllers}${above}/cpuacct.usage` : `/sys/fs/cgroup${above}/cpu.stat`,
  }
}

/** Processor time in ms from such a file: nanoseconds, or lines of which one says microseconds. Undefined if neither. */
export function parseGroup(text: string): number | undefined {
  if (/^\d+\s*$/.test(text)) return Number(text) / 1e6
  const microseconds = /^usage_usec (\d+)$/m.exec(text)?.[1]
  return microseconds === undefined ? undefined : Number(microseconds) / 1e3
}

/** Reads all of it, now; it takes some hundredths of a second. What ends meanwhile is left out. */
export function readCounters(): Counters {
  const counters: Counters = {
    atMs: performance.now(),
    machine: parseMachine(readFileSync('/proc/stat', 'utf8')),
    processes: new Map(),
    containers: new Map(),
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const process = parseProcess(textOf(`/proc/${pid}/stat`))
    if (!process) continue
    const { started, ...times } = process
    const container = times.kernel ? undefined : parseContainer(textOf(`/proc/${pid}/cgroup`))
    counters.processes.set(`${pid} ${started}`, { ...times, container: container?.id, switches: switchesOf(pid) })
    if (!container || counters.containers.has(container.id)) continue
    const usedMs = parseGroup(textOf(container.file))
    if (usedMs !== undefined) counters.containers.set(container.id, usedMs)
  }
  return counters
}

function switchesOf(pid: string): Map<number, number> {
  return new Map(
    namesIn(`/proc/${pid}/task`).map((thread) => [
      Number(thread),
      parseSwitches(textOf(`/proc/${pid}/task/${thread}/status`)),
    ]),
  )
}

/** Empty where it is gone. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
