/** Undoing faults from the outside: by what the world itself shows, whoever injected them. */
import { Toxiproxy } from 'toxiproxy-node-client'
import { portOf, type Node, type Topology } from '../topology/topology.ts'
import { EnvironmentError, messageOf } from '../errors.ts'
import { fewAtATime, within } from '../wait.ts'
import { isVisitor, type Engine } from './engine.ts'

const apiLimitMs = 5_000
const startLimitMs = 30_000

/** What others wait for comes first. */
const bootOrder = ['dcs', 'link', 'beacon', 'database', 'router', 'app']

/**
 * Starts those of these nodes' containers that are stopped or paused, one after the other: the engine's work for nine starts at once
 * would take the machine away from the regions that are up. Returns the names of those it had to start.
 */
export async function startContainers(engine: Engine, world: string, services?: string[]): Promise<string[]> {
  const place = (role: string | undefined) => (bootOrder.includes(role ?? '') ? bootOrder.indexOf(role ?? '') : bootOrder.length)
  const containers = (await engine.containers(world))
    .filter((container) => (services ? services.includes(container.service) : !isVisitor(container)) && container.state !== 'running')
    .toSorted((a, b) => place(a.labels['blackstart.role']) - place(b.labels['blackstart.role']))
  const results = await fewAtATime(1, containers.map(({ id, service, state }) => async () => {
    const container = engine.docker.getContainer(id)
    await within(startLimitMs, `starting ${service}`, state === 'paused' ? container.unpause() : container.start())
    return service
  }))
  return collect('starting', results, containers.map((container) => container.service))
}

/** Removes our toxics from these links; the base latency, which is the world's own, stays. Returns what was removed. */
export async function removeToxics(topology: Topology, links?: string[], namePrefix = 'blackstart-'): Promise<string[]> {
  return onProxies(topology, links, async (proxy, name) => {
    const ours = (await toxicNames(proxy)).filter((toxic) => toxic.startsWith(namePrefix))
    await Promise.all(ours.map(async (toxic) => (await proxy.getToxic(toxic)).remove()))
    return ours.map((toxic) => `${name}: ${toxic}`)
  })
}

/** The client keeps no list of a proxy's toxics, so the API is asked. */
async function toxicNames(proxy: ListedProxy): Promise<string[]> {
  const response = await fetch(`${proxy.getPath()}/toxics`, { signal: AbortSignal.timeout(apiLimitMs) })
  if (!response.ok) throw new Error(`Toxiproxy answered ${response.status} when asked for the toxics of ${proxy.name}`)
  return ((await response.json()) as { name: string }[]).map((toxic) => toxic.name)
}

/** Enables the disabled proxies of these links. Returns what was enabled. */
export async function enableProxies(topology: Topology, links?: string[]): Promise<string[]> {
  return onProxies(topology, links, async (proxy, name) => {
    if (proxy.enabled) return []
    await proxy.update({ enabled: true, listen: proxy.listen, upstream: proxy.upstream })
    return [`${name}: enabled`]
  })
}

type ListedProxy = Awaited<ReturnType<Toxiproxy['getAll']>>[string]

async function onProxies(topology: Topology, links: string[] | undefined, act: (proxy: ListedProxy, name: string) => Promise<string[]>): Promise<string[]> {
  const nodes = topology.nodes.filter((node) => node.role === 'link' && (!links || links.includes(node.name)))
  const results = await Promise.allSettled(nodes.map((node) => within(apiLimitMs, `healing ${node.name}`, onNode(node, act))))
  return collect('healing', results, nodes.map((node) => node.name)).flat()
}

async function onNode(node: Node, act: (proxy: ListedProxy, name: string) => Promise<string[]>): Promise<string[]> {
  const proxies = Object.values(await new Toxiproxy(`http://127.0.0.1:${portOf(node, 'api')}`).getAll())
  return (await Promise.all(proxies.map((proxy) => act(proxy, `${node.name} ${proxy.name}`)))).flat()
}

/** Everything that worked is kept; what did not is named, all of it. */
function collect<T>(doing: string, results: PromiseSettledResult<T>[], names: string[]): T[] {
  const failed = results.flatMap((result, index) => (result.status === 'rejected' ? [`${names[index]}: ${messageOf(result.reason)}`] : []))
  if (failed.length > 0) throw new EnvironmentError(`${doing} failed for ${failed.join('; ')}`)
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** What comes and goes with a trial: load generators and helpers that a harness left behind. Returns their names. */
async function removeVisitors(engine: Engine, world: string): Promise<string[]> {
  const visitors = (await engine.containers(world)).filter(isVisitor)
  const results = await Promise.allSettled(visitors.map(async ({ id, labels }) => {
    await within(startLimitMs, 'removing what a trial left', engine.docker.getContainer(id).remove({ force: true, v: true }))
    return `${labels['blackstart.role']} container`
  }))
  return collect('removing', results, visitors.map((container) => container.service))
}

/** "link-a proxy-1: x", "link-a proxy-2: y" → "link-a: 2 toxics removed". */
function byLink(lines: string[], noun: string, done: string): string[] {
  const links = Map.groupBy(lines, (line) => line.split(' ')[0] ?? '')
  return [...links].map(([link, { length }]) => `${link}: ${length} ${noun} ${done}`)
}

/**
 * Heals a whole world from its labels alone: stopped and paused containers run again, our toxics are gone, proxies are enabled, and
 * no load runs any more. Returns a line for each thing that had to be healed. The caller holds the world's lock.
 */
export async function healWorld(engine: Engine, world: string): Promise<string[]> {
  const visitors = await removeVisitors(engine, world)
  const started = await startContainers(engine, world)
  // Only now do all links publish their ports.
  const topology = await engine.topology(world)
  const [toxics, proxies] = await Promise.all([removeToxics(topology), enableProxies(topology)])
  return [...visitors.map((name) => `${name}: removed`), ...started.map((name) => `${name}: started`), ...byLink(toxics, 'toxics', 'removed'), ...byLink(proxies, 'proxies', 'enabled')]
}
