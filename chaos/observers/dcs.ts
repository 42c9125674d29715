/**
 * Watches the leader key through every DCS member, by etcd's own watch (its JSON gateway): a change arrives by itself.
 * A watch proves twice a second that it is alive, and each proof costs the member, so the key is also read, some seven
 * times a second; whichever tells of a change first counts. Members report a revision at different times, and one that
 * dies takes its watch along.
 */

import { messageOf } from '../errors.ts'
import { dcsAccess } from '../stack/access.ts'
import type { Node } from '../topology/topology.ts'
import { portOf } from '../topology/topology.ts'
import { every, type Instruments, type Observer, Sampler } from './sampler.ts'

/** A change comes by the watch; reads show that the member is there. */
const intervalMs = 150
const readLimitMs = 1_000
/** Silence after which a watch is taken for dead. */
const silenceLimitMs = 1_000
const refused = /ECONNREFUSED|ECONNRESET|other side closed|terminated/

interface WatchMessage {
  result?: {
    header?: { revision?: string }
    events?: { type?: string; kv?: { value?: string; mod_revision?: string } }[]
  }
}

export function observeDcs(node: Node, { record, now }: Instruments): Observer {
  const sampler = new Sampler({ record, now, observer: 'dcs', subject: node.name, intervalMs })
  const key = node.attributes['dcs.leader-key'] ?? ''
  let last: { leader: string | null; revision: number } | undefined
  const saw = (leader: string | null, revision: number) => {
    if (last && revision < last.revision) return
    if (leader !== last?.leader)
      record({ kind: 'dcs.leader', member: node.name, leader, revision, uncertaintyMs: sampler.sinceMs })
    last = { leader, revision }
  }
  const abort = new AbortController()
  let token: string | undefined
  const stopReading = every(intervalMs, async () => {
    sampler.asked()
    try {
      const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(readLimitMs)])
      token ??= await authenticate(node, signal)
      const { value, revision } = await readKey(node, key, { token, signal })
      saw(value, revision)
      sampler.sampled()
    } catch (error) {
      if (abort.signal.aborted) return
      if (error instanceof NotKnown) token = undefined
      const cause = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)
      sampler.silent(cause)
      if (refused.test(cause)) sampler.sampled()
    }
  })
  const stopWatching = every(intervalMs, async () => {
    if (!last) return
    await watchKey(node, key, last.revision + 1, { token, signal: abort.signal }, (message) => {
      for (const event of message.result?.events ?? []) {
        saw(
          event.type === 'DELETE' ? null : decode(event.kv?.value),
          Number(event.kv?.mod_revision ?? message.result?.header?.revision ?? 0),
        )
      }
      sampler.sampled()
      // A read may be under way, and the next one is due anyway.
      sampler.asked()
      // Whether the member is there is the reading's to say; the watch begins again where it ended.
    }).catch(() => {})
  })
  return {
    async stop() {
      stopReading()
      stopWatching()
      abort.abort()
      sampler.summarise()
    },
  }
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function decode(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString()
}

interface Asking {
  token: string | undefined
  signal: AbortSignal
}

/**
 * The member does not take the token (401), takes it for older than its list of users, or asks for one only now (400).
 */
class NotKnown extends Error {}

async function post(node: Node, path: string, body: object, { token, signal }: Asking): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${portOf(node, 'client')}${path}`, {
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

/** A token, where the member asks for one. To get it takes a majority of the members; each of them then takes it. */
async function authenticate(node: Node, signal: AbortSignal): Promise<string | undefined> {
  const access = dcsAccess(node)
  if (!access) return undefined
  return (
    (await (await post(node, '/v3/auth/authenticate', access, { token: undefined, signal })).json()) as {
      token: string
    }
  ).token
}

async function readKey(node: Node, key: string, asking: Asking): Promise<{ value: string | null; revision: number }> {
  const response = await post(node, '/v3/kv/range', { key: base64(key), serializable: true }, asking)
  const body = (await response.json()) as { header: { revision: string }; kvs?: { value: string }[] }
  return { value: body.kvs?.[0] ? decode(body.kvs[0].value) : null, revision: Number(body.header.revision) }
}

/** Streams a watch until it ends, breaks, falls silent or is aborted. */
async function watchKey(
  node: Node,
  key: string,
  fromRevision: number,
  { token, signal }: Asking,
  on: (message: WatchMessage) => void,
): Promise<void> {
  const silent = new AbortController()
  const silence = setTimeout(
    () => silent.abort(new Error(`the watch was silent for ${silenceLimitMs / 1000} s`)),
    silenceLimitMs,
  )
  try {
    const response = await post(
      node,
      '/v3/watch',
      { create_request: { key: base64(key), start_revision: String(fromRevision), progress_notify: true } },
      { token, signal: AbortSignal.any([signal, silent.signal]) },
    )
    if (!response.body) throw new Error('etcd answered a watch with nothing')
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body) {
      silence.refresh()
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line) on(JSON.parse(line) as WatchMessage)
    }
  } finally {
    clearTimeout(silence)
  }
}
