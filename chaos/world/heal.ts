/** Undoing faults from the outside: by what the world itself shows, whoever injected them. */
import { setTimeout as delay } from 'node:timers/promises'
import { Toxiproxy } from 'toxiproxy-node-client'
import { portOf, type Node, type Topology } from '../topology/topology.ts'
import { EnvironmentError, messageOf } from '../errors.ts'
import { fewAtATime, within } from '../wait.ts'
import { isVisitor, type Container, type Engine } from './engine.ts'
import { execIn } from './exec.ts'
import { removeRules } from './rules.ts'

/** The file that fills a disk. */
export const balloon = '.blackstart-balloon'
/** The period of a quota of ours, in microseconds: nobody else would choose it, so it marks whom we starve. */
export const starvedPeriodUs = 99_991
const usualPeriodUs = 100_000

/** What the names of a fault's toxics start with. */
export function toxicPrefix(faultId = ''): string {
  return faultId ? `blackstart-${faultId}-` : 'blackstart-'
}

const apiLimitMs = 5_000
const startLimitMs = 30_000
/** A container without processes is known to have ended within seconds; one that merely would not tell goes on. */
const endLimitMs = 10_000

/** What others wait for comes first. */
const bootOrder = ['dcs', 'link', 'beacon', 'database', 'router', 'app']

/**
 * Thaws those of these nodes' containers that are paused, all at once, and starts those that are stopped, one after the other: the
 * engine's work for nine starts at once would take the machine away from the regions that are up. Returns the names of those it had
 * to start or thaw.
 * @throws EnvironmentError, when all others run, naming those that did not follow and those that were removed
 */
export async function startContainers(engine: Engine, world: string, services?: string[]): Promise<string[]> {
  const place = (role: string | undefined) => (bootOrder.includes(role ?? '') ? bootOrder.indexOf(role ?? '') : bootOrder.length)
  const all = await statesNow(engine, await engine.containers(world))
  const removed = (services ?? []).filter((service) => !all.some((container) => container.service === service))
  const containers = all
    .filter((container) => (services ? services.includes(container.service) : !isVisitor(container)) && container.state !== 'running')
    .toSorted((a, b) => place(a.labels['blackstart.role']) - place(b.labels['blackstart.role']))
  const [paused, stopped] = [containers.filter(({ state }) => state === 'paused'), containers.filter(({ state }) => state !== 'paused')]
  const results = [
    ...await Promise.allSettled(paused.map((container) => mend(container, (found) => found.unpause()))),
    ...await fewAtATime(1, stopped.map((container) => () => mend(container, (found) => found.start()))),
    ...await Promise.allSettled(removed.map(async () => { throw new Error('it was removed, and "npx blackstart up" makes it anew') })),
  ]
  return collect('starting', results, [...paused, ...stopped].map((container) => container.service).concat(removed))

  async function mend({ id, service }: Container, act: (container: ReturnType<Engine['docker']['getContainer']>) => Promise<unknown>): Promise<string> {
    await within(startLimitMs, `starting ${service}`, act(engine.docker.getContainer(id)))
    return service
  }
}

/** Removes our toxics from these links; the base latency, which is the world's own, stays. Returns what was removed. */
export async function removeToxics(topology: Topology, links?: string[], namePrefix = toxicPrefix()): Promise<string[]> {
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

/**
 * The engine learns of a death late: for seconds after nine processes were killed it still calls their containers running. So each that
 * it calls running is asked for its processes; where there are none, its end is waited for.
 */
async function statesNow(engine: Engine, containers: Container[]): Promise<Container[]> {
  return Promise.all(containers.map(async (container): Promise<Container> => {
    if (container.state !== 'running') return container
    const found = engine.docker.getContainer(container.id)
    const { Processes } = await within(apiLimitMs, `asking ${container.service} for its processes`, found.top()).catch(() => ({ Processes: null }))
    if (Processes && Processes.length > 0) return container
    const { State } = await within(startLimitMs, `waiting until the engine knows whether ${container.service} runs`, untilKnown())
    return { ...container, state: State.Status as Container['state'] }

    async function untilKnown() {
      await Promise.race([found.wait().catch(() => {}), delay(endLimitMs)])
      return found.inspect()
    }
  }))
}

export interface CpuShare { service: string; quotaUs: number; periodUs: number }

/** Gives nodes the quota of processor time that they had; of those that are gone, nothing is left to restore. Returns their names. */
export async function restoreCpu(engine: Engine, world: string, shares: CpuShare[]): Promise<string[]> {
  const containers = await engine.containers(world)
  const known = shares.flatMap((share) => containers.filter(({ service }) => service === share.service).map(({ id }) => ({ ...share, id })))
  const results = await Promise.allSettled(known.map(async ({ id, service, quotaUs, periodUs }) => {
    // Zero means "as it is" to the engine, and −1 "none".
    await within(apiLimitMs, `giving ${service} its processor back`, engine.docker.getContainer(id).update({ CpuQuota: quotaUs || -1, CpuPeriod: periodUs || usualPeriodUs }))
    return service
  }))
  return collect('restoring', results, known.map((share) => share.service))
}

/** Whoever has a quota by our mark, with none as what they had: who had one of their own is in the ledger. */
async function starved(engine: Engine, containers: Container[]): Promise<CpuShare[]> {
  const looks = await Promise.all(containers.map(async ({ id, service }) => {
    const { HostConfig } = await within(apiLimitMs, `inspecting ${service}`, engine.docker.getContainer(id).inspect())
    return HostConfig.CpuPeriod === starvedPeriodUs ? { service, quotaUs: 0, periodUs: 0 } : undefined
  }))
  return looks.filter((share) => share !== undefined)
}

/** Removes the files that fill disks. Returns the names of the nodes that had one. */
export async function removeBalloons(engine: Engine, world: string, disks: { service: string; path: string }[]): Promise<string[]> {
  const containers = (await engine.containers(world)).filter(({ state }) => state === 'running')
  const known = disks.flatMap((disk) => containers.filter(({ service }) => service === disk.service).map(({ id }) => ({ ...disk, id })))
  const results = await Promise.allSettled(known.map(async ({ id, service, path }) => {
    const file = `${path}/${balloon}`
    const said = await execIn(engine, engine.docker.getContainer(id), ['sh', '-c', `test ! -e ${file} || { rm -f ${file} && echo removed; }`], { user: 'root' })
    return said.includes('removed') ? [service] : []
  }))
  return collect('emptying the disk of', results, known.map(({ service }) => service)).flat()
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
 * Heals a whole world from its labels alone: stopped and paused containers run again, our toxics, rules, quotas and files are gone,
 * proxies are enabled, and no load runs any more. Returns a line for each thing that had to be healed. The caller holds the world's
 * lock. What one step cannot heal does not keep the others from healing.
 * @throws EnvironmentError, when everything was tried, with what was healed and what was not
 */
export async function healWorld(engine: Engine, world: string): Promise<string[]> {
  const lines: string[] = []
  const errors: unknown[] = []
  const heal = async (work: () => Promise<string[]>) => {
    try {
      lines.push(...await work())
    } catch (error) {
      errors.push(error)
    }
  }
  await heal(async () => (await removeVisitors(engine, world)).map((name) => `${name}: removed`))
  await heal(async () => (await startContainers(engine, world)).map((name) => `${name}: started`))
  // Only now do all links publish their ports.
  const topology = await engine.topology(world)
  const containers = (await engine.containers(world)).filter((container) => !isVisitor(container))
  const links = topology.nodes.filter((node) => node.role === 'link').map((node) => node.name)
  const disks = topology.nodes.flatMap((node) => (node.attributes['disk.path'] ? [{ service: node.name, path: node.attributes['disk.path'] }] : []))
  await Promise.all([
    heal(async () => byLink(await removeToxics(topology), 'toxics', 'removed')),
    heal(async () => byLink(await enableProxies(topology), 'proxies', 'enabled')),
    heal(async () => byLink(await removeRules(engine, world, links), 'rules', 'removed')),
    heal(async () => (await restoreCpu(engine, world, await starved(engine, containers))).map((name) => `${name}: has its processor back`)),
    heal(async () => (await removeBalloons(engine, world, disks)).map((name) => `${name}: disk emptied`)),
  ])
  if (errors.length > 0) throw new EnvironmentError(`${lines.length > 0 ? `healed ${lines.join(', ')}; but ` : ''}${errors.map(messageOf).join('; ')}`, { cause: errors[0] })
  return lines
}
