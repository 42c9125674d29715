/**
 * blackhole: every packet between the sites is dropped, in the link's own network namespace, in both directions.
 *
 * Models: a cut wire or a dead router. Nothing arrives on existing and on new connections, nobody is told, and senders
 * retransmit until they give up; what is still being retransmitted at the heal arrives then.
 * Does not model: a path that is found again by routing, or one that loses only some packets.
 * Heals by: removing the fault's netfilter table.
 */
import type { Link } from '../topology/topology.ts'
import { messageOf } from '../errors.ts'
import { dropAll, dropNothing, helperAt, tableOf } from '../engine/rules.ts'
import { bothWays, onlyLinks } from './links.ts'
import { Unavailable, type Fault, type FaultContext } from './fault.ts'
import { switchedOn, type Switch } from './switch.ts'

export const blackhole: Fault<'blackhole'> = {
  kind: 'blackhole',
  models: 'every packet between the sites is dropped, on existing and on new connections, in both directions',
  doesNotModel: [
    'routing that finds another way, or a wire that loses only some packets',
    'two ends that speak to each other: the link relays, so the bytes it had taken before the cut are its to deliver after the heal',
  ],
  actsOn: 'links',
  unavailable: ({ target }) => onlyLinks('blackhole', target),
  effect: ({ target }) => ({ silent: bothWays(target.links) }),
  async prepare({ target }, context) {
    return switchedOn(await packetSwitch(target.links, context), context)
  },
}

/** Drops every packet of these links, through a helper that waits in the network namespace of each. */
export async function packetSwitch(links: Link[], { engine, topology }: FaultContext): Promise<Switch> {
  const hands = await Promise.all(links.map((link) => helperAt(engine, topology.world, link.name)))
  const dispose = async () => {
    await Promise.all(hands.map(({ helper }) => helper.dispose()))
  }
  try {
    await Promise.all(hands.map(({ helper }) => helper.run('nft list tables')))
  } catch (error) {
    await dispose()
    throw new Unavailable(
      `packets cannot be dropped here, for netfilter does not answer in the links' network namespaces (${messageOf(error)}): the kernel needs nf_tables, and the engine must grant NET_ADMIN`,
      { cause: error },
    )
  }
  return {
    undo: { do: 'remove-rules', links: links.map((link) => link.name) },
    async on(faultId) {
      await Promise.all(hands.map(({ helper, gateways }) => helper.run(dropAll(tableOf(faultId), gateways))))
      return hands.length
    },
    async off(faultId) {
      await Promise.all(hands.map(({ helper }) => helper.run(dropNothing(tableOf(faultId)))))
    },
    dispose,
  }
}
