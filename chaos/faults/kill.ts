/**
 * kill: every process of the target dies at once, by SIGKILL.
 *
 * Models: loss of power to a machine, a zone or a region, as far as others can see: open connections are reset, new ones refused.
 * Does not model: a network that goes silent instead of resetting; lost disk caches (the disk survives as it was); links that die
 * along (the far end of a link accepts a connection and closes it, where a dead router would not answer).
 * Heals by: starting the containers again, with their data.
 *
 * The engine's own kill takes its containers one after the other, over a second for a region. SIGKILL to the host's process ids
 * takes milliseconds: directly where the harness is root on the engine's machine, else from a helper container in the host's
 * process namespace. Every process is signalled, not only the first of each container: that one takes the others along, but only
 * when the kernel gets to its end, and meanwhile a database would go on acknowledging. A process that was sent SIGKILL runs no
 * instruction of its own any more, so the last signal is the last act; that all are really gone is checked after it.
 */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { EnvironmentError, InstrumentError } from '../errors.ts'
import { within } from '../wait.ts'
import { healOnce, type Fault, type FaultContext, type Gone } from './fault.ts'
import type { ResolvedTarget } from './targets.ts'
import type { Topology } from '../topology/topology.ts'

const deathLimitMs = 10_000
const helperImage = 'debian:trixie-slim'

export const kill: Fault = {
  kind: 'kill',
  models: 'every process of the target dies at once (SIGKILL)',
  doesNotModel: [
    'silence: peers of a killed node see resets, so they notice sooner than on a cut wire',
    'a lost disk cache: what was written, synced or not, is there after the restart',
    'dead links: the link into a killed region still accepts a connection before it closes it',
  ],
  unavailable(target) {
    if (target.nodes.length === 0) return `kill acts on nodes, and ${target.name} has none; use hang or refuse on a link`
    return undefined
  },
  gone: goneWith,
  async prepare(target, context) {
    const victims = await findVictims(target, context)
    const direct = await ownsProcesses(victims)
    const killer = direct ? directKiller() : await helperKiller(context, target.name)
    return {
      async inject(faultId) {
        const undo = { do: 'start-containers' as const, containers: victims.map((victim) => victim.service) }
        await context.undo.write(faultId, undo)
        const firstActMs = context.now()
        await killer.kill(victims)
        const lastActMs = context.now()
        await untilDead(victims, { direct, now: context.now })
        await killer.dispose()
        return { acts: victims.length, firstActMs, lastActMs, ...healOnce(() => context.undo.undo(faultId)) }
      },
      dispose: killer.dispose,
    }
  },
}

function goneWith(target: ResolvedTarget, topology: Topology): Gone {
  const names = target.nodes.map((node) => node.name)
  const deafSites = target.nodes.filter((node) => node.role === 'beacon').map((node) => node.site)
  const edges = topology.links.flatMap(({ sites: [a, b] }) => [{ from: a, to: b }, { from: b, to: a }])
  return { nodes: names, edges: edges.filter(({ from, to }) => deafSites.includes(from) || deafSites.includes(to)) }
}

export interface Victim { service: string; id: string; pid: number; groupFile: string; container: Docker.Container }

export async function findVictims(target: ResolvedTarget, { engine, topology }: FaultContext): Promise<Victim[]> {
  const containers = await engine.containers(topology.world)
  return Promise.all(target.nodes.map(async (node) => {
    const found = containers.find((container) => container.service === node.name)
    if (!found) throw new EnvironmentError(`${node.name} has no container in the world ${topology.world}`)
    const container = engine.docker.getContainer(found.id)
    const { State } = await container.inspect()
    if (!State.Running || State.Pid === 0) throw new EnvironmentError(`${node.name} is not running (${State.Status}), so it cannot be killed: "npx blackstart heal" starts it`)
    const cgroup = await readFile(`/proc/${State.Pid}/cgroup`, 'utf8').catch(() => '')
    return { service: node.name, id: found.id, pid: State.Pid, groupFile: groupFileOf(cgroup), container }
  }))
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

export interface Killer { kill(victims: Victim[]): Promise<void>; dispose(): Promise<void> }

function directKiller(): Killer {
  return {
    async kill(victims) {
      // First the first processes, which hold their containers together, then whatever else runs in them.
      for (const { pid } of victims) process.kill(pid, 'SIGKILL')
      for (const pid of victims.flatMap(processesOf)) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch { /* it went along with the first */ }
      }
    },
    async dispose() {},
  }
}

/** All processes in a container's control group, as the kernel lists them (version 1 or 2). Synchronous: nothing may come in between. */
function processesOf({ groupFile }: Victim): number[] {
  try {
    return readFileSync(groupFile, 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Where the kernel lists a container's processes. */
function groupFileOf(cgroup: string): string {
  const lines = cgroup.trim().split('\n').map((line) => line.split(':'))
  const unified = lines.find(([id, controllers]) => id === '0' && controllers === '')
  const pids = lines.find(([, controllers]) => controllers === 'pids')
  return pids ? `/sys/fs/cgroup/pids${pids[2]}/cgroup.procs` : `/sys/fs/cgroup${unified?.[2] ?? ''}/cgroup.procs`
}

/** A container in the host's process namespace that waits, ready, for the ids on its standard input. */
export async function helperKiller({ engine, topology }: FaultContext, name: string): Promise<Killer> {
  const container = await engine.docker.createContainer({
    Image: helperImage,
    Labels: { 'blackstart.world': topology.world, 'blackstart.role': 'helper' },
    Cmd: ['sh', '-c', 'read pids && kill -9 $pids'],
    OpenStdin: true, StdinOnce: true, AttachStdin: true,
    HostConfig: { PidMode: 'host', NetworkMode: 'none', AutoRemove: true, CapDrop: ['ALL'], CapAdd: ['KILL'], SecurityOpt: ['apparmor=unconfined'] },
  })
  const stream = await container.attach({ stream: true, stdin: true, hijack: true })
  await container.start()
  return {
    async kill(victims) {
      const exited = container.wait().catch(() => ({ StatusCode: 0 }))
      stream.end(`${victims.map((victim) => victim.pid).join(' ')}\n`)
      const { StatusCode } = await within(deathLimitMs, `killing ${name} through a helper container`, exited)
      if (StatusCode !== 0) throw new InstrumentError(`the helper container could not kill ${name}: exit status ${StatusCode}`)
    },
    async dispose() {
      await container.remove({ force: true }).catch(() => {})
    },
  }
}

/** A killed process is gone when its namespace is; with our own /proc that is seen within a millisecond, else the engine is asked. */
async function untilDead(victims: Victim[], { direct, now }: { direct: boolean; now: () => number }): Promise<void> {
  const startMs = now()
  let alive = victims
  while (alive.length > 0) {
    if (now() - startMs > deathLimitMs) {
      throw new InstrumentError(`${alive.map((victim) => victim.service).join(', ')} still ran ${deathLimitMs / 1000} s after SIGKILL`)
    }
    const states = await Promise.all(alive.map((victim) => (direct ? livesInProc(victim) : livesInEngine(victim))))
    alive = alive.filter((_, index) => states[index])
    if (alive.length > 0) await delay(1)
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
