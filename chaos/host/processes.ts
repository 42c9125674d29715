/** The processes of this machine, from /proc. Without /proc nothing is known of them. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** Whether we may end any process of this machine. */
export function mayKillProcesses(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}

/** The control groups that a process is in, as the kernel writes them; empty where it is not known. */
export async function cgroupOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')
}

/** Where the kernel lists all processes of a control group (version 1 or 2). */
export function groupFileOf(cgroup: string): string {
  const lines = cgroup
    .trim()
    .split('\n')
    .map((line) => line.split(':'))
  const unified = lines.find(([id, controllers]) => id === '0' && controllers === '')
  const pids = lines.find(([, controllers]) => controllers === 'pids')
  return pids ? `/sys/fs/cgroup/pids${pids[2]}/cgroup.procs` : `/sys/fs/cgroup${unified?.[2] ?? ''}/cgroup.procs`
}

/** The processes in such a list. Synchronous, so that nothing comes between finding them and killing them. */
export function processesIn(groupFile: string): number[] {
  try {
    return readFileSync(groupFile, 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Whether a process is there and not dead. */
export async function runs(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // Field 3 is the state; Z: dead, not yet collected by its parent.
  return status !== '' && !/^\d+ \(.*\) [ZX]/.test(status)
}

/** When a process was started, in the kernel's ticks; empty where it is not known. */
export function startOf(pid: number): string {
  try {
    // Field 22, counted after the command in parentheses, which may itself hold spaces.
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    )
  } catch {
    return ''
  }
}
