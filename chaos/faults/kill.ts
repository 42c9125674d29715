/**
 * kill: every process of the target dies at once, by SIGKILL.
 *
 * Models: loss of power to a machine, a zone or a region, as far as others can see: open connections are reset, new
 * ones refused.
 * Does not model: a network that goes silent instead of resetting; lost disk caches (the disk survives as it was);
 * links that die along (the far end of a link accepts a connection and closes it, where a dead router would not
 * answer).
 * Heals by: starting the containers again, with their data.
 *
 * The engine's own kill takes its containers one after the other, over a second for a region. SIGKILL to the host's
 * process ids takes milliseconds: directly where the harness is root on the engine's machine, else from a helper
 * container in the host's process namespace. Every process is signalled, not only the first of each container: that one
 * takes the others along, but only when the kernel gets to its end, and meanwhile a database would go on acknowledging.
 * A process that was sent SIGKILL runs no instruction of its own any more, so the last signal is the last act; that all
 * are really gone is checked after it.
 */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { EnvironmentError, InstrumentError } from '../errors.ts'
import type { Node } from '../topology/topology.ts'
import { startHelper } from '../engine/helper.ts'
import { healOnce, type Fault, type FaultContext } from './fault.ts'
import { onlyNodes } from './nodes.ts'

const deathLimitMs = 10_000

export const kill: Fault<'kill'> = {
  kind: 'kill',
  models: 'every process of the target dies at once (SIGKILL)',
  doesNotModel: [
    'silence: peers of a killed node see resets, so they notice sooner than on a cut wire',
    'a lost disk cache: what was written, synced or not, is there after the restart',
    'dead links: the link into a killed region still accepts a connection before it closes it',
  ],
  actsOn: 'nodes',
  unavailable: ({ target }) => onlyNodes('kill', target),
  effect: ({ target }) => ({ gone: target.nodes.map((node) => node.name) }),
  async prepare({ target }, context) {
    const { kill, dispose } = await prepareKill(target.nodes, context)
    return {
      async inject(faultId) {
        await context.undo.write(faultId, { do: 'start-containers', containers: target.nodes.map((node) => node.name) })
        return { acts: target.nodes.length, ...(await kill()), ...healOnce(() => context.undo.undo(faultId)) }
      },
      dispose,
    }
  },
}

/**
 * Finds the processes of these nodes and the way to them. `kill` returns when all of them are dead, and tells when the
 * signals were sent.
 */
export async function prepareKill(
  nodes: Node[],
  context: FaultContext,
): Promise<{ kill(): Promise<{ firstActMs: number; lastActMs: number }>; dispose(): Promise<void> }> {
  const victims = await findVictims(nodes, context)
  const direct = await ownsProcesses(victims)
  const killer = direct ? directKiller() : await helperKiller(context)
  return {
    async kill() {
      const firstActMs = context.now()
      await killer.kill(victims)
      const lastActMs = context.now()
      await untilDead(victims, { direct, now: context.now })
      await killer.dispose()
      return { firstActMs, lastActMs }
    },
    dispose: killer.dispose,
  }
}

export interface Victim {
  service: string
  id: string
  pid: number
  startedAt: string
  groupFile: string
  container: Docker.Container
}

/**
 * The containers of these nodes, with their processes. `dead`: what to do about one that does not run.
 * @throws EnvironmentError naming the node that has no container, or does not run
 */
export async function findVictims(
  nodes: Node[],
  { engine, topology }: Pick<FaultContext, 'engine' | 'topology'>,
  { dead = 'fail' }: { dead?: 'fail' | 'skip' } = {},
): Promise<Victim[]> {
  const containers = await engine.containers(topology.world)
  const found = await Promise.all(
    nodes.map(async (node): Promise<Victim | undefined> => {
      const known = containers.find((container) => container.service === node.name)
      if (!known)
        throw new EnvironmentError(
          `${node.name} has no container in the world ${topology.world}: "npx blackstart up" makes it anew`,
        )
      const container = engine.docker.getContainer(known.id)
      const { State } = await container.inspect()
      if (!State.Running || State.Pid === 0) {
        if (dead === 'skip') return undefined
        throw new EnvironmentError(
          `${node.name} is not running (${State.Status}), so nothing can be done to it: "npx blackstart heal" starts it`,
        )
      }
      const cgroup = await readFile(`/proc/${State.Pid}/cgroup`, 'utf8').catch(() => '')
      return {
        service: node.name,
        id: known.id,
        pid: State.Pid,
        startedAt: State.StartedAt,
        groupFile: groupFileOf(cgroup),
        container,
      }
    }),
  )
  return found.filter((victim) => victim !== undefined)
}

/** Whether the engine's process ids are ours too, and we may signal them. */
async function ownsProcesses(victims: Victim[]): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  for (const victim of victims) {
    // The id must be in the cgroup's path: a process id alone could be anybody's.
    const cgroup = await readFile(`/proc/${victim.pid}/cgroup`, 'utf8').catch(() => '')
    if (!cgroup.includes(victim.id)) return false
  }
  return true
}

export interface Killer {
  kill(victims: Victim[]): Promise<void>
  dispose(): Promise<void>
}

function directKiller(): Killer {
  return {
    async kill(victims) {
      // First the first processes, which hold their containers together, then whatever else runs in them.
      for (const { pid } of victims) process.kill(pid, 'SIGKILL')
      for (const pid of victims.flatMap(processesOf)) {
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
 * All processes in a container's control group, as the kernel lists them (version 1 or 2). Synchronous: nothing may
 * come in between.
 */
function processesOf({ groupFile }: Victim): number[] {
  try {
    return readFileSync(groupFile, 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Where the kernel lists a container's processes. */
function groupFileOf(cgroup: string): string {
  const lines = cgroup
    .trim()
    .split('\n')
    .map((line) => line.split(':'))
  const unified = lines.find(([id, controllers]) => id === '0' && controllers === '')
  const pids = lines.find(([, controllers]) => controllers === 'pids')
  return pids ? `/sys/fs/cgroup/pids${pids[2]}/cgroup.procs` : `/sys/fs/cgroup${unified?.[2] ?? ''}/cgroup.procs`
}

/**
 * A container in the host's process namespace that waits, ready, for the ids. It sees only first processes; the kernel
 * takes the rest along.
 */
export async function helperKiller({ engine, topology }: Pick<FaultContext, 'engine' | 'topology'>): Promise<Killer> {
  const helper = await startHelper(engine, {
    world: topology.world,
    what: 'kills',
    host: {
      PidMode: 'host',
      UsernsMode: 'host',
      NetworkMode: 'none',
      CapAdd: ['KILL'],
      SecurityOpt: ['apparmor=unconfined', 'label=disable'],
    },
  })
  return {
    async kill(victims) {
      await helper.run(`kill -9 ${victims.map((victim) => victim.pid).join(' ')}`)
    },
    dispose: helper.dispose,
  }
}

/**
 * Between looks whether the killed are gone. On a busy machine the kernel may take two seconds to take a region's
 * processes apart, and a look a millisecond took most of a core meanwhile, ahead of everybody, from the survivors who
 * were to be measured.
 */
const lookMs = 20

/**
 * A killed process is gone when its namespace is; with our own /proc that is seen at the next look, else the engine is
 * asked.
 */
async function untilDead(victims: Victim[], { direct, now }: { direct: boolean; now: () => number }): Promise<void> {
  const startMs = now()
  let alive = victims
  while (alive.length > 0) {
    if (now() - startMs > deathLimitMs) {
      throw new InstrumentError(
        `${alive.map((victim) => victim.service).join(', ')} still ran ${deathLimitMs / 1000} s after SIGKILL`,
      )
    }
    const states = await Promise.all(alive.map((victim) => (direct ? livesInProc(victim) : livesInEngine(victim))))
    alive = alive.filter((_, index) => states[index])
    if (alive.length > 0) await delay(lookMs)
  }
}

async function livesInProc(victim: Victim): Promise<boolean> {
  const status = await readFile(`/proc/${victim.pid}/stat`, 'utf8').catch(() => '')
  // Field 3 is the state; Z: dead, not yet collected by its parent.
  return status !== '' && !/^\d+ \(.*\) [ZX]/.test(status)
}

async function livesInEngine(victim: Victim): Promise<boolean> {
  const { State } = await victim.container.inspect()
  return State.Running
}
