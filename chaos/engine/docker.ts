/**
 * The Docker engine: which containers a world has, and their state. Everything here is fenced by the label
 * blackstart.world.
 */
import Docker from 'dockerode'
import { topologyFromLabels } from '../topology/labels.ts'
import type { Topology } from '../topology/topology.ts'
import { availableWords, EnvironmentError } from '../errors.ts'
import { within } from '../wait.ts'

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export interface Container {
  id: string
  service: string
  state: ContainerState
  labels: Record<string, string>
  published: Record<number, number>
}

/** Load generators and helpers come and go with a trial; they are not part of the world under test. */
export function isVisitor({ labels }: Pick<Container, 'labels'>): boolean {
  return ['load', 'helper'].includes(labels['blackstart.role'] ?? '')
}

/**
 * A part of the world under test. What looks after the engine's machine while the world is there (`untracked`) is none.
 */
export function isNode(container: Pick<Container, 'labels'>): boolean {
  return !isVisitor(container) && container.labels['blackstart.role'] !== 'host'
}

const limitMs = 10_000

export class Engine {
  readonly docker: Docker

  /** Speaks to the engine that DOCKER_HOST names, or the local socket. */
  constructor(docker: Docker = new Docker()) {
    this.docker = docker
  }

  async version(): Promise<string> {
    const version = await within(limitMs, 'asking the Docker engine for its version', this.docker.version())
    return version.Version
  }

  /** Every container of a world, whatever its state. */
  async containers(world: string): Promise<Container[]> {
    const found = await within(
      limitMs,
      `listing the containers of ${world}`,
      this.docker.listContainers({ all: true, filters: { label: [`blackstart.world=${world}`] } }),
    )
    return found.map((info) => ({
      id: info.Id,
      service: info.Labels['com.docker.compose.service'] ?? info.Names[0]?.replace(/^\//, '') ?? info.Id,
      state: info.State as ContainerState,
      labels: info.Labels,
      published: Object.fromEntries(
        info.Ports.filter((port) => port.PublicPort).map((port) => [port.PrivatePort, port.PublicPort]),
      ),
    }))
  }

  /** Names of all worlds that have containers, with how many. */
  async worlds(): Promise<Map<string, number>> {
    const found = await within(
      limitMs,
      'listing worlds',
      this.docker.listContainers({ all: true, filters: { label: ['blackstart.world'] } }),
    )
    const counts = new Map<string, number>()
    for (const info of found) {
      const world = info.Labels['blackstart.world']
      if (world) counts.set(world, (counts.get(world) ?? 0) + 1)
    }
    return counts
  }

  /**
   * The topology of a running world.
   * @throws EnvironmentError when there is no such world, naming those there are
   */
  async topology(world: string): Promise<Topology> {
    const containers = (await this.containers(world)).filter(isNode)
    if (containers.length === 0) {
      const others = [...(await this.worlds()).keys()]
      throw new EnvironmentError(
        `there is no world named ${world}${availableWords(others)}: bring one up with "npx blackstart up"`,
      )
    }
    return topologyFromLabels(world, containers)
  }
}
