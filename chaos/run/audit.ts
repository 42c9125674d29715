/** Reads every database node in full after heal and catch-up: what is really stored. */
import type pg from 'pg'
import { messageOf } from '../errors.ts'
import { formatRanges } from '../journal/ranges.ts'
import type { Recorder } from '../journal/schema.ts'
import { systemIdentifierBy, withClient } from '../stack/postgres.ts'
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'
import { waitUntil } from '../wait.ts'

/** Reading everything takes long. */
const limits = { queryLimitMs: 60_000 }
const catchUpLimitMs = 30_000
/** Longer than any app holds a write. */
const quietMs = 1_500

/** Writes one `audit.read` a database node, or `audit.failed` with the reason. */
export async function auditDatabases({
  topology,
  trialId,
  record,
  primary,
  signal,
}: {
  topology: Topology
  trialId: string
  record: Recorder
  primary: string | undefined
  signal?: AbortSignal | undefined
}): Promise<void> {
  const databases = nodesOf(topology, 'database')
  const primaryNode = databases.find((node) => node.name === primary)
  let target: string | undefined
  if (primaryNode) {
    target = await withClient(primaryNode, limits, async (client) => {
      await untilQuiet(primaryNode, client, trialId, signal)
      return (await client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn')).rows[0]?.lsn
    }).catch((error: unknown) => void record({ kind: 'note', text: `before the audit: ${messageOf(error)}` }))
  }
  await Promise.all(
    databases.map(async (node) => {
      try {
        await auditNode(node, { trialId, record, caughtUpTo: node === primaryNode ? undefined : target, signal })
      } catch (error) {
        record({ kind: 'audit.failed', node: node.name, reason: messageOf(error) })
      }
    }),
  )
}

/**
 * A client that gave up leaves its write under way: nothing may be counted before the last of them has landed or
 * failed.
 */
async function untilQuiet(
  node: Node,
  client: pg.Client,
  trialId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const query = writesQueryOf(node)
  let last = -1
  await waitUntil(
    async () => {
      const { rowCount } = await client.query(query, [`${trialId}-`])
      const seen = `${rowCount} writes, ${last} before`
      if (rowCount === last) return { done: true, value: undefined }
      last = rowCount ?? 0
      return { done: false, seen }
    },
    { until: `no write arrives at ${node.name} any more`, limitMs: catchUpLimitMs, everyMs: quietMs, signal },
  )
}

function writesQueryOf(node: Node): string {
  const query = node.attributes['audit.writes']
  if (!query)
    throw new Error(
      `no label blackstart.audit.writes on ${node.name}: an SQL query with $1 for the key's prefix that returns every stored key`,
    )
  return query
}

async function auditNode(
  node: Node,
  {
    trialId,
    record,
    caughtUpTo,
    signal,
  }: { trialId: string; record: Recorder; caughtUpTo: string | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  const writesQuery = writesQueryOf(node)
  await withClient(node, limits, async (client) => {
    if (caughtUpTo) await untilReplayed(node, client, caughtUpTo, signal)
    // One snapshot for keys and invariants, or a transfer between the two reads would look like a broken promise.
    await client.query('begin isolation level repeatable read read only')
    const keys = (await client.query<{ key: string }>(writesQuery, [`${trialId}-`])).rows.map((row) => row.key)
    const invariantsQuery = node.attributes['audit.invariants']
    const invariants = invariantsQuery
      ? (await client.query<{ name: string; holds: boolean; detail: string }>(invariantsQuery)).rows
      : []
    const systemIdentifier = await systemIdentifierBy(client)
    await client.query('commit')
    const { numbers, duplicated, unexpected } = sortKeys(keys, `${trialId}-`)
    record({
      kind: 'audit.read',
      node: node.name,
      rows: keys.length,
      writes: formatRanges(numbers),
      duplicated,
      unexpected,
      invariants,
      ...(systemIdentifier && { systemIdentifier }),
    })
  })
}

async function untilReplayed(
  node: Node,
  client: pg.Client,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await waitUntil(
    async () => {
      const { rows } = await client.query<{ behind: number | null }>(
        'select pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn())::float8 as behind',
        [target],
      )
      const behind = rows[0]?.behind
      // Null: not a standby any more, so there is nothing to replay.
      return behind === null || behind === undefined || behind <= 0
        ? { done: true, value: undefined }
        : { done: false, seen: `${behind} bytes behind` }
    },
    { until: `${node.name} has replayed ${target}`, limitMs: catchUpLimitMs, signal },
  )
}

/**
 * Splits keys into arrival numbers, ascending, those stored more than once, and keys with our prefix that the load
 * never makes.
 */
export function sortKeys(
  keys: string[],
  prefix: string,
): { numbers: number[]; duplicated: number[]; unexpected: string[] } {
  const counts = new Map<number, number>()
  const unexpected: string[] = []
  for (const key of keys) {
    const rest = key.slice(prefix.length)
    if (/^(0|[1-9]\d*)$/.test(rest)) counts.set(Number(rest), (counts.get(Number(rest)) ?? 0) + 1)
    else unexpected.push(key)
  }
  const numbers = [...counts.keys()].toSorted((a, b) => a - b)
  return { numbers, duplicated: numbers.filter((number) => (counts.get(number) ?? 0) > 1), unexpected }
}
