/** Identifies a process by its id and start time, so that a later process with the same id is not taken for it. */
import { hostname } from 'node:os'
import { z } from 'zod'
import { startOf } from './processes.ts'

export const ownerSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** Start time of the process in the kernel's ticks; empty where that is not known. */
  started: z.string(),
  command: z.string(),
})
export type Owner = z.infer<typeof ownerSchema>

export function thisProcess(): Owner {
  return {
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
    command: ['blackstart', ...process.argv.slice(2)].join(' ').slice(0, 200),
  }
}

/** Whether the owner still runs. An owner on another machine is taken to be alive: we cannot know. */
export function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return owner.started === startOf(owner.pid)
}
