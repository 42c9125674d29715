/**
 * The Docker engine on this machine. All access is limited by the label blackstart.world. A node's name is the name of
 * its Compose service.
 */
import Docker from 'dockerode'
import { availableWords, EnvironmentError, messageOf } from '../../errors.ts'
import { thisMachine } from '../../host/machine.ts'
import { topologyFromLabels } from '../../topology/labels.ts'
import { type Endpoint, loopback, type Topology } from '../../topology/topology.ts'
import { within } from '../../wait.ts'
import {
  type Belonging,
  type Capabilities,
  type Container,
  type ContainerState,
  type Drained,
  type Engine,
  type EngineEvent,
  type EngineEvents,
  isNode,
  type Ran,
  type ReadyToStop,
  type RouteKeeper,
  type RunLimits,
  type Visitor,
  type VisitorSpec,
} from '../engine.ts'
import { belongingsOf } from './belongings.ts'
import { endDrains, readyToStop, removeVisitors, restartPolicies, startContainers } from './containers.ts'
import { cutLinksOf } from './cut.ts'
import type { Daemon } from './daemon.ts'
import { fillDiskOf } from './disk.ts'
import { followEvents } from './events.ts'
import { execIn, runIn } from './exec.ts'
import { freezeOf } from './freeze.ts'
import { killOf } from './kill.ts'
import { logOf } from './logs.ts'
import { limitProcessorOf } from './processor.ts'
import { keepRoutes, putMissingRoutes } from './routes.ts'
import { visit } from './visitor.ts'
import { loseDiskOf } from './volumes.ts'

const limitMs = 10_000
/** The engine's time is asked for often. */
const timeLimitMs = 1_000

export class DockerEngine implements Engine, Daemon {
  readonly docker: Docker
  readonly can: Capabilities

  /** Speaks to the engine that DOCKER_HOST names, or the local socket. */
  constructor(docker: Docker = new Docker()) {
    this.docker = docker
    this.can = {
      kill: killOf(this),
      freeze: freezeOf(this),
      limitProcessor: limitProcessorOf(this),
      fillDisk: fillDiskOf(this),
      loseDisk: loseDiskOf(this),
      cutLinks: cutLinksOf(this),
      probeMachine: thisMachine,
    }
  }

  async version(): Promise<string> {
    const version = await within(limitMs, 'asking the Docker engine for its version', this.docker.version())
    return version.Version
  }

  async wallMs(): Promise<number | undefined> {
    const info = (await within(timeLimitMs, 'asking the Docker engine for its time', this.docker.info()).catch(
      () => undefined,
    )) as { SystemTime?: string } | undefined
    const wallMs = Date.parse(info?.SystemTime ?? '')
    return Number.isNaN(wallMs) ? undefined : wallMs
  }

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
      ...wordsOf(info.Status),
      labels: info.Labels,
      endpoints: endpointsOf(info),
      addresses: Object.values(info.NetworkSettings?.Networks ?? {}).flatMap(({ IPAddress }) => IPAddress || []),
    }))
  }

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

  async belongings(world: string): Promise<Belonging[]> {
    return belongingsOf(this, world)
  }

  async subnets(): Promise<string[]> {
    const networks = await this.docker.listNetworks()
    return networks.flatMap((network) => network.IPAM?.Config?.flatMap((config) => config.Subnet ?? []) ?? [])
  }

  async hasImage(image: string): Promise<boolean> {
    try {
      await within(limitMs, `looking for the image ${image}`, this.docker.getImage(image).inspect())
      return true
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return false
      throw error
    }
  }

  async networkAt(world: string, site: string): Promise<string | undefined> {
    const networks = await this.docker.listNetworks({
      filters: { label: [`blackstart.world=${world}`, `blackstart.site=${site}`] },
    })
    return networks[0]?.Name
  }

  async makeNetwork(world: string, site: string): Promise<string> {
    const name = `${world}-${site}`
    const labels = { 'blackstart.world': world, 'blackstart.site': site }
    await within(
      limitMs,
      `making the network ${name}`,
      this.docker.createNetwork({ Name: name, Labels: labels }).catch((error: unknown) => {
        throw new EnvironmentError(`cannot make the network ${name}: ${messageOf(error)}`, { cause: error })
      }),
    )
    return name
  }

  async follow(
    world: string,
    on: { saw: (event: EngineEvent) => void; lost: (reason: string) => void },
  ): Promise<EngineEvents> {
    return followEvents(this, world, on)
  }

  async log(container: Pick<Container, 'id' | 'service'>, options: { lines: number; since?: Date }): Promise<string> {
    return logOf(this, container, options)
  }

  async exec(container: Pick<Container, 'id'>, command: string[], options?: { user?: string }): Promise<string> {
    return execIn(this, container, command, options)
  }

  async run(container: Pick<Container, 'id'>, command: string[], limits: RunLimits): Promise<Ran> {
    return runIn(this, container, command, limits)
  }

  async start(world: string, services?: string[]): Promise<string[]> {
    return startContainers(this, world, services)
  }

  putRoutes(world: string): Promise<string[]> {
    return putMissingRoutes(this, world)
  }

  async keepRoutes(world: string): Promise<RouteKeeper> {
    return keepRoutes(this, world)
  }

  async readyToStop(world: string, services: readonly string[]): Promise<ReadyToStop> {
    return readyToStop(this, world, services)
  }

  async endDrains(world: string, drained: Drained[]): Promise<void> {
    return endDrains(this, world, drained)
  }

  async restartPolicies(world: string, services: readonly string[]): Promise<Map<string, string>> {
    return restartPolicies(this, world, services)
  }

  async visit(spec: VisitorSpec): Promise<Visitor> {
    return visit(this, spec)
  }

  async removeVisitors(world: string): Promise<string[]> {
    return removeVisitors(this, world)
  }
}

/** The engine's list tells it in words: "Up 3 seconds (health: starting)", "Exited (0) 2 minutes ago". */
export function wordsOf(status: string): Pick<Container, 'health' | 'exitStatus'> {
  const [, health] = /\((?:health: )?(starting|healthy|unhealthy)\)$/.exec(status) ?? []
  const [, exitStatus] = /^Exited \((\d+)\)/.exec(status) ?? []
  return {
    ...(health !== undefined && { health: health as NonNullable<Container['health']> }),
    ...(exitStatus !== undefined && { exitStatus: Number(exitStatus) }),
  }
}

/** World ports are published on this machine's loopback address, whatever else the engine listens on. */
function endpointsOf({ Ports }: Docker.ContainerInfo): Record<number, Endpoint> {
  return Object.fromEntries(
    Ports.filter((port) => port.PublicPort).map((port) => [
      port.PrivatePort,
      { host: loopback, port: port.PublicPort },
    ]),
  )
}
