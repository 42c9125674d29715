/**
 * Routes of nodes whose sites are linked by way of routing, as the label `blackstart.routes` says: the subnet of the other
 * site by way of the link. A helper puts them into a node's network namespace from outside, so the node's image needs
 * nothing for it. A node that starts has a fresh namespace, so this is done after each start.
 */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { allDone } from '../../all-done.ts'
import { EnvironmentError, messageOf, UsageError } from '../../errors.ts'
import { within } from '../../wait.ts'
import type { Container, RouteKeeper } from '../engine.ts'
import type { Daemon } from './daemon.ts'
import { messageIn } from './events.ts'
import { startHelper } from './helper.ts'

const eventsLimitMs = 15_000
const label = 'blackstart.routes'
const route = /^[\d.]+\/\d+ via [\d.]+$/

/** What is known of a container that has started. */
type Started = Pick<Container, 'id' | 'labels'>

export interface Router {
  /**
   * Puts the routes of a node that has started, and says whether one was missing. A node that has none, or has died again
   * in the meantime, is left alone.
   */
  put(container: Started): Promise<boolean>
  dispose(): Promise<void>
}

export function hasRoutes({ labels }: Pick<Container, 'labels'>): boolean {
  return Boolean(labels[label])
}

/** Starts the helper that puts them. */
export async function openRouter(daemon: Pick<Daemon, 'docker'>, world: string): Promise<Router> {
  const helper = await startHelper(daemon, {
    world,
    what: 'routes between sites',
    host: {
      PidMode: 'host',
      UsernsMode: 'host',
      NetworkMode: 'none',
      CapAdd: ['NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'],
      SecurityOpt: ['apparmor=unconfined', 'label=disable'],
    },
  })
  return {
    async put({ id, labels }) {
      const its = routesIn(labels[label])
      const pid = its.length > 0 ? await pidOf(daemon, id) : 0
      if (pid === 0) return false
      const ip = `nsenter -t ${pid} -n ip route`
      const said = await helper
        .run(
          its
            .map((each) => `{ ${ip} show ${each} | grep -q . || { ${ip} replace ${each} && echo put; }; }`)
            .join(' && '),
        )
        .catch(async (error: unknown) => {
          if ((await pidOf(daemon, id)) === pid) throw error
          return ''
        })
      return said.includes('put')
    },
    dispose: helper.dispose,
  }
}

/** 0 of a container that does not run. */
async function pidOf({ docker }: Pick<Daemon, 'docker'>, id: string): Promise<number> {
  const { State } = await docker.getContainer(id).inspect()
  return State.Running ? State.Pid : 0
}

/** They become part of a command, so nothing but routes may pass. */
function routesIn(value = ''): string[] {
  const all = value.split(', ').filter(Boolean)
  const wrong = all.find((each) => !route.test(each))
  if (wrong === undefined) return all
  throw new UsageError(`the label ${label}="${value}" is wrong: "${wrong}" is not like "198.18.0.32/27 via 198.18.0.5"`)
}

/** Whoever waits for a node sees that it reaches nothing, so a failure needs no report of its own. */
const ignored = () => {}

/**
 * Puts routes that are missing in nodes that run: whoever started them died before it came to that, or knows nothing of
 * them. Returns the names of those nodes.
 */
export async function putMissingRoutes(daemon: Daemon, world: string): Promise<string[]> {
  const router = openedWhenNeeded(() => openRouter(daemon, world))
  try {
    const nodes = (await daemon.containers(world)).filter(({ state }) => state === 'running')
    const names = nodes.map(({ service }) => service)
    const put = allDone('putting routes', await Promise.allSettled(nodes.map((node) => router.put(node))), names)
    return names.filter((_, index) => put[index]).toSorted()
  } finally {
    await router.dispose()
  }
}

/**
 * Puts the routes of each node of a world that starts from now on, until it is disposed of. Before the first `up` of a world
 * nobody knows yet whether it has such nodes, so the helper is started with the first one.
 */
export async function keepRoutes(daemon: Daemon, world: string): Promise<RouteKeeper> {
  const started = await within(
    eventsLimitMs,
    'asking the engine for its events',
    daemon.docker.getEvents({
      filters: { type: ['container'], event: ['start'], label: [`blackstart.world=${world}`] },
    }),
  ).catch((cause: unknown) => {
    throw new EnvironmentError(`the engine does not tell which containers start: ${messageOf(cause)}`, { cause })
  })
  const router = openedWhenNeeded(() => openRouter(daemon, world))
  return keepPutting(router, { started: started as Readable, containers: () => daemon.containers(world) })
}

/** A router that is opened for the first node that has routes. One that could not be opened is tried again for the next. */
export function openedWhenNeeded(open: () => Promise<Router>): Router {
  let opening: Promise<Router> | undefined
  return {
    async put(container) {
      if (routesIn(container.labels[label]).length === 0) return false
      opening ??= open().catch((error) => {
        opening = undefined
        throw error
      })
      return await (await opening).put(container)
    },
    dispose: async () => await (await opening?.catch(() => undefined))?.dispose(),
  }
}

/**
 * `started`: the engine's events of containers that start, one a line. Nodes that start while nobody listens yet, or
 * just before the end, get their routes at the latest when it is disposed of.
 */
export async function keepPutting(
  router: Router,
  { started, containers }: { started: Readable; containers: () => Promise<Pick<Container, 'id' | 'labels'>[]> },
): Promise<RouteKeeper> {
  let wrong: UsageError | undefined
  const putAll = async () => await Promise.allSettled((await containers()).map((node) => router.put(node)))
  started.on('error', ignored)
  createInterface({ input: started })
    .on('line', (line) => {
      const actor = messageIn(line)?.Actor
      if (actor === undefined) return
      void router.put({ id: actor.ID, labels: actor.Attributes ?? {} }).catch((error: unknown) => {
        if (error instanceof UsageError) wrong ??= error
      })
    })
    .on('error', ignored)
  try {
    for (const result of await putAll()) if (result.status === 'rejected') throw result.reason
  } catch (error) {
    started.destroy()
    await router.dispose()
    throw error
  }
  return {
    check() {
      if (wrong) throw wrong
    },
    async [Symbol.asyncDispose]() {
      started.destroy()
      await putAll().catch(ignored)
      await router.dispose()
    },
  }
}
