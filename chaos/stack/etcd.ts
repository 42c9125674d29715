/** The DCS: etcd, through the JSON gateway of each member. */
import { messageOf } from '../errors.ts'
import { jsonLinesOf } from '../ndjson.ts'
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'
import { waitUntil } from '../wait.ts'
import { dcsAccess } from './access.ts'
import { jsonOf, urlOf } from './http.ts'

const statusLimitMs = 2_000
const placeLimitMs = 10_000

interface Asking {
  token?: string | undefined
  signal: AbortSignal
}

/** The member refuses the token (401), finds it older than its list of users, or asks for one only now (400). */
export class NotKnown extends Error {}

async function post(node: Node, path: string, body: object, { token, signal }: Asking): Promise<Response> {
  const response = await fetch(urlOf(node, 'client', path), {
    method: 'POST',
    signal,
    body: JSON.stringify(body),
    ...(token && { headers: { authorization: token } }),
  })
  if (response.ok) return response
  throw new ([401, 400].includes(response.status) ? NotKnown : Error)(
    `etcd answered ${response.status} to ${path}: ${(await response.text()).slice(0, 200)}`,
  )
}

/** Keys and values as the gateway encodes them. */
export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function decode(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString()
}

export async function etcdVersion(node: Node, limits: { limitMs: number }): Promise<string | undefined> {
  return (await jsonOf<{ etcdserver?: string }>(node, 'client', '/version', limits)).etcdserver
}

/**
 * A token, where the member asks for one. Issuing one needs a majority of the members; each member then accepts it.
 */
export async function authenticate(node: Node, signal: AbortSignal): Promise<string | undefined> {
  const access = dcsAccess(node)
  if (!access) return undefined
  const response = await post(node, '/v3/auth/authenticate', access, { signal })
  return ((await response.json()) as { token: string }).token
}

/**
 * A key's value, null where there is none, as this member has it; its revision; and the Raft term of the last entry that
 * the member has applied: a leader begins its term with one. `confirmed`: a majority says that this is so now; where there
 * is no majority there is no answer.
 */
export async function readKey(
  node: Node,
  key: string,
  { confirmed = false, ...asking }: Asking & { confirmed?: boolean },
): Promise<{ value: string | null; revision: number; term: number }> {
  const response = await post(node, '/v3/kv/range', { key: base64(key), serializable: !confirmed }, asking)
  const body = (await response.json()) as {
    header: { revision: string; raft_term: string }
    kvs?: { value: string }[]
  }
  const { revision, raft_term } = body.header
  return {
    value: body.kvs?.[0] ? decode(body.kvs[0].value) : null,
    revision: Number(revision),
    term: Number(raft_term),
  }
}

interface WatchMessage {
  result?: {
    header?: { revision?: string }
    events?: { type?: string; kv?: { value?: string; mod_revision?: string } }[]
  }
}

export interface KeyWatch extends Asking {
  fromRevision: number
  /** A watch that does not even prove that it is alive for so long is taken for dead. */
  silenceMs: number
  /** A change of the key; null: it was deleted. */
  changed: (value: string | null, revision: number) => void
  /** Each message, those with changes and those that only prove that the watch is alive. */
  heard: () => void
}

/** Streams a watch until it ends, breaks, falls silent or is aborted. */
export async function watchKey(
  node: Node,
  key: string,
  { fromRevision, silenceMs, changed, heard, token, signal }: KeyWatch,
): Promise<void> {
  const silent = new AbortController()
  const silence = setTimeout(() => silent.abort(new Error(`the watch was silent for ${silenceMs / 1000} s`)), silenceMs)
  try {
    const response = await post(
      node,
      '/v3/watch',
      { create_request: { key: base64(key), start_revision: String(fromRevision), progress_notify: true } },
      { token, signal: AbortSignal.any([signal, silent.signal]) },
    )
    if (!response.body) throw new Error('etcd answered a watch with nothing')
    const on = ({ result }: WatchMessage) => {
      for (const event of result?.events ?? [])
        changed(
          event.type === 'DELETE' ? null : decode(event.kv?.value),
          Number(event.kv?.mod_revision ?? result?.header?.revision ?? 0),
        )
      heard()
    }
    const lines = jsonLinesOf<WatchMessage>(response.body, { onChunk: () => silence.refresh() })
    for await (const line of lines) on(line)
  } finally {
    clearTimeout(silence)
  }
}

interface Status {
  header: { member_id: string }
  leader: string
}

/**
 * Moves etcd's leadership to the member at the witness. Returns what it did, to read.
 *
 * etcd counts leases in its leader; when that dies with a region, the next leader starts every lease anew, and a
 * fail-over takes up to one more lease. At the witness it outlives the loss of either region.
 */
export async function placeDcsLeader(topology: Topology): Promise<string> {
  const witness = topology.sites.find((site) => site.kind === 'witness')
  const members = nodesOf(topology, 'dcs')
  const wanted = members.find((node) => node.site === witness?.name)
  if (!wanted) return 'no DCS member at a witness: its leader stays where it is'
  const target = (await statusOf(wanted)).header.member_id
  await waitUntil(
    async () => {
      const leader = await leaderOf(members)
      if (leader?.id === target) return { done: true, value: undefined }
      if (leader) await transferTo(target, leader.node).catch(() => {})
      return { done: false, seen: leader ? `${leader.node.name} leads` : 'no leader' }
    },
    { until: `${wanted.name} leads the DCS`, limitMs: placeLimitMs, everyMs: 200 },
  )
  return `${wanted.name} leads the DCS`
}

/** The DCS member that leads; undefined while there is none. */
export async function dcsLeader(topology: Topology): Promise<Node | undefined> {
  return (await leaderOf(nodesOf(topology, 'dcs')))?.node
}

async function leaderOf(members: Node[]): Promise<{ node: Node; id: string } | undefined> {
  for (const node of members) {
    const status = await statusOf(node).catch(() => undefined)
    if (status && status.leader === status.header.member_id) return { node, id: status.leader }
  }
  return undefined
}

async function statusOf(node: Node): Promise<Status> {
  try {
    const response = await post(node, '/v3/maintenance/status', {}, { signal: AbortSignal.timeout(statusLimitMs) })
    return (await response.json()) as Status
  } catch (error) {
    throw new Error(`${node.name} does not return its status: ${messageOf(error)}`, { cause: error })
  }
}

async function transferTo(memberId: string, leader: Node): Promise<void> {
  const signal = AbortSignal.timeout(statusLimitMs)
  await (await post(leader, '/v3/maintenance/transfer-leadership', { targetID: memberId }, { signal })).arrayBuffer()
}
