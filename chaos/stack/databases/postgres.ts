/** PostgreSQL as a database of a world: with Patroni, or any other way of replicating by streaming. */
import type pg from 'pg'
import type { Node } from '../../topology/topology.ts'
import { databaseAccess } from '../access.ts'
import { databaseClient, lagBytes, roleQuery, serverVersionBy, withClient } from '../postgres.ts'
import { type DatabaseAdapter, type Follower, type Probe, ruleIn } from './adapter.ts'
import { Connection, isGone, type Meaning } from './connection.ts'
import { followerName } from './followers.ts'
import { keyIn } from './key-column.ts'

const connectLimitMs = 1_000
/** Making the place for probes, which waits for standbys as any commit. */
const placeLimitMs = 5_000
/** Reading everything takes long. */
const readLimitMs = 60_000

/** Who streams from a primary, and how far behind they are, in bytes; who came last is last. */
export const replicationQuery = {
  name: 'replication',
  text: `select application_name as name, host(client_addr) as address, state, sync_state as sync, ${lagBytes} as lag from pg_stat_replication order by backend_start`,
}
/** One probe write, and the timeline that it is on. The node's own setting says which it is, where there is one. */
const writeQuery = {
  name: 'write',
  text: `insert into blackstart.probe (node, n) values (coalesce(nullif(current_setting('blackstart.node', true), ''), $1), 1)
    on conflict (node) do update set n = blackstart.probe.n + 1
    returning ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int as timeline`,
}
const placeQueries = [
  'create schema if not exists blackstart',
  'create table if not exists blackstart.probe (node text primary key, n bigint not null) with (fillfactor = 10)',
]

/** SQLSTATEs that mean something to us. */
const readOnly = '25006'
const noPlace = ['42P01', '3F000']
const notAllowed = '42501'
const startingUp = '57P03'

interface Session {
  client: pg.Client
  warning: string | undefined
}

interface RoleRow {
  standby: boolean
  position: string | null
  timeline: number | null
}
const nobody: RoleRow = { standby: false, position: null, timeline: null }

/** All null but the process where the user is no member of pg_monitor. */
interface StandbyRow {
  name: string | null
  address: string | null
  state: string | null
  sync: string | null
  lag: number | null
}

export const postgres: DatabaseAdapter = {
  canProbe: true,
  component: 'postgresql',
  open(node, nodes) {
    const connection = connectionTo(node)
    const query = <Row extends pg.QueryResultRow>(limitMs: number, what: { name: string; text: string }) =>
      connection.ask(limitMs, async ({ client }) => (await client.query<Row>(what)).rows)
    return {
      async look({ limitMs }) {
        const answer = await query<RoleRow>(limitMs, roleQuery)
        if (!answer.ok) return answer
        const [{ standby, position, timeline } = nobody] = answer.value
        return {
          ok: true,
          role: standby ? 'standby' : 'primary',
          accepts: standby ? false : null,
          position,
          timeline,
        }
      },
      async followers({ limitMs }) {
        const answer = await query<StandbyRow>(limitMs, replicationQuery)
        if (!answer.ok) return answer
        const followers = followersIn(answer.value, node, nodes)
        if (followers !== null) return { ok: true, followers }
        const { user } = databaseAccess(node)
        return { ok: true, followers, missing: `the user ${user} may not see standbys: "GRANT pg_monitor TO ${user}"` }
      },
      async probe({ limitMs }) {
        const first = await write(connection, { node: node.name, limitMs })
        if (!('code' in first) || !noPlace.includes(first.code)) return outcomeOf(first, node)
        const made = await connection.ask(placeLimitMs, async ({ client }) => {
          for (const text of placeQueries) await client.query(text)
        })
        if (!made.ok) return outcomeOf({ ...made, code: codeOf(made.error) }, node)
        return outcomeOf(await write(connection, { node: node.name, limitMs }), node)
      },
      close: () => connection.close(),
    }
  },
  version: (node) => withClient(node, { queryLimitMs: readLimitMs }, serverVersionBy),
  async *written(node, { prefix, what }) {
    const rows = await withClient(
      node,
      { queryLimitMs: readLimitMs },
      async (client) => (await client.query<{ key: string }>(what, [prefix])).rows,
    )
    for (const row of rows) yield keyIn(row)
  },
  rules: (node, sql) =>
    withClient(node, { queryLimitMs: readLimitMs }, async (client) => (await client.query(sql)).rows.map(ruleIn)),
}

/**
 * Each standby once, by its latest connection: one that came again is still listed by the old one until PostgreSQL
 * misses it (`wal_sender_timeout`). A standby that is being copied has one for the copy, which is no stream, and one for
 * what is written meanwhile. Null where the user may not see who streams. Exported for its test.
 */
export function followersIn(
  rows: readonly StandbyRow[],
  { name: of }: Node,
  nodes: readonly Node[] | undefined,
): Follower[] | null {
  if (rows.some(({ state }) => state === null)) return null
  const followers = rows
    .filter(({ state }) => state !== 'backup')
    .map(({ name, address, state, sync, lag }) => ({
      node: followerName({ name: name ?? undefined, address, of }, nodes),
      state: state ?? '',
      sync: sync ?? '',
      lagBytes: lag,
    }))
  return [...new Map(followers.map((follower) => [follower.node, follower])).values()].toSorted((a, b) =>
    a.node < b.node ? -1 : 1,
  )
}

type Written =
  | { timeline: number | null; warning: string | undefined }
  | { code: string; reason: string; definite: boolean }

async function write(
  connection: Connection<Session>,
  { node, limitMs }: { node: string; limitMs: number },
): Promise<Written> {
  const answer = await connection.ask(limitMs, async (session) => {
    session.warning = undefined
    const { rows } = await session.client.query<{ timeline: number }>({ ...writeQuery, values: [node] })
    return { timeline: rows[0]?.timeline ?? null, warning: session.warning as string | undefined }
  })
  return answer.ok ? answer.value : { ...answer, code: codeOf(answer.error) }
}

function outcomeOf(written: Written, node: Node): Probe {
  if (!('code' in written))
    return written.warning === undefined
      ? { outcome: 'committed', timeline: written.timeline }
      : { outcome: 'refused', reason: written.warning, definite: true }
  const { code, reason, definite } = written
  if (code !== notAllowed) return { outcome: 'refused', reason, definite }
  const { user, database } = databaseAccess(node)
  return {
    outcome: 'not tried',
    reason: `the user ${user} may not write a probe (${reason}): "GRANT CREATE ON DATABASE ${database} TO ${user}" lets Blackstart make its schema "blackstart"; if that is there already, "GRANT USAGE ON SCHEMA blackstart TO ${user}" and "GRANT SELECT, INSERT, UPDATE ON blackstart.probe TO ${user}"`,
  }
}

function connectionTo(node: Node): Connection<Session> {
  return new Connection<Session>({
    async open(lost) {
      const client = databaseClient(node, { connectLimitMs, name: 'blackstart observer' })
      const session: Session = { client, warning: undefined }
      // Without a listener a lost connection would end the process; the next question reports it.
      client.on('error', () => lost(session))
      // A warning on commit ("canceling wait for synchronous replication") means committed here, but not known to be
      // elsewhere.
      client.on('notice', (notice) => {
        if (notice.severity === 'WARNING') session.warning = notice.message
      })
      try {
        await client.connect()
      } catch (error) {
        void client.end().catch(() => {})
        throw error
      }
      return session
    },
    // Not end(): that would wait for a query that may never be answered.
    destroy: ({ client }) =>
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy(),
    meaningOf,
  })
}

/** What an error says of a server. Exported for its test. */
export function meaningOf(error: unknown): Meaning {
  const code = codeOf(error)
  return {
    // SQLSTATE from a living server, or the kernel's answer.
    definite: /^[0-9A-Z]{5}$/.test(code) || isGone(error),
    starting: code === startingUp,
    // A read-only transaction is the normal answer of a standby.
    keep: code === readOnly || noPlace.includes(code) || code === notAllowed,
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? ''
}
