/** Brings a world up, with Compose. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Engine } from '../engine/engine.ts'
import { EnvironmentError, messageOf } from '../errors.ts'
import { packageRoot, workRoot } from '../roots.ts'
import { checkPasswordNames } from '../stack/access.ts'
import { placeDcsLeader } from '../stack/etcd.ts'
import type { Topology } from '../topology/topology.ts'
import { makeWorld, worldFileOf } from './generated.ts'
import { Hopeless } from './hopeless.ts'
import { getImages } from './images.ts'
import { isAbout, notHealthy, untilLinksRelay, untilReady } from './ready.ts'
import { checkWorldName, chooseSettings, environmentOf, readSettings, type Settings } from './settings.ts'
import { straysIn } from './strays.ts'

export interface UpOptions {
  engine: Engine
  world: string
  /** Compose files to merge; the reference world by default. */
  files?: string[] | undefined
  signal?: AbortSignal | undefined
  /** Called with what happens now, often; only changes are worth showing. */
  progress?: ((text: string) => void) | undefined
  /** Called with what a generated world has otherwise than the user's file, once for each. */
  tell?: ((note: string) => void) | undefined
  /** How long the nodes may take until they are ready, once all of them run. */
  readyLimitMs?: number | undefined
}

/** Brings a world up and waits until it is ready. A world that is up already is only waited for. */
export async function up({ engine, world, files, signal, progress, tell, readyLimitMs }: UpOptions): Promise<Topology> {
  checkWorldName(world)
  const path = worldFileOf(world, files)
  const settings =
    path === undefined
      ? (readSettings(world) ??
        (await chooseSettings(world, engine, files ?? [join(packageRoot, 'docker-compose.yml')])))
      : await startBetween(path, { engine, world, signal, progress, tell })
  // Until the world is ready: a node may give up meanwhile, and its restart policy starts it again.
  await using routes = await engine.keepRoutes(world)
  progress?.('starting containers')
  // A node without its routes may be why Compose gave up.
  await compose({ world, settings }, { engine, signal, progress }).finally(() => routes.check())
  return await untilUp({ engine, world, signal, progress, readyLimitMs })
}

/**
 * Makes a generated world's files and starts what lies between its sites, before the user's services: many give up when
 * they cannot reach each other at once.
 */
async function startBetween(
  path: string,
  { engine, world, signal, progress, tell }: Omit<UpOptions, 'files' | 'readyLimitMs'>,
): Promise<Settings> {
  const { settings, between, images, notes } = await makeWorld(world, { engine, path })
  for (const note of notes) tell?.(note)
  const pull = (services: string[]) => {
    progress?.('pulling images')
    return run([...composeArgs(settings), 'pull', ...services], environmentOf(world, settings), signal, progress)
  }
  await getImages(images, { engine, pull, signal })
  if (between.length > 0) {
    progress?.('starting links')
    await compose({ world, settings }, { engine, signal, progress }, ['--no-deps', ...between])
    await untilLinksRelay(await engine.topology(world), { signal })
  }
  return settings
}

function composeArgs({ files }: Settings): string[] {
  return ['compose', ...files.flatMap((file) => ['-f', file])]
}

/**
 * `docker compose up` of all services, or of those named in `more`. @throws EnvironmentError with Compose's words, and the
 * last ones of the services on which it gave up
 */
async function compose(
  { world, settings }: { world: string; settings: Settings },
  { engine, signal, progress }: Pick<UpOptions, 'engine' | 'signal' | 'progress'>,
  more: string[] = [],
): Promise<void> {
  const args = [...composeArgs(settings), 'up', '--detach', '--remove-orphans']
  try {
    await run([...args, ...more], environmentOf(world, settings), signal, progress)
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    const words = await lastWords(engine, world, givenUp(error.message, world))
    throw words.length === 0 ? error : new EnvironmentError([error.message, ...words].join('\n'), { cause: error })
  }
}

/** The services that Compose names when it gives up: unhealthy, or ended otherwise than others wait for. */
export function givenUp(words: string, world: string): string[] {
  const containers = [...words.matchAll(/container (\S+) (?:is unhealthy|exited)/g)].map(([, name = '']) =>
    name.replace(new RegExp(`^${world}-`), '').replace(/-\d+$/, ''),
  )
  const services = [...words.matchAll(/service "([^"]+)" didn't complete/g)].map(([, name = '']) => name)
  return [...new Set([...containers, ...services])]
}

/**
 * Waits until a world whose containers were started is ready, and puts the DCS leader where it belongs.
 * @throws EnvironmentError with what is missing and the last log lines of the nodes concerned; at once if a node has
 * exited, because nothing starts it again
 */
export async function untilUp({
  engine,
  world,
  signal,
  progress,
  readyLimitMs = 180_000,
}: Omit<UpOptions, 'files' | 'tell'>): Promise<Topology> {
  const topology = await engine.topology(world)
  checkPasswordNames(topology)
  let waitingFor: string[] = []
  using hopeless = new Hopeless(engine, world)
  try {
    await untilReady(topology, {
      limitMs: readyLimitMs,
      also: () => notHealthy(engine, world),
      signal: AbortSignal.any([hopeless.signal, ...(signal ? [signal] : [])]),
      progress: (missing) => {
        waitingFor = missing
        hopeless.see(missing)
        progress?.(
          missing.length === 0
            ? 'ready'
            : `waiting: ${missing[0]}${missing.length > 1 ? ` (and ${missing.length - 1} more)` : ''}`,
        )
      },
    })
  } catch (error) {
    const { reason } = hopeless
    if (!reason && !(error instanceof EnvironmentError)) throw error
    const what = reason ? `the world ${world} cannot become ready: ${reason.what}` : messageOf(error)
    // Often the reason, and hard to guess from what a node says: "No route to host".
    const strays = await straysIn(engine, topology).catch(() => [])
    const last = await lastWords(engine, world, reason?.names ?? waitingFor)
    const words = [what, ...(reason?.words ?? []), ...strays, ...last]
    throw new EnvironmentError(words.join('\n'), { cause: error })
  }
  await placeDcsLeader(topology)
  return topology
}

/** The end of the logs of up to three nodes that the world waits for. */
async function lastWords(engine: Engine, world: string, waitingFor: string[]): Promise<string[]> {
  // The reason why the world is not ready is shown in any case.
  const containers = await engine.containers(world).catch(() => [])
  const silent = containers.filter(({ service }) => waitingFor.some((missing) => isAbout(missing, service))).slice(0, 3)
  return Promise.all(
    silent.map(async (container) => {
      const log = await engine.log(container, { lines: 8 }).catch((error: unknown) => messageOf(error))
      return `${container.service} (${container.state}) said last:\n  ${log.trim().replaceAll('\n', '\n  ')}`
    }),
  )
}

/** Compose finishes what it has begun when it is asked to end; after this time it is killed. */
const composeEndMs = 20_000

/**
 * Runs docker to its end. When the signal aborts, docker is asked to end, and this rejects only when it has: what still
 * creates containers must not meet what removes them.
 */
async function run(
  args: string[],
  environment: Record<string, string>,
  signal: AbortSignal | undefined,
  progress: ((text: string) => void) | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  const lines: string[] = []
  // A group of its own: a terminal's Ctrl-C would reach it besides ours, and ours must reach its plug-in too, to which
  // docker passes on no signal.
  const child = spawn('docker', args, {
    cwd: workRoot(),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      progress?.(line.trim())
    })
  }
  let killing: NodeJS.Timeout | undefined
  const end = () => {
    signalGroup(child.pid, 'SIGTERM')
    killing = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), composeEndMs)
  }
  signal?.addEventListener('abort', end, { once: true })
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', (error) =>
        reject(
          new EnvironmentError(`cannot run docker: ${messageOf(error)}; "npx blackstart doctor" says what is missing`, {
            cause: error,
          }),
        ),
      )
      // Not "exit": the plug-in has the same pipes, and may live longer.
      child.on('close', resolve)
    })
    signal?.throwIfAborted()
    if (code === 0) return
    const last = lines
      .filter((line) => line.trim())
      .slice(-6)
      .join('\n  ')
    throw new EnvironmentError(`"docker ${args.join(' ')}" ended with status ${code}:\n  ${last}`)
  } finally {
    clearTimeout(killing)
    signal?.removeEventListener('abort', end)
  }
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name)
  } catch {
    /* it has ended */
  }
}
