/** Bringing a world up, through Compose, and down, by its label alone. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { EnvironmentError, messageOf } from '../errors.ts'
import { fewAtATime, within } from '../wait.ts'
import type { Topology } from '../topology/topology.ts'
import { checkPasswordNames } from './access.ts'
import { isNode, type Engine } from './engine.ts'
import { logOf } from './logs.ts'
import { placeDcsLeader } from './placement.ts'
import { isAbout, untilReady } from './ready.ts'
import { checkWorldName, chooseSettings, environmentOf, forgetSettings, readSettings } from './settings.ts'
import { projectRoot } from './state.ts'

export interface UpOptions {
  engine: Engine
  world: string
  /** Compose files to merge; the reference world by default. */
  files?: string[] | undefined
  signal?: AbortSignal | undefined
  /** Called with what happens now, often; only changes are worth showing. */
  progress?: ((text: string) => void) | undefined
}

const readyLimitMs = 180_000
const endedEveryMs = 1_000

/** Brings a world up and waits until it is ready. A world that is up already is only waited for. */
export async function up({ engine, world, files, signal, progress }: UpOptions): Promise<Topology> {
  checkWorldName(world)
  const settings = readSettings(world) ?? await chooseSettings(world, engine, files ?? [join(projectRoot, 'docker-compose.yml')])
  const args = ['compose', ...settings.files.flatMap((file) => ['-f', file]), 'up', '--detach', '--remove-orphans']
  progress?.('starting containers')
  await run(args, environmentOf(world, settings), signal, progress)
  return untilUp({ engine, world, signal, progress })
}

/**
 * Waits until a world whose containers were started is ready, and puts the DCS leader where it belongs.
 * @throws EnvironmentError with what is missing and the last words of who is to blame; at once where a node has ended by itself, for nothing starts it again
 */
export async function untilUp({ engine, world, signal, progress }: Omit<UpOptions, 'files'>): Promise<Topology> {
  const topology = await engine.topology(world)
  checkPasswordNames(topology)
  let waitingFor: string[] = []
  const hopeless = new AbortController()
  const watch = setInterval(async () => {
    const ended = await endedNodes(engine, world).catch(() => [])
    if (ended.length > 0) hopeless.abort(ended)
  }, endedEveryMs)
  try {
    await untilReady(topology, {
      limitMs: readyLimitMs, signal: AbortSignal.any([hopeless.signal, ...(signal ? [signal] : [])]),
      progress: (missing) => {
        waitingFor = missing
        progress?.(missing.length === 0 ? 'ready' : `waiting: ${missing[0]}${missing.length > 1 ? ` (and ${missing.length - 1} more)` : ''}`)
      },
    })
  } catch (error) {
    const ended = hopeless.signal.aborted ? (hopeless.signal.reason as string[]) : undefined
    if (!ended && !(error instanceof EnvironmentError)) throw error
    const what = ended ? `the world ${world} will not be ready: ${ended.join(', ')} ended by itself` : messageOf(error)
    throw new EnvironmentError([what, ...(await lastWords(engine, world, ended ?? waitingFor))].join('\n'), { cause: error })
  } finally {
    clearInterval(watch)
  }
  await placeDcsLeader(topology)
  return topology
}

async function endedNodes(engine: Engine, world: string): Promise<string[]> {
  return (await engine.containers(world)).filter((container) => isNode(container) && container.state === 'exited').map(({ service }) => service)
}

/** The end of the logs of up to three nodes that the world waits for. */
async function lastWords(engine: Engine, world: string, waitingFor: string[]): Promise<string[]> {
  const containers = await engine.containers(world)
  const silent = containers.filter(({ service }) => waitingFor.some((missing) => isAbout(missing, service))).slice(0, 3)
  return Promise.all(silent.map(async (container) => {
    const log = await logOf(engine, container, { lines: 8 }).catch((error: unknown) => messageOf(error))
    return `${container.service} (${container.state}) said last:\n  ${log.trim().replaceAll('\n', '\n  ')}`
  }))
}

async function run(args: string[], environment: Record<string, string>, signal: AbortSignal | undefined, progress: ((text: string) => void) | undefined): Promise<void> {
  const lines: string[] = []
  const child = spawn('docker', args, { cwd: projectRoot, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], ...(signal && { signal }) })
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      progress?.(line.trim())
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) => reject(signal?.aborted ? signal.reason : new EnvironmentError(`cannot run docker: ${messageOf(error)}; "npx blackstart doctor" says what is missing`, { cause: error })))
    child.on('close', resolve)
  })
  if (code === 0) return
  const last = lines.filter((line) => line.trim()).slice(-6).join('\n  ')
  throw new EnvironmentError(`"docker ${args.join(' ')}" ended with status ${code}:\n  ${last}`)
}

/**
 * Removes everything that carries the world's label: containers, networks, volumes. Nothing else is touched, and nothing but the
 * label is needed. Returns how much of each was there.
 */
export async function down(engine: Engine, world: string): Promise<{ containers: number; networks: number; volumes: number }> {
  checkWorldName(world)
  const filters = { label: [`blackstart.world=${world}`] }
  const containers = await engine.docker.listContainers({ all: true, filters })
  await allOf('removing', containers.map(({ Id, Names }) => ({ name: Names[0] ?? Id, work: () => engine.docker.getContainer(Id).remove({ force: true, v: true }) })))
  const networks = await engine.docker.listNetworks({ filters })
  const { Volumes: volumes } = await engine.docker.listVolumes({ filters })
  await allOf('removing', [
    ...networks.map(({ Id, Name }) => ({ name: Name, work: () => engine.docker.getNetwork(Id).remove() })),
    ...(volumes ?? []).map(({ Name }) => ({ name: Name, work: () => engine.docker.getVolume(Name).remove() })),
  ])
  forgetSettings(world)
  return { containers: containers.length, networks: networks.length, volumes: (volumes ?? []).length }
}

/** How many removals the engine is asked for at once: more do not end sooner, and each holds a few processes of the engine. */
const removalsAtOnce = 6

async function allOf(doing: string, jobs: { name: string; work: () => Promise<unknown> }[]): Promise<void> {
  const results = await fewAtATime(removalsAtOnce, jobs.map(({ name, work }) => () => within(60_000, `${doing} ${name}`, work())))
  const failed = results.flatMap((result, index) => {
    if (result.status === 'fulfilled') return []
    // Somebody else was faster: what was to be removed is gone.
    if ((result.reason as { statusCode?: number }).statusCode === 404) return []
    return [`${jobs[index]?.name}: ${messageOf(result.reason)}`]
  })
  if (failed.length > 0) throw new EnvironmentError(`${doing} failed for ${failed.join('; ')}`)
}
