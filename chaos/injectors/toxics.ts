/** Changes all Toxiproxy proxies of some links at the same time, with time limits, through Toxiproxy's own client. */
import type { Proxy as LinkProxy, Toxiproxy } from 'toxiproxy-node-client'
import { failuresIn } from '../all-done.ts'
import { CannotRun } from '../engine/engine.ts'
import { InstrumentError, messageOf } from '../errors.ts'
import type { Relay, Stream, Toxic } from '../faults/reach.ts'
import { enableProxies, removeToxics, toxicPrefix, toxiproxyOf } from '../stack/toxiproxy.ts'
import type { Link, Topology } from '../topology/topology.ts'
import { within } from '../wait.ts'
import type { Ground } from './prepared.ts'
import { apart, routedRefusal, routedToxic, together } from './routed.ts'
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
      const api = toxiproxyOf(node)
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
async function onEveryProxy(
  groups: LinkProxies[],
  doing: string,
  act: (proxy: LinkProxy, link: Link) => Promise<unknown>,
): Promise<number> {
  const proxies = groups.flatMap((group) => group.proxies.map((proxy) => ({ proxy, link: group.link })))
  const results = await Promise.allSettled(
    proxies.map(({ proxy, link }) => within(limitMs, `${doing} ${proxy.name}`, act(proxy, link))),
  )
  const failed = failuresIn(
    results,
    proxies.map(({ proxy }) => proxy.name),
  )
  if (failed.length > 0)
    throw new InstrumentError(
      `${doing}: ${failed.length} of ${proxies.length} proxies did not follow (${failed.slice(0, 3).join('; ')})`,
    )
  return proxies.length
}

/** A toxic on everything that these links carry, on the streams that `on` names for each. */
export async function toxicSwitch(
  links: Link[],
  ground: Ground,
  toxic: Toxic,
  on?: (relay: Relay, link: Link) => Stream[],
): Promise<Switch> {
  const { relaying, routing } = apart(links, ground.topology)
  return together([
    ...(routing.length > 0 ? [await routedToxic(routing, ground, toxic, on)] : []),
    ...(relaying.length > 0 || routing.length === 0 ? [await relayedToxic(relaying, ground, toxic, on)] : []),
  ])
}

async function relayedToxic(
  links: Link[],
  { topology }: Ground,
  toxic: Toxic,
  on?: (relay: Relay, link: Link) => Stream[],
): Promise<Switch> {
  const groups = await proxiesOf(links, topology)
  const names = links.map((link) => link.name)
  const streams = new Map(
    groups.flatMap(({ link, proxies }) =>
      proxies.map((proxy): [LinkProxy, Stream[]] => [
        proxy,
        on ? on(relayOf(proxy, link, topology), link) : ['upstream', 'downstream'],
      ]),
    ),
  )
  return {
    undo: { do: 'remove-toxics', links: names },
    async on(faultId) {
      let acts = 0
      await onEveryProxy(groups, `adding ${toxic.type} to`, (proxy) =>
        Promise.all(
          (streams.get(proxy) ?? []).map((stream) => {
            acts++
            return proxy.addToxic({ name: `${toxicPrefix(faultId)}${stream}`, stream, toxicity: 1, ...toxic })
          }),
        ),
      )
      return acts
    },
    async off(faultId) {
      await removeToxics(topology, names, toxicPrefix(faultId))
    },
    async dispose() {},
  }
}

/** These links refuse: every proxy is disabled, and packets that are passed on are rejected. */
export async function refusingSwitch(links: Link[], ground: Ground): Promise<Switch> {
  const { relaying, routing } = apart(links, ground.topology)
  return together([
    ...(routing.length > 0 ? [await routedRefusal(routing, ground)] : []),
    ...(relaying.length > 0 || routing.length === 0 ? [await proxySwitch(relaying, ground)] : []),
  ])
}

async function proxySwitch(links: Link[], { topology }: Ground): Promise<Switch> {
  const groups = await proxiesOf(links, topology)
  const names = links.map((link) => link.name)
  return {
    undo: { do: 'enable-proxies', links: names },
    on: () =>
      onEveryProxy(groups, 'disabling', (proxy) =>
        proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream }),
      ),
    async off() {
      await enableProxies(topology, names)
    },
    async dispose() {},
  }
}

/** Who is behind a proxy. Its upstream is named after the node: `pg-east-a` or `pg-east-a.direct`. */
function relayOf(proxy: LinkProxy, link: Link, topology: Topology): Relay {
  const name = proxy.upstream.split(/[.:]/)[0]
  const node = topology.nodes.find((each) => each.name === name)
  if (!node || !link.sites.includes(node.site)) {
    throw new CannotRun(
      `the proxy ${proxy.name} of ${link.name} leads to "${proxy.upstream}", which is no node of ${link.sites.join(' or ')}, so the direction of its bytes is not known`,
    )
  }
  return { node: node.name, site: node.site }
}
