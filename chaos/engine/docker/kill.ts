/**
 * Kills every process of several nodes at the same time.
 *
 * The engine's own kill ends containers one after the other, over a second for a region. SIGKILL to process ids on the
 * host takes milliseconds: directly if Blackstart is root on the engine's machine, else from a helper container in the
 * host's process namespace. Directly, every process is signalled, not only the first of each container: until the
 * kernel has ended the others, a database would go on acknowledging writes. (A helper signals only the first ones.)
 * After SIGKILL a process runs no instruction of its own, so the last signal is the last act. Afterwards this checks
 * that all processes are gone.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { InstrumentError } from '../../errors.ts'
import { cgroupOf, groupFileOf, mayKillProcesses, processesIn, runs } from '../../host/processes.ts'
import type { Kill, ReadyToKill } from '../engine.ts'
import { type Daemon, findRunning, type Running } from './daemon.ts'
import { hostPowers, startHelper } from './helper.ts'
import { holdDown } from './restarts.ts'

const deathLimitMs = 10_000

/** A node that is to die, and where the kernel of the engine's machine lists its processes, if that is this machine. */
export interface Victim extends Running {
  cgroup: string
}

export function killOf(daemon: Daemon): Kill {
  return {
    ready: (world, services, { now }) => readyToKill(daemon, world, { services, now }),
    async eachThatRuns(world, services) {
      await holdDown(daemon, world, services)
      const running = await findRunning(daemon, world, services, { dead: 'skip' })
      await Promise.all(running.map(({ container }) => container.kill().catch(() => {})))
    },
  }
}

async function readyToKill(
  daemon: Daemon,
  world: string,
  { services, now }: { services: readonly string[]; now: () => number },
): Promise<ReadyToKill> {
  const victims = await findVictims(daemon, world, services)
  const direct = ownsProcesses(victims)
  const killer = direct ? directKiller(victims) : await helperKiller(daemon, world, victims)
  return {
    async kill() {
      await holdDown(daemon, world, services)
      const firstActMs = now()
      await killer.kill()
      const lastActMs = now()
      await untilDead(victims, { direct, now })
      await killer.dispose()
      return { firstActMs, lastActMs }
    },
    dispose: killer.dispose,
  }
}

export async function findVictims(daemon: Daemon, world: string, services: readonly string[]): Promise<Victim[]> {
  const running = await findRunning(daemon, world, services)
  return Promise.all(running.map(async (each) => ({ ...each, cgroup: await cgroupOf(each.pid) })))
}

/** Whether the engine's process ids are ours too, and we may signal them. */
function ownsProcesses(victims: readonly Victim[]): boolean {
  // The id must be in the cgroup's path: a process id alone could be that of any process.
  return mayKillProcesses() && victims.every(({ cgroup, id }) => cgroup.includes(id))
}

export interface Killer {
  kill(): Promise<void>
  dispose(): Promise<void>
}

function directKiller(victims: readonly Victim[]): Killer {
  const groups = victims.map(({ cgroup }) => groupFileOf(cgroup))
  return {
    async kill() {
      // First the first processes, which hold their containers together, then whatever else runs in them.
      for (const { pid } of victims) process.kill(pid, 'SIGKILL')
      for (const pid of groups.flatMap(processesIn)) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          /* it went along with the first */
        }
      }
    },
    async dispose() {},
  }
}

/**
 * A container in the host's process namespace that waits for the order. It signals only first processes; the kernel
 * ends the others with them.
 */
export async function helperKiller(daemon: Daemon, world: string, victims: readonly Running[]): Promise<Killer> {
  const helper = await startHelper(daemon, { world, what: 'kills', host: hostPowers })
  return {
    async kill() {
      await helper.run(`kill -9 ${victims.map((victim) => victim.pid).join(' ')}`)
    },
    dispose: helper.dispose,
  }
}

/**
 * Between looks whether the killed are gone. On a busy machine the kernel may need two seconds to end a region's
 * processes. Looking every millisecond took most of a core in that time, at high priority, from the survivors that were
 * to be measured.
 */
const lookMs = 20

/**
 * A killed process is gone when its namespace is. If its process id is one of this machine, /proc shows that; else the
 * engine is asked.
 */
async function untilDead(
  victims: readonly Victim[],
  { direct, now }: { direct: boolean; now: () => number },
): Promise<void> {
  const startMs = now()
  let alive = victims
  while (alive.length > 0) {
    if (now() - startMs > deathLimitMs) {
      throw new InstrumentError(
        `${alive.map((victim) => victim.service).join(', ')} still ran ${deathLimitMs / 1000} s after SIGKILL`,
      )
    }
    const states = await Promise.all(alive.map((victim) => (direct ? runs(victim.pid) : runsInEngine(victim))))
    alive = alive.filter((_, index) => states[index])
    if (alive.length > 0) await delay(lookMs)
  }
}

async function runsInEngine({ container }: Victim): Promise<boolean> {
  const { State } = await container.inspect()
  return State.Running
}
