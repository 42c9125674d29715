/** What all files of the Docker engine share: the client of its API, and the lookup of a world's containers. */
import type Docker from 'dockerode'
import { EnvironmentError } from '../../errors.ts'
import type { Container } from '../engine.ts'

export interface Daemon {
  readonly docker: Docker
  containers(world: string): Promise<Container[]>
}

/** A node whose container runs. */
export interface Running {
  service: string
  id: string
  pid: number
  startedAt: string
  container: Docker.Container
}

/**
 * The containers of these nodes, with their first processes. `dead`: what to do with one that does not run.
 * @throws EnvironmentError naming the node that has no container, or does not run
 */
export async function findRunning(
  daemon: Daemon,
  world: string,
  services: readonly string[],
  { dead = 'fail' }: { dead?: 'fail' | 'skip' } = {},
): Promise<Running[]> {
  const known = await daemon.containers(world)
  const found = await Promise.all(
    services.map(async (service): Promise<Running | undefined> => {
      const its = known.find((container) => container.service === service)
      if (!its)
        throw new EnvironmentError(
          `${service} has no container in the world ${world}: "npx blackstart up" creates it again`,
        )
      const container = daemon.docker.getContainer(its.id)
      const { State } = await container.inspect()
      if (!State.Running || State.Pid === 0) {
        if (dead === 'skip') return undefined
        throw new EnvironmentError(
          `${service} is not running (${State.Status}), so nothing can be done to it: "npx blackstart heal" starts it`,
        )
      }
      return { service, id: its.id, pid: State.Pid, startedAt: State.StartedAt, container }
    }),
  )
  return found.filter((running) => running !== undefined)
}

/** The one node of that name. @throws EnvironmentError when it does not run */
export async function findOne(daemon: Daemon, world: string, service: string): Promise<Running> {
  const [running] = await findRunning(daemon, world, [service])
  if (!running) throw new EnvironmentError(`${service} is not running`)
  return running
}
