/** Reads what a database of any kind but PostgreSQL holds, through its adapter. */
import { adapterOf } from '../stack/databases/kinds.ts'
import type { Node } from '../topology/topology.ts'
import { waitUntil } from '../wait.ts'
import { type Reading, snapshotNow } from './audit-rounds.ts'
import { foundIn } from './stored-keys.ts'

const catchUpLimitMs = 30_000
/** Longer than any app holds a write. */
const quietMs = 1_500

interface Options {
  trialId: string
  /** The trial's clock. */
  nowMs: () => number
  /** Where the keys are, as the adapter takes it. */
  what: string
  signal?: AbortSignal | undefined
  /** Called with how many keys were read so far. */
  progress?: ((done: number) => void) | undefined
}

/**
 * All keys of the trial, once no more of them arrive.
 * @throws WaitError while they still arrive; Error where the node does not answer
 */
export async function readStored(node: Node, { trialId, nowMs, what, signal, progress }: Options): Promise<Reading> {
  const adapter = adapterOf(node)
  const sql = node.attributes['audit.invariants']
  if (sql && !adapter.rules)
    throw new Error(
      `the label blackstart.audit.invariants on ${node.name} cannot be asked: invariants are read by SQL only`,
    )
  const prefix = `${trialId}-`
  let last = -1
  const { keys, snapshotMs } = await waitUntil(
    async () => {
      const snapshotMs = snapshotNow(nowMs)
      const keys = await keysOf(adapter.written(node, { prefix, what }), progress)
      if (keys.length === last) return { done: true, value: { keys, snapshotMs } }
      const seen = `${keys.length} writes, ${last} before`
      last = keys.length
      return { done: false, seen }
    },
    { until: `no write arrives at ${node.name} any more`, limitMs: catchUpLimitMs, everyMs: quietMs, signal },
  )
  return {
    kind: 'audit.read',
    node: node.name,
    ...foundIn(keys, prefix),
    invariants: sql ? ((await adapter.rules?.(node, sql)) ?? []) : [],
    snapshotMs,
  }
}

async function keysOf(written: AsyncIterable<string>, progress?: (done: number) => void): Promise<string[]> {
  const keys: string[] = []
  for await (const key of written) progress?.(keys.push(key))
  return keys
}
