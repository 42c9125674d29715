/** Toxiproxy on each link: its proxies, and the toxics that Blackstart adds to them. */
import { Toxiproxy } from 'toxiproxy-node-client'
import { allDone } from '../all-done.ts'
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'
import { within } from '../wait.ts'
import { jsonOf, urlOf } from './http.ts'

const apiLimitMs = 5_000

/** The client of a link's Toxiproxy. */
export function toxiproxyOf(link: Node): Toxiproxy {
  return new Toxiproxy(urlOf(link, 'api', ''))
}

export async function toxiproxyVersion(link: Node, limits: { limitMs: number }): Promise<string | undefined> {
  return (await jsonOf<{ version?: string }>(link, 'api', '/version', limits)).version
}

/**
 * Links whose Toxiproxy does not list its proxies within 5 s. Toxiproxy 2.12 locks that list while it changes a toxic, and
 * waits there for ever if a connection holds bytes that nobody takes. New connections through that proxy then get no
 * answer.
 */
export async function muteLinks(topology: Topology): Promise<string[]> {
  const looks = await Promise.all(
    nodesOf(topology, 'link').map(async (link) => {
      try {
        await jsonOf(link, 'api', '/proxies', { limitMs: apiLimitMs })
        return []
      } catch (error) {
        // One that refuses is starting, or gone: that is not this.
        return error instanceof Error && error.name === 'TimeoutError' ? [link.name] : []
      }
    }),
  )
  return looks.flat()
}

/** What the names of a fault's toxics start with. */
export function toxicPrefix(faultId = ''): string {
  return faultId ? `blackstart-${faultId}-` : 'blackstart-'
}

/** Removes our toxics from these links; the base latency, which is the world's own, stays. Returns what was removed. */
export async function removeToxics(
  topology: Topology,
  links?: string[],
  namePrefix = toxicPrefix(),
): Promise<string[]> {
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

async function onProxies(
  topology: Topology,
  links: string[] | undefined,
  act: (proxy: ListedProxy, name: string) => Promise<string[]>,
): Promise<string[]> {
  const nodes = topology.nodes.filter((node) => node.role === 'link' && (!links || links.includes(node.name)))
  const results = await Promise.allSettled(
    nodes.map((node) => within(apiLimitMs, `healing ${node.name}`, onNode(node, act))),
  )
  return allDone(
    'healing',
    results,
    nodes.map((node) => node.name),
  ).flat()
}

async function onNode(node: Node, act: (proxy: ListedProxy, name: string) => Promise<string[]>): Promise<string[]> {
  const proxies = Object.values(await toxiproxyOf(node).getAll())
  return (await Promise.all(proxies.map((proxy) => act(proxy, `${node.name} ${proxy.name}`)))).flat()
}
