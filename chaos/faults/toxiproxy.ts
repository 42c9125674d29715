/** What hang and refuse share: reaching every proxy of the links at once, with limits, through Toxiproxy's own client. */
import { Toxiproxy, type Proxy } from 'toxiproxy-node-client'
import { portOf, type Link, type Topology } from '../topology/topology.ts'
import { InstrumentError, messageOf } from '../errors.ts'
import { within } from '../wait.ts'
import type { Gone } from './fault.ts'
import type { ResolvedTarget } from './targets.ts'

const limitMs = 3_000

export interface LinkProxies { link: Link; api: Toxiproxy; proxies: Proxy[] }

/** Every proxy of these links, with connections to their APIs open. */
export async function proxiesOf(links: Link[], topology: Topology): Promise<LinkProxies[]> {
  return Promise.all(links.map(async (link) => {
    const node = topology.nodes.find((each) => each.name === link.name)
    if (!node) throw new InstrumentError(`the link ${link.name} has no node`)
    const api = new Toxiproxy(`http://127.0.0.1:${portOf(node, 'api')}`)
    try {
      const proxies = Object.values(await within(limitMs, `asking ${link.name} for its proxies`, api.getAll()))
      return { link, api, proxies }
    } catch (error) {
      throw new InstrumentError(`Toxiproxy of ${link.name} does not answer: ${messageOf(error)}`, { cause: error })
    }
  }))
}

/** Does the same to every proxy, all at once. */
export async function onEveryProxy(groups: LinkProxies[], doing: string, act: (proxy: Proxy) => Promise<unknown>): Promise<number> {
  const proxies = groups.flatMap((group) => group.proxies)
  const results = await Promise.allSettled(proxies.map((proxy) => within(limitMs, `${doing} ${proxy.name}`, act(proxy))))
  const failed = results.flatMap((result, index) => (result.status === 'rejected' ? [`${proxies[index]?.name}: ${messageOf(result.reason)}`] : []))
  if (failed.length > 0) throw new InstrumentError(`${doing}: ${failed.length} of ${proxies.length} proxies did not follow (${failed.slice(0, 3).join('; ')})`)
  return proxies.length
}

/** Both directions of every link that is cut. */
export function goneWithLinks(target: ResolvedTarget): Gone {
  return { nodes: [], edges: target.links.flatMap(({ sites: [a, b] }) => [{ from: a, to: b }, { from: b, to: a }]) }
}

export function onlyLinks(kind: string, target: ResolvedTarget): string | undefined {
  if (target.links.length === 0) return `${kind} acts on links: give it a region or a link, not ${target.name}`
  return undefined
}
