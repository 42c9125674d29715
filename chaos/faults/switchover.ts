/**
 * switchover: the cluster is asked to move its primary, through Patroni's REST API.
 *
 * Models: a planned change of primary. The old one finishes, hands over, and goes on as a standby.
 * Does not model: moving the clients along: who finds the new primary is what is measured.
 * Heals by: nothing. The new primary stays; a second switchover moves it back.
 */
import { nodesOf, portOf, type Node, type Topology } from '../topology/topology.ts'
import { InstrumentError, messageOf, withNearest } from '../errors.ts'
import { patroniAuthorization } from '../stack/access.ts'
import { otherDatabase } from './targets.ts'
import { healOnce, type Claim, type Fault, type Order } from './fault.ts'

/** Patroni answers when it is done; its own limit is some loops. */
const limitMs = 30_000

export const switchover: Fault<'switchover'> = {
  kind: 'switchover',
  models: 'the cluster is asked to move its primary, and does so in its own time',
  doesNotModel: ['a primary that does not answer: a switchover asks it', 'clients that are told beforehand'],
  actsOn: 'nothing',
  unavailable(order, topology) {
    const [node] = order.target.nodes
    if (order.target.nodes.length !== 1 || node?.role !== 'database')
      return `switchover asks one database to hand over: give it node "primary", not ${order.target.name}`
    if (node.ports['rest'] === undefined)
      return `${node.name} publishes no REST API of Patroni: give it the label blackstart.port.rest`
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
          return { holds: true, evidence: `${leader} was asked to hand over to ${name}; ${other} came before it had` }
        return accepting && view.leader === name
          ? { holds: true, evidence: `${name} holds the leader key and accepts writes` }
          : {
              holds: false,
              seen: `leader ${view.leader ?? 'nobody'}, ${name} ${accepting ? 'accepts' : 'does not accept'} writes`,
            }
      },
    } satisfies Claim,
  ],
  proofLimitMs: limitMs,
  async prepare(order, { now, topology, takenBy }) {
    const [leader] = order.target.nodes as [Node]
    const candidate = candidateOf(order, topology)
    return {
      async inject() {
        const atMs = now()
        await ask(leader, candidate).catch((error: unknown) => {
          // It was asked, and then something else befell it: that is the outcome, and no failure to ask.
          if (!takenBy?.(leader.name)) throw error
        })
        return { acts: 1, firstActMs: atMs, lastActMs: atMs, ...healOnce(async () => {}) }
      },
      async dispose() {},
    }
  },
}

function standbysOf({ target }: Order<'switchover'>, topology: Topology): Node[] {
  return nodesOf(topology, 'database').filter((node) => node.name !== target.nodes[0]?.name)
}

function problemOf(order: Order<'switchover'>, topology: Topology): string | undefined {
  const { to } = order.spec.with
  const others = standbysOf(order, topology)
  if (to === 'other' && !others.some((node) => node.site !== order.target.nodes[0]?.site))
    return 'no database stands in another region'
  if (to === 'other' || others.some((node) => node.name === to)) return undefined
  return withNearest(`"${to}" cannot take over`, to, ['other', ...others.map((node) => node.name)])
}

function candidateOf(order: Order<'switchover'>, topology: Topology): Node {
  const { to } = order.spec.with
  return (
    to === 'other'
      ? otherDatabase(order.target, topology)
      : standbysOf(order, topology).find((node) => node.name === to)
  ) as Node
}

async function ask(leader: Node, candidate: Node): Promise<void> {
  try {
    const response = await fetch(`http://127.0.0.1:${portOf(leader, 'rest')}/switchover`, {
      method: 'POST',
      headers: patroniAuthorization(leader),
      body: JSON.stringify({ leader: leader.name, candidate: candidate.name }),
      signal: AbortSignal.timeout(limitMs),
    })
    const said = (await response.text()).trim()
    if (!response.ok) throw new Error(`${response.status}: ${said}`)
  } catch (error) {
    throw new InstrumentError(
      `${leader.name} was asked to hand over to ${candidate.name} and did not: ${messageOf(error)}`,
      { cause: error },
    )
  }
}
