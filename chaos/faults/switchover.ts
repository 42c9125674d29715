/**
 * switchover: the cluster is asked to move its primary, through Patroni's REST API.
 *
 * Models: a planned change of primary. The old one finishes, hands over, and goes on as a standby.
 * Does not model: moving the clients too. Who finds the new primary, and when, is what is measured.
 * Heals by: nothing. The new primary stays; a second switchover moves it back.
 */
import { withNearest } from '../errors.ts'
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'
import { type Claim, faultKind, type Order } from './fault.ts'
import { nodeName } from './options.ts'

type SwitchoverOrder = Order<{ to: string }>

export const switchover = faultKind({
  kind: 'switchover',
  summary: 'The primary is changed the planned way',
  models: 'the cluster is asked to move its primary, and does so in its own time',
  doesNotModel: ['a primary that does not answer: a switchover asks it', 'clients that are told beforehand'],
  actsOn: 'database',
  planned: true,
  options: {
    to: nodeName.describe('The database node that takes over, or "other" for one in the other region'),
  },
  inWords: ({ to }) => (to === 'other' ? 'to a database in the other region' : `to ${to}`),
  examples: [{ target: { scope: 'node', name: 'primary' }, with: { to: 'other' } }],
  unavailable(order, topology) {
    const [node] = order.target.nodes
    const engine = node?.attributes['database.engine'] ?? 'patroni'
    if (!['patroni', 'postgres'].includes(engine))
      return `a primary is asked to hand over through Patroni, and ${node?.name} is of another kind (${engine})`
    if (node?.ports['rest'] === undefined)
      return `${node?.name} publishes no REST API of Patroni, by which alone a primary is asked to hand over: "engine: patroni" in blackstart.yaml, or the label blackstart.port.rest`
    return problemOf(order, topology)
  },
  effect: () => ({}),
  claims: (order, { view, topology, takenBy }) => [
    {
      async look() {
        const { name } = candidateOf(order, topology)
        const leader = order.target.nodes[0]?.name ?? ''
        const accepting = view.databases.get(name)?.accepting === true
        const other = takenBy?.(leader) ?? takenBy?.(name)
        if (other && view.leader !== name)
          return { holds: true, evidence: `${leader} was asked to hand over to ${name}, but ${other} acted first` }
        return accepting && view.leader === name
          ? { holds: true, evidence: `${name} holds the leader key and accepts writes` }
          : {
              holds: false,
              seen: `leader ${view.leader ?? 'none'}, ${name} ${accepting ? 'accepts' : 'does not accept'} writes`,
            }
      },
    } satisfies Claim,
  ],
  // Patroni answers when it has finished; its own time limit is several of its loops.
  proofLimitMs: 30_000,
  named: (order, topology) => ({
    ...order.options,
    to: order.options.to === 'other' ? (otherDatabase(order, topology)?.name ?? 'other') : order.options.to,
  }),
  async prepare(order, { topology, injectors }) {
    const [leader] = order.target.nodes as [Node]
    return injectors.handOver(leader, candidateOf(order, topology))
  },
})

function standbysOf({ target }: SwitchoverOrder, topology: Topology): Node[] {
  return nodesOf(topology, 'database').filter((node) => node.name !== target.nodes[0]?.name)
}

/** The database in another region that takes over if none is named. */
function otherDatabase({ target }: SwitchoverOrder, topology: Topology): Node | undefined {
  return nodesOf(topology, 'database').find((other) => other.site !== target.nodes[0]?.site)
}

function problemOf(order: SwitchoverOrder, topology: Topology): string | undefined {
  const { to } = order.options
  const others = standbysOf(order, topology)
  if (to === 'other' && otherDatabase(order, topology) === undefined) return 'there is no database in another region'
  if (to === 'other' || others.some((node) => node.name === to)) return undefined
  return withNearest(`"${to}" cannot take over`, to, ['other', ...others.map((node) => node.name)])
}

function candidateOf(order: SwitchoverOrder, topology: Topology): Node {
  const { to } = order.options
  return (
    to === 'other' ? otherDatabase(order, topology) : standbysOf(order, topology).find((node) => node.name === to)
  ) as Node
}
