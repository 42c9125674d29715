/**
 * Reads writes back as clients would, over HTTP: each write's key is asked for at every app and router that answers
 * HTTP. For systems whose stores nobody can read by SQL.
 */
import { formatRanges } from '../journal/ranges.ts'
import { reasonOf, urlOf } from '../stack/http.ts'
import type { Node } from '../topology/topology.ts'
import { type Reading, snapshotNow } from './audit-rounds.ts'

const limits = {
  /** For all keys at one node: a million takes minutes, and an hour would be no audit. */
  allMs: 300_000,
  answerMs: 10_000,
  /** Questions under way at one node. */
  atOnce: 16,
}

/**
 * One node's reading: which of the writes it shows. Only the status `present` and 404 or 410 are answers; anything else
 * is a question that was not answered, and then nobody knows what the node holds.
 */
export async function readByHttp(
  node: Node,
  options: {
    http: { path: string; present: number }
    trialId: string
    writes: readonly number[]
    nowMs: () => number
    signal?: AbortSignal | undefined
    allMs?: number
    /** Called with how many keys were asked for so far. */
    progress?: (done: number) => void
  },
): Promise<Reading> {
  const { http, trialId, writes, nowMs, signal, allMs = limits.allMs, progress } = options
  const failed = (reason: string): Reading => ({ kind: 'audit.failed', node: node.name, reason })
  const found: number[] = []
  const snapshotMs = snapshotNow(nowMs)
  const untilMs = performance.now() + allMs
  let next = 0
  let problem: string | undefined
  const ask = async () => {
    while (problem === undefined && next < writes.length) {
      signal?.throwIfAborted()
      if (performance.now() > untilMs) {
        problem ??= `${next} of ${writes.length} keys were asked for in ${allMs / 1000} s; ask for fewer, by a lower rate or a shorter trial`
        return
      }
      const n = writes[next++] as number
      const path = http.path.replaceAll('{{key}}', encodeURIComponent(`${trialId}-${n}`))
      const answer = await statusOf(urlOf(node, 'http', path), signal)
      progress?.(next)
      if (answer === http.present) found.push(n)
      else if (answer !== 404 && answer !== 410)
        problem ??= `GET ${path} was answered with ${answer}; ${http.present} means that the write is there, 404 that it is not`
    }
  }
  try {
    await Promise.all(Array.from({ length: limits.atOnce }, ask))
  } catch (error) {
    signal?.throwIfAborted()
    return failed(reasonOf(error))
  }
  if (problem !== undefined) return failed(problem)
  return {
    kind: 'audit.read',
    node: node.name,
    rows: found.length,
    writes: formatRanges(found.toSorted((a, b) => a - b)),
    duplicated: [],
    unexpected: [],
    invariants: [],
    snapshotMs,
  }
}

async function statusOf(url: string, signal: AbortSignal | undefined): Promise<number> {
  const limit = AbortSignal.timeout(limits.answerMs)
  const response = await fetch(url, { redirect: 'manual', signal: signal ? AbortSignal.any([signal, limit]) : limit })
  await response.body?.cancel()
  return response.status
}
