/** PostgreSQL: a client for a node's own port, and the queries that several modules use. */
import pg from 'pg'
import { endpointOf, type Node } from '../topology/topology.ts'
import { databaseAccess } from './access.ts'

const connectLimitMs = 2_000

/** What a node is, how far it is, and the timeline it is on: null for a standby that receives nothing. */
export const roleQuery = {
  name: 'role',
  text: `select pg_is_in_recovery() as standby,
    (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end)::text as position,
    case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver)
         else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end as timeline`,
}
/** How far behind its primary a row of pg_stat_replication is. */
export const lagBytes = 'pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn)::float8'

/** A client of a database node's own port, which is not connected yet. Without `queryLimitMs` a query may take for ever. */
export function databaseClient(
  node: Node,
  options: { queryLimitMs?: number; connectLimitMs?: number; name?: string } = {},
): pg.Client {
  return new pg.Client({
    ...endpointOf(node, 'sql'),
    ...databaseAccess(node),
    application_name: options.name ?? 'blackstart',
    connectionTimeoutMillis: options.connectLimitMs ?? connectLimitMs,
    ...(options.queryLimitMs !== undefined && { query_timeout: options.queryLimitMs }),
  })
}

/** A connection for as long as the work takes. */
export async function withClient<T>(
  node: Node,
  { queryLimitMs }: { queryLimitMs: number },
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = databaseClient(node, { queryLimitMs })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

/** PostgreSQL's own name for the cluster, which every member of it has. */
export async function systemIdentifierBy(client: pg.Client): Promise<string | undefined> {
  return (await client.query<{ id: string }>('select system_identifier::text as id from pg_control_system()')).rows[0]
    ?.id
}

/**
 * Which server answers: the node that its own settings name, where they do; its address; when it was started. The
 * cluster's name is no help, since a primary and its standbys share it.
 */
export async function serverBy(
  client: pg.Client,
): Promise<{ node?: string; address: string | null; startedAt: string } | undefined> {
  const { rows } = await client.query<{ node: string | null; address: string | null; started: string }>(
    `select nullif(current_setting('blackstart.node', true), '') as node,
      host(inet_server_addr()) || ':' || inet_server_port() as address, pg_postmaster_start_time()::text as started`,
  )
  const [row] = rows
  return row && { ...(row.node !== null && { node: row.node }), address: row.address, startedAt: row.started }
}

export async function serverVersionBy(client: pg.Client): Promise<string | undefined> {
  return (await client.query<{ server_version: string }>('show server_version')).rows[0]?.server_version
}
