/**
 * Puts the DCS leader at the witness. etcd counts leases in its leader; when that dies with a region, the next leader
 * starts every lease anew, and a fail-over takes up to one more lease. At the witness it outlives the loss of either
 * region.
 */

import { messageOf } from '../errors.ts'
import { type Node, nodesOf, portOf, type Topology } from '../topology/topology.ts'
import { waitUntil } from '../wait.ts'

const limitMs = 10_000

interface Status {
  header: { member_id: string }
  leader: string
}

/** Moves etcd's leadership to the member at the witness. Returns what it did, to read. */
export async function placeDcsLeader(topology: Topology): Promise<string> {
  const witness = topology.sites.find((site) => site.kind === 'witness')
  const members = nodesOf(topology, 'dcs')
  const wanted = members.find((node) => node.site === witness?.name)
  if (!wanted) return 'no DCS member at a witness: its leader stays where it is'
  const target = (await post<Status>(wanted, '/v3/maintenance/status')).header.member_id
  await waitUntil(
    async () => {
      const leader = await leaderOf(members)
      if (leader?.id === target) return { done: true, value: undefined }
      if (leader) await post(leader.node, '/v3/maintenance/transfer-leadership', { targetID: target }).catch(() => {})
      return { done: false, seen: leader ? `${leader.node.name} leads` : 'no leader' }
    },
    { until: `${wanted.name} leads the DCS`, limitMs, everyMs: 200 },
  )
  return `${wanted.name} leads the DCS`
}

/** The DCS member that leads; undefined while there is none. */
export async function dcsLeader(topology: Topology): Promise<Node | undefined> {
  return (await leaderOf(nodesOf(topology, 'dcs')))?.node
}

async function leaderOf(members: Node[]): Promise<{ node: Node; id: string } | undefined> {
  for (const node of members) {
    const status = await post<Status>(node, '/v3/maintenance/status').catch(() => undefined)
    if (status && status.leader === status.header.member_id) return { node, id: status.leader }
  }
  return undefined
}

async function post<T>(node: Node, path: string, body: object = {}): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${portOf(node, 'client')}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(2_000),
  }).catch((error: unknown) => {
    throw new Error(`${node.name} does not answer: ${messageOf(error)}`, { cause: error })
  })
  if (!response.ok) throw new Error(`${node.name} answered ${response.status} to ${path}`)
  return (await response.json()) as T
}
