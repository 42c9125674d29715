/**
 * Watches the leader key through every DCS member, by etcd's own watch (its JSON gateway), which reports a change at
 * once. A watch proves only twice a second that it is alive, since each proof costs the member. So the key is also
 * read, some seven times a second, and the first to report a change counts. Members report a revision at different
 * times, and a member that dies takes its watch with it. A read also tells of the Raft term, by which the DCS's own
 * elections are counted.
 */
import { authenticate, NotKnown, readKey, watchKey } from '../stack/etcd.ts'
import { reasonOf } from '../stack/http.ts'
import type { Node } from '../topology/topology.ts'
import { every, type Instruments, type Observer, Sampler } from './sampler.ts'

/** A change comes by the watch; reads show that the member is there. */
const intervalMs = 150
const readLimitMs = 1_000
/** Silence after which a watch is taken for dead. */
const silenceLimitMs = 1_000
const refused = /ECONNREFUSED|ECONNRESET|other side closed|terminated/

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
  let term: number | undefined
  const hear = (told: number, heardMs: number) => {
    // A member that has applied nothing yet tells none.
    if (!Number.isInteger(told) || told <= (term ?? 0)) return
    term = told
    record({ kind: 'dcs.term', member: node.name, term, heardMs })
  }
  const abort = new AbortController()
  let token: string | undefined
  const stopReading = every(intervalMs, async () => {
    sampler.asked()
    try {
      const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(readLimitMs)])
      token ??= await authenticate(node, signal)
      const read = await readKey(node, key, { token, signal })
      saw(read.value, read.revision)
      hear(read.term, sampler.sampled())
    } catch (error) {
      if (abort.signal.aborted) return
      if (error instanceof NotKnown) token = undefined
      const reason = reasonOf(error)
      sampler.silent(reason)
      if (refused.test(reason)) sampler.sampled()
    }
  })
  /** What a majority says in the end: an election that this member has not heard of would show. */
  const confirm = async () => {
    const askedMs = now()
    const signal = AbortSignal.timeout(readLimitMs)
    const read = await readKey(node, key, { token, signal, confirmed: true }).catch(() => undefined)
    if (read) record({ kind: 'dcs.term', member: node.name, term: read.term, heardMs: askedMs, confirmed: true })
  }
  const stopWatching = every(intervalMs, async () => {
    if (!last) return
    await watchKey(node, key, {
      fromRevision: last.revision + 1,
      silenceMs: silenceLimitMs,
      token,
      signal: abort.signal,
      changed: saw,
      heard() {
        sampler.sampled()
        // A read may be under way, and the next one is due anyway.
        sampler.asked()
      },
      // Whether the member answers is decided by the reads; the watch begins again where it ended.
    }).catch(() => {})
  })
  return {
    async stop() {
      stopReading()
      stopWatching()
      abort.abort()
      sampler.summarise()
      await confirm()
    },
  }
}
