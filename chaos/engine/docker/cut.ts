/**
 * Drops packets with netfilter rules in a link's own network namespace, where the two sites meet, on existing and new
 * connections: all of them, or those of lose.ts. Or in a node's own, for isolate.ts. Each fault has a table of its own,
 * so that one can be healed without the others. The engine's gateway stays reachable: through it Blackstart talks to the
 * link's Toxiproxy, and to nodes, and that is no traffic between the sites.
 */
import { failuresIn } from '../../all-done.ts'
import { InstrumentError, messageOf } from '../../errors.ts'
import { CannotRun, type Cut, type CutLinks, type Lose, type ReadyToCut } from '../engine.ts'
import { dropAll } from './cut-all.ts'
import type { Daemon } from './daemon.ts'
import { type Helper, startHelper } from './helper.ts'
import { isolate, isolationIn, neighboursOf, sendTo } from './isolate.ts'
import { checkSubnets, countsIn, isLoss, loseSome } from './lose.ts'

const prefix = 'blackstart_'

/** A helper at a link, and what it needs to know for its rules. */
interface Hand {
  world: string
  link: string
  helper: Helper
  /** Of its container, which has another network namespace each time it is started. */
  id: string
  startedAt: string
  gateways: string[]
  /** Addresses of others, where it is to be isolated. */
  neighbours: string[]
  /** Table → the sites whose packets it loses, in the order of its counters. */
  losing: Map<string, string[]>
  /** The tables that isolate it. */
  isolating: Set<string>
}

export function cutLinksOf(daemon: Daemon): CutLinks {
  // Those that wait at a link can also read what was counted there. Another helper would take a second to start.
  const hands = new Set<Hand>()
  return {
    ready: (world, links, how = () => 'all') => readyToCut(daemon, hands, { world, links, how }),
    async losses(world, link, faultId) {
      const table = tableOf(faultId)
      const hand = [...hands].find((each) => each.world === world && each.link === link && each.losing.has(table))
      if (!hand) throw new InstrumentError(`no packets are lost at ${link} by ${faultId}, so none are counted`)
      return countsIn(await hand.helper.run(`nft list counters table inet ${table}`), hand.losing.get(table) ?? [])
    },
    async isolation(world, node, faultId) {
      const table = tableOf(faultId)
      const hand = [...hands].find((each) => each.world === world && each.link === node && each.isolating.has(table))
      if (!hand) throw new InstrumentError(`${node} is not isolated by ${faultId}, so nothing is counted`)
      const { State } = await daemon.docker.getContainer(hand.id).inspect()
      if (State.StartedAt !== hand.startedAt)
        throw new InstrumentError(`${node} was started again, so that its network is a new one, without rules`)
      await hand.helper.run(sendTo(hand.neighbours))
      return isolationIn(await hand.helper.run(`nft list counters table inet ${table}`))
    },
    restore: (world, links, faultId) =>
      removeRules(daemon, world, links, faultId === undefined ? undefined : tableOf(faultId)),
  }
}

async function readyToCut(
  daemon: Daemon,
  all: Set<Hand>,
  { world, links, how }: { world: string; links: readonly string[]; how: (link: string) => Cut },
): Promise<ReadyToCut> {
  const cuts = new Map(links.map((link) => [link, how(link)]))
  const losing = [...cuts].flatMap(([link, cut]) => (isLoss(cut) ? [{ link, from: cut.from }] : []))
  const subnets = losing.length > 0 ? await subnetsOf(daemon, world) : new Map<string, string>()
  for (const { link, from } of losing) checkSubnets(link, from, subnets)
  const hands = await Promise.all([...cuts].map(([link, cut]) => helperAt(daemon, world, link, cut)))
  for (const hand of hands) all.add(hand)
  const dispose = async () => {
    for (const hand of hands) all.delete(hand)
    await Promise.all(hands.map(({ helper }) => helper.dispose()))
  }
  try {
    await Promise.all(hands.map(({ helper }) => helper.run('nft list tables')))
  } catch (error) {
    await dispose()
    throw new CannotRun(
      `packets cannot be dropped here, because netfilter does not answer in the links' network namespaces (${messageOf(error)}): the kernel needs nf_tables, and the engine must grant NET_ADMIN`,
      { cause: error },
    )
  }
  return {
    async cut(faultId) {
      const table = tableOf(faultId)
      const commandFor = ({ link, gateways, losing, isolating }: Hand) => {
        const cut = cuts.get(link) ?? 'all'
        if (cut === 'all') return dropAll(table, gateways)
        if (cut === 'isolate') {
          isolating.add(table)
          return isolate(table, gateways)
        }
        if (!isLoss(cut)) return treatForwarded(table, cut)
        losing.set(table, cut.from)
        return loseSome(table, { ...cut, gateways, subnets })
      }
      await Promise.all(hands.map((hand) => hand.helper.run(commandFor(hand))))
    },
    async restore(faultId) {
      const table = tableOf(faultId)
      for (const { losing, isolating } of hands) {
        losing.delete(table)
        isolating.delete(table)
      }
      await Promise.all(hands.map(({ helper }) => helper.run(dropNothing(table))))
    },
    dispose,
  }
}

/** The table of a fault. nft's names hold no "-". */
function tableOf(faultId: string): string {
  return prefix + faultId.replaceAll(/[^A-Za-z0-9]/g, '_')
}

/** A helper in the network namespace of a link or a node, which may change the rules there and nothing else. */
async function helperAt(daemon: Daemon, world: string, link: string, cut: Cut = 'all'): Promise<Hand> {
  const containers = await daemon.containers(world)
  const found = containers.find((container) => container.service === link)
  if (!found) throw new Error(`${link} has no container in the world ${world}`)
  const seen = await daemon.docker.getContainer(found.id).inspect()
  const gateways = Object.values(seen.NetworkSettings.Networks).flatMap((network) => network.Gateway || [])
  const others = containers.filter(({ id }) => id !== found.id).map(({ id }) => id)
  const neighbours = cut === 'isolate' ? await neighboursOf(daemon, link, seen, others) : []
  const helper = await startHelper(daemon, {
    world,
    what: `rules at ${link}`,
    host: { NetworkMode: `container:${found.id}`, CapAdd: ['NET_ADMIN'] },
  })
  const own = { id: found.id, startedAt: seen.State.StartedAt }
  return { world, link, helper, ...own, gateways, neighbours, losing: new Map(), isolating: new Set() }
}

/** Site → its subnet, by the labels of the world's networks. */
async function subnetsOf({ docker }: Daemon, world: string): Promise<Map<string, string>> {
  const networks = await docker.listNetworks({ filters: { label: [`blackstart.world=${world}`] } })
  return new Map(
    networks.flatMap(({ Labels, IPAM }) => {
      const site = Labels?.['blackstart.site']
      const subnet = IPAM?.Config?.map((config) => config.Subnet ?? '').find((each) => each.includes('.'))
      return site && subnet ? [[site, subnet]] : []
    }),
  )
}

/** Packets longer than this carry bytes: no handshake and no acknowledgement is. */
const longestBare = 100

/** The command that treats packets which the link passes on to these subnets. Those of the link itself are left alone. */
function treatForwarded(table: string, { is, to }: Exclude<Cut, 'all' | 'isolate' | Lose>): string {
  const there = `ip daddr { ${to.join(', ')} }`
  const rules = {
    // The last packet of each write is marked as pushed; the others are full.
    swallow: ['meta l4proto != tcp drop', 'tcp flags & psh == psh drop', `ip length > ${longestBare} drop`],
    refuse: ['meta l4proto tcp reject with tcp reset', 'reject'],
    reset: ['tcp flags & syn == 0 reject with tcp reset'],
  }[is]
  return `nft '${[
    `add table inet ${table}`,
    `add chain inet ${table} passing { type filter hook forward priority 0; }`,
    ...rules.map((rule) => `add rule inet ${table} passing ${there} ${rule}`),
  ].join('; ')}'`
}

function dropNothing(table: string): string {
  return `nft delete table inet ${table}`
}

/**
 * Removes the tables of one fault, or of all faults, from these links. Returns "link table" for each. Links that do not
 * run have none.
 */
async function removeRules(daemon: Daemon, world: string, links: string[], table?: string): Promise<string[]> {
  const running = (await daemon.containers(world))
    .filter((container) => container.state === 'running')
    .map((container) => container.service)
  const alive = links.filter((link) => running.includes(link))
  const results = await Promise.allSettled(
    alive.map(async (link) => {
      const { helper } = await helperAt(daemon, world, link)
      try {
        const said = await helper.run(
          `nft list tables | while read -r _ family name; do case "$name" in ${table ?? `${prefix}*`}) nft delete table "$family" "$name" && echo "$name";; esac; done`,
        )
        return said
          .split('\n')
          .filter(Boolean)
          .map((name) => `${link} ${name}`)
      } finally {
        await helper.dispose()
      }
    }),
  )
  const failed = failuresIn(results, alive)
  if (failed.length > 0) throw new Error(`rules could not be removed: ${failed.join('; ')}`)
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
}
