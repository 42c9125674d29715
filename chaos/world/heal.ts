/**
 * Heals a world, no matter which process broke it. It finds what is broken in the containers, links and rules themselves, and
 * in the undo ledger.
 */
import { type CpuShare, type Drained, type Engine, ifAble } from '../engine/engine.ts'
import { EnvironmentError, messageOf } from '../errors.ts'
import { enableProxies, muteLinks, removeToxics } from '../stack/toxiproxy.ts'
import type { Topology } from '../topology/topology.ts'
import { untilLinksRelay } from './ready.ts'

/** "link-a proxy-1: x", "link-a proxy-2: y" → "link-a: 2 toxics removed". */
function byLink(lines: string[], noun: string, done: string): string[] {
  const links = Map.groupBy(lines, (line) => line.split(' ')[0] ?? '')
  return [...links].map(([link, { length }]) => `${link}: ${length} ${noun} ${done}`)
}

/**
 * What can be known only from the undo ledger: what a node had before, and what was asked to end and may not have ended
 * yet.
 */
export interface OnlyInLedger {
  shares: CpuShare[]
  drained: Drained[]
  /** Nodes that lose what they have stored, and may have kept a part. */
  emptied: string[]
  /** Nodes with netfilter rules. Links may have some in any case, and everybody where an entry cannot be read. */
  ruled: string[] | 'perhaps all'
}

/**
 * The most rounds; and the fewest, if the ledger says that a process may have died while a request to the engine was
 * under way.
 */
const looksAtMost = 3
const looksAfterDeath = 2

/**
 * Heals a whole world, until a round finds nothing left to heal: stopped and paused containers run again, our toxics,
 * rules, quotas and files are gone, proxies are enabled, and no load runs any more. Its labels are enough, except for
 * what only the ledger records. Returns a line for each thing that had to be healed. The caller holds the world's lock.
 * @throws EnvironmentError, when everything was tried, with what was healed and what was not
 */
export async function healWorld(
  engine: Engine,
  world: string,
  ledger: OnlyInLedger = { shares: [], drained: [], emptied: [], ruled: [] },
  { ownerDied = false } = {},
): Promise<string[]> {
  const lines: string[] = []
  for (let look = 1; ; look++) {
    const { healed, errors } = await healWhatIsSeen(engine, world, ledger)
    lines.push(...healed)
    const isSound = healed.length === 0 && errors.length === 0
    if (isSound && look >= (ownerDied ? looksAfterDeath : 1)) return lines
    if (look < looksAtMost) continue
    if (errors.length === 0) return lines
    throw new EnvironmentError(
      `${lines.length > 0 ? `healed ${lines.join(', ')}; but ` : ''}${errors.map(messageOf).join('; ')}`,
      { cause: errors[0] },
    )
  }
}

/** One look, and what it finds healed. What one step cannot heal does not keep the others from healing. */
async function healWhatIsSeen(
  engine: Engine,
  world: string,
  { shares, drained, emptied, ruled }: OnlyInLedger,
): Promise<{ healed: string[]; errors: unknown[] }> {
  const healed: string[] = []
  const errors: unknown[] = []
  const heal = async (work: () => Promise<string[]>) => {
    try {
      healed.push(...(await work()))
    } catch (error) {
      errors.push(error)
    }
  }
  await heal(async () => (await engine.removeVisitors(world)).map((name) => `${name}: removed`))
  await heal(async () => {
    await engine.endDrains(world, drained)
    return []
  })
  await heal(async () => {
    if (emptied.length > 0) await ifAble(engine.can.loseDisk)?.emptyOfDead(world, emptied)
    return (await engine.start(world)).map((name) => `${name}: started`)
  })
  await heal(async () => (await engine.putRoutes(world)).map((name) => `${name}: routes put back`))
  // Only now do all links publish their ports.
  let topology = await engine.topology(world)
  await heal(async () => {
    const mute = await muteLinks(topology)
    if (mute.length > 0) topology = await startAnew(engine, world, mute)
    return mute.map((name) => `${name}: started anew, since its Toxiproxy took no orders`)
  })
  const links = topology.nodes.filter((node) => node.role === 'link').map((node) => node.name)
  const withRules = new Set(ruled === 'perhaps all' ? topology.nodes.map(({ name }) => name) : [...links, ...ruled])
  const disks = topology.nodes.flatMap((node) =>
    node.attributes['disk.path'] ? [{ service: node.name, path: node.attributes['disk.path'] }] : [],
  )
  // What the engine cannot do was not done, so there is nothing to undo.
  const [cutLinks, limitProcessor, fillDisk] = [
    ifAble(engine.can.cutLinks),
    ifAble(engine.can.limitProcessor),
    ifAble(engine.can.fillDisk),
  ]
  await Promise.all([
    heal(async () => byLink(await removeToxics(topology), 'toxics', 'removed')),
    heal(async () => byLink(await enableProxies(topology), 'proxies', 'enabled')),
    heal(async () => byLink((await cutLinks?.restore(world, [...withRules])) ?? [], 'rules', 'removed')),
    heal(async () => {
      const limited = (await limitProcessor?.limited(world, shares)) ?? []
      return ((await limitProcessor?.restore(world, limited)) ?? []).map((name) => `${name}: processor limit removed`)
    }),
    heal(async () => ((await fillDisk?.empty(world, disks)) ?? []).map((name) => `${name}: disk emptied`)),
  ])
  return { healed, errors }
}

/** Stops these links and starts them, which ends all connections through them. Returns where they answer now. */
async function startAnew(engine: Engine, world: string, links: string[]): Promise<Topology> {
  const ready = await engine.readyToStop(world, links)
  await Promise.all(links.map((link) => ready.stop(link)))
  await engine.start(world, links)
  const topology = await engine.topology(world)
  await untilLinksRelay(topology, {})
  return topology
}
