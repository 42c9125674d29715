/**
 * Drops packets with netfilter rules in a link's own network namespace, where the two sites meet, on existing and new
 * connections. Each fault has a table of its own, so that one can be healed without the others. The engine's gateway
 * stays reachable: through it Blackstart talks to the link's Toxiproxy, and that is no traffic between the sites.
 */
import { failuresIn } from '../../all-done.ts'
import { messageOf } from '../../errors.ts'
import { CannotRun, type Cut, type CutLinks, type ReadyToCut } from '../engine.ts'
import type { Daemon } from './daemon.ts'
import { type Helper, startHelper } from './helper.ts'

const prefix = 'blackstart_'

export function cutLinksOf(daemon: Daemon): CutLinks {
  return {
    ready: (world, links) => readyToCut(daemon, world, links),
    restore: (world, links, faultId) =>
      removeRules(daemon, world, links, faultId === undefined ? undefined : tableOf(faultId)),
  }
}

async function readyToCut(daemon: Daemon, world: string, links: readonly string[]): Promise<ReadyToCut> {
  const hands = await Promise.all(links.map((link) => helperAt(daemon, world, link)))
  const dispose = async () => {
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
    async cut(faultId, how = () => 'all') {
      const table = tableOf(faultId)
      const commandFor = (cut: Cut, gateways: string[]) =>
        cut === 'all' ? dropAll(table, gateways) : treatForwarded(table, cut)
      await Promise.all(hands.map(({ link, helper, gateways }) => helper.run(commandFor(how(link), gateways))))
    },
    async restore(faultId) {
      await Promise.all(hands.map(({ helper }) => helper.run(dropNothing(tableOf(faultId)))))
    },
    dispose,
  }
}

/** The table of a fault. nft's names hold no "-". */
function tableOf(faultId: string): string {
  return prefix + faultId.replaceAll(/[^A-Za-z0-9]/g, '_')
}

/** A helper in a link's network namespace, which may change the rules there and nothing else. */
async function helperAt(
  daemon: Daemon,
  world: string,
  link: string,
): Promise<{ link: string; helper: Helper; gateways: string[] }> {
  const found = (await daemon.containers(world)).find((container) => container.service === link)
  if (!found) throw new Error(`${link} has no container in the world ${world}`)
  const { NetworkSettings } = await daemon.docker.getContainer(found.id).inspect()
  const gateways = Object.values(NetworkSettings.Networks).flatMap((network) => network.Gateway || [])
  const helper = await startHelper(daemon, {
    world,
    what: `rules at ${link}`,
    host: { NetworkMode: `container:${found.id}`, CapAdd: ['NET_ADMIN'] },
  })
  return { link, helper, gateways }
}

/**
 * The command that drops every packet that comes in or goes out, except those of the link itself (loopback) and of the
 * engine's gateways.
 */
function dropAll(table: string, gateways: string[]): string {
  const [from, to] =
    gateways.length > 0
      ? [`ip saddr != { ${gateways.join(', ')} } `, `ip daddr != { ${gateways.join(', ')} } `]
      : ['', '']
  return `nft '${[
    `add table inet ${table}`,
    // Before connection tracking: a connection that exists is as dead as a new one.
    `add chain inet ${table} arriving { type filter hook prerouting priority -400; }`,
    `add chain inet ${table} leaving { type filter hook output priority -400; }`,
    `add rule inet ${table} arriving iifname != "lo" ${from}drop`,
    `add rule inet ${table} leaving oifname != "lo" ${to}drop`,
  ].join('; ')}'`
}

/** Packets longer than this carry bytes: no handshake and no acknowledgement is. */
const longestBare = 100

/** The command that treats packets which the link passes on to these subnets. Those of the link itself are left alone. */
function treatForwarded(table: string, { is, to }: Exclude<Cut, 'all'>): string {
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
