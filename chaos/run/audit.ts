/** Reads every database node in full after heal and catch-up: what is really stored. */
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { messageOf } from '../errors.ts'
import type { Recorder } from '../journal/schema.ts'
import { keyIn } from '../stack/databases/key-column.ts'
import { serverBy, systemIdentifierBy, withClient } from '../stack/postgres.ts'
import { isPostgres, type Node, nodesOf, type Topology } from '../topology/topology.ts'
import { waitUntil } from '../wait.ts'
import { progressOf } from './audit-progress.ts'
import { type Reading, readUntilAgreed, snapshotNow } from './audit-rounds.ts'
import { readStored } from './audit-stored.ts'
import { foundIn } from './stored-keys.ts'

/** Reading everything takes long. */
const limits = { queryLimitMs: 60_000 }
const catchUpLimitMs = 30_000
/** Longer than any app holds a write. */
const quietMs = 1_500

/**
 * Writes one `audit.read` a database node, or `audit.failed` with the reason; more where the databases disagree.
 * `nowMs`: the trial's clock.
 */
export async function auditDatabases({
  topology,
  names = nodesOf(topology, 'database').map(({ name }) => name),
  trialId,
  record,
  nowMs,
  primary,
  signal,
}: {
  topology: Topology
  /** Those to read, where not all of them keep the writes. */
  names?: readonly string[] | undefined
  trialId: string
  record: Recorder
  nowMs: () => number
  primary: string | undefined
  signal?: AbortSignal | undefined
}): Promise<void> {
  const databases = nodesOf(topology, 'database').filter(({ name }) => names.includes(name))
  const primaryNode = databases.find((node) => node.name === primary)
  const readAll = async (): Promise<Reading[]> => {
    const target =
      primaryNode && isPostgres(primaryNode) && (await positionWhenQuiet(primaryNode, { trialId, record, signal }))
    return Promise.all(
      databases.map((node) =>
        readNode(node, {
          trialId,
          nowMs,
          caughtUpTo: (node !== primaryNode && target) || undefined,
          signal,
          progress: progressOf(node.name, record),
        }).catch((error: unknown): Reading => ({ kind: 'audit.failed', node: node.name, reason: messageOf(error) })),
      ),
    )
  }
  await readUntilAgreed({ readAll, pause: () => delay(quietMs, undefined, { ...(signal && { signal }) }), record })
}

/** Up to where standbys must have replayed: the primary's position once no write arrives any more. */
async function positionWhenQuiet(
  primary: Node,
  { trialId, record, signal }: { trialId: string; record: Recorder; signal: AbortSignal | undefined },
): Promise<string | undefined> {
  try {
    return await withClient(primary, limits, async (client) => {
      await untilQuiet(primary, client, trialId, signal)
      return (await client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn')).rows[0]?.lsn
    })
  } catch (error) {
    record({ kind: 'note', text: `before the audit: ${messageOf(error)}` })
    return undefined
  }
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

/** How stored writes are found, by the node's label. */
function writesQueryOf(node: Node): string {
  const query = node.attributes['audit.writes']
  if (!query)
    throw new Error(
      `no label blackstart.audit.writes on ${node.name}: an SQL query with $1 for the key's prefix that returns every stored key`,
    )
  return query
}

interface NodeOptions {
  trialId: string
  nowMs: () => number
  caughtUpTo: string | undefined
  signal?: AbortSignal | undefined
  progress?: ((done: number) => void) | undefined
}

function readNode(node: Node, options: NodeOptions): Promise<Reading> {
  return isPostgres(node) ? auditNode(node, options) : readStored(node, { ...options, what: writesQueryOf(node) })
}

async function auditNode(node: Node, { trialId, nowMs, caughtUpTo, signal }: NodeOptions): Promise<Reading> {
  const writesQuery = writesQueryOf(node)
  return await withClient(node, limits, async (client) => {
    if (caughtUpTo) await untilReplayed(node, client, caughtUpTo, signal)
    // One snapshot for keys and invariants, or a transfer between the two reads would look like a broken promise.
    await client.query('begin isolation level repeatable read read only')
    const snapshotMs = snapshotNow(nowMs)
    const keys = (await client.query<{ key: string }>(writesQuery, [`${trialId}-`])).rows.map(keyIn)
    const invariantsQuery = node.attributes['audit.invariants']
    const invariants = invariantsQuery
      ? (await client.query<{ name: string; holds: boolean; detail: string }>(invariantsQuery)).rows
      : []
    const systemIdentifier = await systemIdentifierBy(client)
    const server = await serverBy(client)
    await client.query('commit')
    return {
      kind: 'audit.read',
      node: node.name,
      ...foundIn(keys, `${trialId}-`),
      invariants,
      snapshotMs,
      ...(systemIdentifier && { systemIdentifier }),
      ...(server && { server }),
    }
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
