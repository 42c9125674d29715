/**
 * isolate: every packet to and from a node is dropped, in the node's own network namespace.
 *
 * Models: a network card, a cable or a switch port that fails, or a firewall rule that is too strict: the node runs on,
 * reaches nobody and is reached by nobody, its neighbours at the same site included. Peers see silence, not resets.
 * Does not model: a network that fails in one direction (one-way does, between sites); names that are no longer
 * resolved (the engine's own resolver answers at the node); the way by which Blackstart looks at the node, through the
 * port that it publishes.
 * Heals by: removing the fault's netfilter table.
 */
import { claim, faultKind, namesOf } from './fault.ts'

/** Datagrams that the probe sends itself are not few enough to be chance. */
const fewest = 3

export const isolate = faultKind({
  kind: 'isolate',
  summary: 'The target runs on, and reaches nobody and is reached by nobody',
  models: 'every packet to and from each node of the target is dropped, whoever it is to; the node itself runs on',
  doesNotModel: [
    'the loss of one direction only: between sites, one-way does that',
    "the loss of Blackstart's own sight: it still sees the node through the port that it publishes, and so does the engine's machine",
    'names that cannot be resolved: the engine answers for them at the node itself',
  ],
  actsOn: 'nodes',
  examples: [{ target: { scope: 'node', name: 'app-west-a' } }],
  unavailable: ({ target }) => {
    const other = target.nodes.find(({ role }) => role === 'link' || role === 'beacon')
    return other === undefined
      ? undefined
      : `isolate is for single nodes, and ${target.name} has ${other.name} (${other.role}) in it: for a link, a site or a region, blackhole does the same to what leads there`
  },
  effect: ({ target }) => ({ unsettled: namesOf(target.nodes), isolated: namesOf(target.nodes) }),
  // Each look wants packets of its own: what was counted before says nothing of now.
  claims: ({ target }, { probes, takenBy }) =>
    target.nodes.map((node) => {
      let before = 0
      return claim(async () => {
        const taker = takenBy?.(node.name)
        if (before > 0 && taker !== undefined) return { holds: true, said: `${node.name} is taken by ${taker}` }
        const { arrived, left } = await probes.isolation(node)
        const since = left - before
        const holds = since >= fewest
        if (holds) before = left
        return { holds, said: `${since} packets from ${node.name} and ${arrived} to it were dropped` }
      })
    }),
  claimsLast: true,
  proofLimitMs: 10_000,
  prepare: ({ target }, { injectors }) => injectors.isolate(target.nodes),
})
