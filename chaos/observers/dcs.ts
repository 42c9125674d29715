/**
 * Watches the leader key through every DCS member, by etcd's own watch (its JSON gateway): a change arrives by itself.
 * Members report the same revision at different times, and a member that dies takes its watch along: the first report counts.
 */
import type { Node } from '../topology/topology.ts'
import { portOf } from '../topology/topology.ts'
import { every, Sampler, type Instruments, type Observer } from './sampler.ts'
import { messageOf } from '../errors.ts'

/** How often a member tells a watcher that the watch is alive (its --experimental-watch-progress-notify-interval). */
const intervalMs = 40
const connectLimitMs = 1_000
/** Silence after which a watch is taken for dead. */
const silenceLimitMs = 1_000

interface WatchMessage {
  result?: { header?: { revision?: string }; events?: { type?: string; kv?: { value?: string; mod_revision?: string } }[] }
}

export function observeDcs(node: Node, { record, now }: Instruments): Observer {
  const sampler = new Sampler({ record, now, observer: 'dcs', subject: node.name, intervalMs })
  const key = node.attributes['dcs.leader-key'] ?? ''
  let last: string | null | undefined
  const saw = (leader: string | null, revision: number) => {
    if (leader !== last) record({ kind: 'dcs.leader', member: node.name, leader, revision, uncertaintyMs: sampler.sinceMs })
    last = leader
  }
  let abort = new AbortController()
  let stopped = false
  const stop = every(intervalMs, async () => {
    if (stopped) return
    abort = new AbortController()
    sampler.asked()
    try {
      const start = await readKey(node, key, AbortSignal.any([abort.signal, AbortSignal.timeout(connectLimitMs)]))
      saw(start.value, start.revision)
      sampler.sampled()
      await watchKey(node, key, start.revision + 1, abort, (message) => {
        for (const event of message.result?.events ?? []) {
          saw(event.type === 'DELETE' ? null : decode(event.kv?.value), Number(event.kv?.mod_revision ?? message.result?.header?.revision ?? 0))
        }
        sampler.sampled()
        // It promised to be heard again within the interval.
        sampler.asked()
      })
    } catch (error) {
      if (stopped) return
      const cause = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)
      sampler.silent(cause)
      if (/ECONNREFUSED|ECONNRESET|other side closed|terminated/.test(cause)) sampler.sampled()
    }
  })
  return {
    async stop() {
      stopped = true
      stop()
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

async function readKey(node: Node, key: string, signal: AbortSignal): Promise<{ value: string | null; revision: number }> {
  const response = await fetch(`http://127.0.0.1:${portOf(node, 'client')}/v3/kv/range`, {
    method: 'POST', signal, body: JSON.stringify({ key: base64(key), serializable: true }),
  })
  if (!response.ok) throw new Error(`etcd answered ${response.status} to a read of ${key}`)
  const body = (await response.json()) as { header: { revision: string }; kvs?: { value: string }[] }
  return { value: body.kvs?.[0] ? decode(body.kvs[0].value) : null, revision: Number(body.header.revision) }
}

/** Streams a watch until it ends, breaks, falls silent or is aborted. */
export async function watchKey(node: Node, key: string, fromRevision: number, abort: AbortController, on: (message: WatchMessage) => void): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${portOf(node, 'client')}/v3/watch`, {
    method: 'POST', signal: abort.signal,
    body: JSON.stringify({ create_request: { key: base64(key), start_revision: String(fromRevision), progress_notify: true } }),
  })
  if (!response.ok || !response.body) throw new Error(`etcd answered ${response.status} to a watch of ${key}`)
  let silence = setTimeout(() => abort.abort(new Error(`the watch was silent for ${silenceLimitMs / 1000} s`)), silenceLimitMs)
  try {
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
