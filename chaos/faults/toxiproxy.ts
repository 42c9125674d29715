/**
 * What faults by Toxiproxy share: reaching every proxy of the links at once, with limits, through Toxiproxy's own
 * client.
 */
import { Toxiproxy, type Proxy as LinkProxy } from 'toxiproxy-node-client'
import { portOf, type Link, type Topology } from '../topology/topology.ts'
import { InstrumentError, messageOf } from '../errors.ts'
import { enableProxies, removeToxics, toxicPrefix } from '../stack/toxiproxy.ts'
import { within } from '../wait.ts'
import type { FaultContext } from './fault.ts'
import type { Switch } from './switch.ts'

const limitMs = 3_000

export interface LinkProxies {
  link: Link
  api: Toxiproxy
  proxies: LinkProxy[]
}

/** Every proxy of these links, with connections to their APIs open. */
export async function proxiesOf(links: Link[], topology: Topology): Promise<LinkProxies[]> {
  return Promise.all(
    links.map(async (link) => {
      const node = topology.nodes.find((each) => each.name === link.name)
      if (!node) throw new InstrumentError(`the link ${link.name} has no node`)
      const api = new Toxiproxy(`http://127.0.0.1:${portOf(node, 'api')}`)
      try {
        const proxies = Object.values(await within(limitMs, `asking ${link.name} for its proxies`, api.getAll()))
        return { link, api, proxies }
      } catch (error) {
        throw new InstrumentError(`Toxiproxy of ${link.name} does not answer: ${messageOf(error)}`, { cause: error })
      }
    }),
  )
}

/** Does the same to every proxy, all at once. Returns how many there are. */
export async function onEveryProxy(
  groups: LinkProxies[],
  doing: string,
  act: (proxy: LinkProxy, link: Link) => Promise<unknown>,
): Promise<number> {
  const proxies = groups.flatMap((group) => group.proxies.map((proxy) => ({ proxy, link: group.link })))
  const results = await Promise.allSettled(
    proxies.map(({ proxy, link }) => within(limitMs, `${doing} ${proxy.name}`, act(proxy, link))),
  )
  const failed = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${proxies[index]?.proxy.name}: ${messageOf(result.reason)}`] : [],
  )
  if (failed.length > 0)
    throw new InstrumentError(
      `${doing}: ${failed.length} of ${proxies.length} proxies did not follow (${failed.slice(0, 3).join('; ')})`,
    )
  return proxies.length
}

/** `upstream`: from the client to the node; `downstream`: from the node to the client. */
export type Stream = 'upstream' | 'downstream'
export interface Toxic {
  type: 'timeout' | 'latency' | 'bandwidth' | 'reset_peer'
  attributes: Record<string, number>
}

/** A toxic on every proxy of these links, on the streams that `on` names for each. */
export async function toxicSwitch(
  links: Link[],
  context: FaultContext,
  toxic: Toxic,
  on: (proxy: LinkProxy, link: Link) => Stream[] = () => ['upstream', 'downstream'],
): Promise<Switch> {
  const groups = await proxiesOf(links, context.topology)
  const names = links.map((link) => link.name)
  return {
    undo: { do: 'remove-toxics', links: names },
    async on(faultId) {
      let acts = 0
      await onEveryProxy(groups, `adding ${toxic.type} to`, (proxy, link) =>
        Promise.all(
          on(proxy, link).map((stream) => {
            acts++
            return proxy.addToxic({ name: `${toxicPrefix(faultId)}${stream}`, stream, toxicity: 1, ...toxic })
          }),
        ),
      )
      return acts
    },
    async off(faultId) {
      await removeToxics(context.topology, names, toxicPrefix(faultId))
    },
    async dispose() {},
  }
}

/** Every proxy of these links, disabled. */
export async function proxySwitch(links: Link[], context: FaultContext): Promise<Switch> {
  const groups = await proxiesOf(links, context.topology)
  const names = links.map((link) => link.name)
  return {
    undo: { do: 'enable-proxies', links: names },
    on: () =>
      onEveryProxy(groups, 'disabling', (proxy) =>
        proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream }),
      ),
    async off() {
      await enableProxies(context.topology, names)
    },
    async dispose() {},
  }
}
