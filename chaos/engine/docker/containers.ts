/** Starts, stops and removes the containers of a world. */
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { allDone } from '../../all-done.ts'
import { untilRoom } from '../../host/processors.ts'
import { longestDrainMs } from '../../limits.ts'
import { fewAtATime, waitUntil, within } from '../../wait.ts'
import { type Container, type Drained, isNode, isVisitor, type ReadyToStop } from '../engine.ts'
import { type Daemon, findRunning } from './daemon.ts'
import { canBeHeldDown, letUp } from './restarts.ts'
import { hasRoutes, openRouter, type Router } from './routes.ts'

const askLimitMs = 5_000
const startLimitMs = 30_000
/**
 * The engine learns within seconds that a container without processes has ended; after this time the container is taken
 * to run.
 */
const endLimitMs = 10_000

/** How long a start waits for processor time, at the most: the world has to come back on a busy host, too. */
const roomLimitMs = 2_000

/** A database that starts replays and rewinds, an app compiles: half a second of a processor and more. */
const takesRoom = ['database', 'app']
/** What others wait for comes first. */
const bootOrder = ['dcs', 'link', 'beacon', 'database', 'router', 'app']

/**
 * Thaws those of these nodes' containers that are paused, all at once, and starts those that are stopped. Databases and
 * apps start one after the other, when the machine has processor time for them: all at once they would take it away from
 * the regions that are up. The others start meanwhile, one after the other.
 * Returns the names of those it had to start or thaw.
 * @throws EnvironmentError, when all others run, naming those that did not follow and those that were removed
 */
export async function startContainers(daemon: Daemon, world: string, services?: string[]): Promise<string[]> {
  const place = (role: string | undefined) =>
    bootOrder.includes(role ?? '') ? bootOrder.indexOf(role ?? '') : bootOrder.length
  // Of helpers nothing is asked: another fault's may go at any moment.
  const meant = (await daemon.containers(world)).filter(
    (container) => services?.includes(container.service) ?? isNode(container),
  )
  const all = await statesNow(daemon, meant)
  const removed = (services ?? []).filter((service) => !all.some((container) => container.service === service))
  const containers = all
    .filter(({ state }) => state !== 'running')
    .toSorted((a, b) => place(a.labels['blackstart.role']) - place(b.labels['blackstart.role']))
  const [paused, stopped] = parted(containers, ({ state }) => state === 'paused')
  const [heavy, light] = parted(stopped, ({ labels }) => takesRoom.includes(labels['blackstart.role'] ?? ''))
  await using router = await routerFor(daemon, world, stopped)
  const start = async (container: Container): Promise<string> => {
    const name = await mend(container, (found) => found.start())
    await router.put(container)
    return name
  }
  const [thawed, ...begun] = await Promise.all([
    Promise.allSettled(paused.map((container) => mend(container, (found) => found.unpause()))),
    fewAtATime(
      1,
      light.map((container) => () => start(container)),
    ),
    fewAtATime(
      1,
      heavy.map((container, index) => async () => {
        if (index > 0) await untilRoom(roomLimitMs)
        return start(container)
      }),
    ),
  ])
  const results = [
    ...thawed,
    ...begun.flat(),
    ...(await Promise.allSettled(
      removed.map(async () => {
        throw new Error('it was removed, and "npx blackstart up" creates it again')
      }),
    )),
  ]
  const started = allDone(
    'starting',
    results,
    [...paused, ...light, ...heavy].map((container) => container.service).concat(removed),
  )
  // Also those that run: a fault that was never injected may have been about to kill them.
  await letUp(daemon, all)
  return started

  async function mend(
    { id, service }: Container,
    act: (container: Docker.Container) => Promise<unknown>,
  ): Promise<string> {
    await within(startLimitMs, `starting ${service}`, act(daemon.docker.getContainer(id)).catch(unlessDone))
    return service
  }
}

function parted<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}

/** What puts the routes of nodes that are about to be started; nothing, where none has any. */
async function routerFor(
  daemon: Daemon,
  world: string,
  containers: Container[],
): Promise<Pick<Router, 'put'> & AsyncDisposable> {
  const router = containers.some(hasRoutes) ? await openRouter(daemon, world) : undefined
  return {
    put: async (container) => (await router?.put(container)) ?? false,
    async [Symbol.asyncDispose]() {
      await router?.dispose()
    },
  }
}

/**
 * The engine learns of a death late: for seconds after nine processes were killed it still calls their containers
 * running. So each that it calls running is asked for its processes; if there are none, or only dead ones that are not
 * reaped yet, this waits for its end.
 */
async function statesNow(daemon: Daemon, containers: Container[]): Promise<Container[]> {
  return Promise.all(
    containers.map(async (container): Promise<Container> => {
      if (container.state !== 'running') return container
      const found = daemon.docker.getContainer(container.id)
      const alive = await within(
        askLimitMs,
        `asking ${container.service} for its processes`,
        found.top({ ps_args: '-eo pid,stat' }),
      ).then(
        ({ Processes }) => (Processes as string[][] | null)?.some(([, stat]) => !stat?.startsWith('Z')),
        () => false,
      )
      if (alive) return container
      const { State } = await within(
        startLimitMs,
        `waiting until the engine knows whether ${container.service} runs`,
        untilKnown(),
      )
      return { ...container, state: State.Status as Container['state'] }

      async function untilKnown() {
        await Promise.race([found.wait().catch(() => {}), delay(endLimitMs)])
        return found.inspect()
      }
    }),
  )
}

/**
 * Restart policies of those of these nodes that the engine restarts when a fault kills them: "unless-stopped". Not of
 * those that are held down.
 */
export async function restartPolicies(
  daemon: Daemon,
  world: string,
  services: readonly string[],
): Promise<Map<string, string>> {
  const containers = (await daemon.containers(world))
    .filter(({ service }) => services.includes(service))
    .filter((container) => !canBeHeldDown(container))
  const found = await Promise.all(
    containers.map(async ({ id, service }) => {
      const { HostConfig } = await within(askLimitMs, `inspecting ${service}`, daemon.docker.getContainer(id).inspect())
      return [service, HostConfig.RestartPolicy?.Name ?? ''] as const
    }),
  )
  return new Map(found.filter(([, policy]) => policy !== '' && policy !== 'no'))
}

/** The engine's "not modified": it was done already, for a process that asked before and was killed. */
function unlessDone(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 304) throw error
}

/** Finds these nodes, so that each can be stopped without a lookup. */
export async function readyToStop(daemon: Daemon, world: string, services: readonly string[]): Promise<ReadyToStop> {
  const running = await findRunning(daemon, world, services)
  return {
    drained: running.map(({ service, startedAt }) => ({ service, startedAt })),
    async stop(service) {
      const found = running.find((each) => each.service === service)
      if (!found) throw new Error(`${service} was not made ready to be stopped`)
      await found.container.stop().catch(unlessDone)
    },
  }
}

/**
 * Waits until the drained nodes have ended, within the grace period of each. They are asked once more to end, since the
 * first request may not have been sent.
 */
export async function endDrains(daemon: Daemon, world: string, drained: Drained[]): Promise<void> {
  const containers = await daemon.containers(world)
  const results = await Promise.allSettled(
    drained.map(async ({ service, startedAt }) => {
      const found = containers.find((container) => container.service === service)
      if (!found) return
      const container = daemon.docker.getContainer(found.id)
      const { State } = await within(askLimitMs, `inspecting ${service}`, container.inspect())
      if (State.Running && State.StartedAt === startedAt)
        await within(longestDrainMs, `stopping ${service}`, container.stop().catch(unlessDone))
    }),
  )
  allDone(
    'ending the drain of',
    results,
    drained.map(({ service }) => service),
  )
}

/** Removes load generators and helpers that an earlier process left behind. Returns their names. */
export async function removeVisitors(daemon: Daemon, world: string): Promise<string[]> {
  const visitors = (await daemon.containers(world)).filter(isVisitor)
  const results = await Promise.allSettled(
    visitors.map(async ({ id, labels }) => {
      await within(startLimitMs, 'removing what a trial left', removed(daemon.docker.getContainer(id)))
      return `${labels['blackstart.role']} container`
    }),
  )
  return allDone(
    'removing',
    results,
    visitors.map((container) => container.service),
  )
}

/**
 * Removes a container, or waits until it is gone, if the engine is removing it already, as it does with visitors that
 * have ended.
 */
async function removed(container: Docker.Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true })
  } catch (error) {
    const { statusCode } = error as { statusCode?: number }
    if (statusCode === 404) return
    if (statusCode !== 409) throw error
    await waitUntil(
      async () => {
        const { State } = await container.inspect().catch((gone: { statusCode?: number }) => {
          if (gone.statusCode === 404) return { State: undefined }
          throw gone
        })
        return State ? { done: false, seen: State.Status } : { done: true, value: undefined }
      },
      { until: 'it is gone', limitMs: startLimitMs, everyMs: 20 },
    )
  }
}
