/** MariaDB or MySQL as a database of a world: a primary with replicas, or a Galera cluster. */
import type { Connection as Client, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { endpointOf, type Node } from '../../topology/topology.ts'
import { databaseAccess } from '../access.ts'
import { type DatabaseAdapter, type Follower, type Probe, ruleIn } from './adapter.ts'
import { Connection, isGone, type Meaning } from './connection.ts'
import { keyIn } from './key-column.ts'
import { followersIn, type LogPosition, lagBytes, lookIn, type Told } from './mariadb-words.ts'

const connectLimitMs = 1_000

const placeQueries = [
  'create database if not exists blackstart',
  'create table if not exists blackstart.probe (node varchar(255) primary key, n bigint not null)',
]
/** A user with all rights writes in spite of read_only, and would take the replica out of step. */
const writeQuery = `insert into blackstart.probe (node, n) select ?, 1 from dual where @@global.read_only = 0
  on duplicate key update n = n + 1`

/** Numbers of errors that mean something to us. */
const noPlace = [1049, 1146]
const notAllowed = [1044, 1142, 1227]
/** Galera: "WSREP has not yet prepared node for application use". */
const notPrepared = 1047

export const mariadb: DatabaseAdapter = {
  canProbe: true,
  component: 'mariadb',
  open(node, nodes) {
    const connection = connectionTo(node)
    const lags = new Lags(nodes)
    return {
      async look({ limitMs }) {
        const answer = await connection.ask(limitMs, told)
        if (!answer.ok) return answer
        const look = lookIn(answer.value)
        return { ok: true, ...look, ...(look.role === 'unknown' && { missing: mayNotTell(node) }) }
      },
      async followers({ limitMs }) {
        const answer = await connection.ask(limitMs, async (client) => ({
          followers: followersIn({ ...(await told(client)), dumps: await dumpsOf(client) }, { node, nodes }),
          end: await endOfLog(client),
        }))
        if (!answer.ok) return answer
        const { followers, end } = answer.value
        if (followers === null) return { ok: true, followers, missing: mayNotSee(node) }
        return { ok: true, followers: await lags.measure(followers, { end, limitMs }) }
      },
      async probe({ limitMs }) {
        const answer = await connection.ask(limitMs, (client) => probe(client, node))
        if (answer.ok) return answer.value
        const { reason, definite, error } = answer
        return notAllowed.includes(numberOf(error)) ? notTried(node, reason) : { outcome: 'refused', reason, definite }
      },
      close() {
        connection.close()
        lags.close()
      },
    }
  },
  version: (node) => withClient(node, async (client) => (await rowsOf(client, 'select version() as v'))[0]?.['v']),
  async *written(node, { prefix, what }) {
    const sql = what.replaceAll('$1', '?')
    const values = [...sql.matchAll(/\?/g)].map(() => prefix)
    for (const row of await withClient(node, (client) => rowsOf(client, sql, values))) yield keyIn(row)
  },
  rules: (node, sql) => withClient(node, async (client) => (await rowsOf(client, sql)).map(ruleIn)),
}

/** Statements that a member answers that has lost its cluster, too: those that begin with SHOW. */
async function told(client: Client): Promise<Told> {
  const pairs = async (sql: string) =>
    new Map((await rowsOf(client, sql)).map((row) => [String(row['Variable_name']), String(row['Value'])]))
  const variables = await pairs(
    `show global variables where variable_name in ('read_only', 'super_read_only', 'wsrep_on', 'gtid_current_pos', 'gtid_executed')`,
  )
  const status = await pairs(
    `show global status where variable_name like 'wsrep\\_%' or variable_name like 'rpl\\_semi\\_sync\\_%'`,
  )
  return { variables, status, replica: variables.get('wsrep_on') === 'ON' ? [] : await replicaStatusOf(client) }
}

/** Whom it follows; undefined where the user may not know. */
async function replicaStatusOf(client: Client): Promise<Told['replica']> {
  try {
    return await rowsOf(client, 'show replica status')
  } catch (error) {
    if (notAllowed.includes(numberOf(error))) return undefined
    throw error
  }
}

/** From where its log is read; undefined where the user sees only connections of its own. */
async function dumpsOf(client: Client): Promise<string[] | undefined> {
  const may = await rowsOf(client, `select 1 from information_schema.user_privileges where privilege_type = 'PROCESS'`)
  if (may.length === 0) return undefined
  const rows = await rowsOf(
    client,
    `select host as address from information_schema.processlist where command like 'Binlog Dump%'`,
  )
  return rows.map((row) => String(row['address']))
}

async function probe(client: Client, node: Node): Promise<Probe> {
  const { variables, replica } = await told(client)
  const refused = (reason: string): Probe => ({ outcome: 'refused', reason, definite: true })
  if (variables.get('read_only') !== 'OFF') return refused('read_only is on')
  if (replica === undefined) return { outcome: 'not tried', reason: mayNotTell(node) }
  if (lookIn({ variables, status: new Map(), replica }).role === 'standby' && variables.get('wsrep_on') !== 'ON')
    return {
      outcome: 'not tried',
      reason: 'it is a replica and would take writes, and one of ours would take it out of step: set read_only there',
    }
  if ((await write(client, node)) === 0) return refused('read_only is on')
  return { outcome: 'committed', timeline: null }
}

/** Where its log ends; undefined where there is none, or the user may not know. */
async function endOfLog(client: Client): Promise<LogPosition | undefined> {
  try {
    const [row] = await rowsOf(client, 'show binlog status')
    return row && { file: String(row['File']), at: Number(row['Position']) }
  } catch {
    // MySQL has another name for it, and a user may not be allowed to ask: how far others are is not known then.
    return undefined
  }
}

/** A primary does not know how far its replicas are: they are asked, each over a connection of its own. */
class Lags {
  readonly #nodes: readonly Node[]
  readonly #connections = new Map<string, Connection<Client>>()

  constructor(nodes: readonly Node[] = []) {
    this.#nodes = nodes
  }

  measure(
    followers: readonly Follower[],
    { end, limitMs }: { end: LogPosition | undefined; limitMs: number },
  ): Promise<Follower[]> {
    return Promise.all(
      followers.map(async (follower) => {
        const node = this.#nodes.find(({ name }) => name === follower.node)
        if (node === undefined || end === undefined || follower.lagBytes !== null) return follower
        const answer = await this.#to(node).ask(limitMs, replicaStatusOf)
        return { ...follower, lagBytes: answer.ok ? lagBytes(answer.value?.[0], end) : null }
      }),
    )
  }

  #to(node: Node): Connection<Client> {
    const connection = this.#connections.get(node.name) ?? connectionTo(node)
    this.#connections.set(node.name, connection)
    return connection
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
  }
}

/** How many rows were written. Makes the place for them where there is none. */
async function write(client: Client, { name }: Node): Promise<number> {
  const once = async () => (await client.query<ResultSetHeader>(writeQuery, [name]))[0].affectedRows
  try {
    return await once()
  } catch (error) {
    if (!noPlace.includes(numberOf(error))) throw error
    for (const sql of placeQueries) await client.query(sql)
    return await once()
  }
}

function mayNotTell(node: Node): string {
  return `the user may not know whether the node is a replica: "GRANT REPLICA MONITOR ON *.* TO ${userOf(node)}" (MySQL: REPLICATION CLIENT)`
}

function mayNotSee(node: Node): string {
  return `the user ${userOf(node)} may not see replicas: "GRANT PROCESS ON *.* TO ${userOf(node)}"`
}

function notTried(node: Node, reason: string): Probe {
  return {
    outcome: 'not tried',
    reason: `the user may not write a probe (${reason}): "GRANT CREATE, SELECT, INSERT, UPDATE ON blackstart.* TO ${userOf(node)}"`,
  }
}

function userOf(node: Node): string {
  return databaseAccess(node).user
}

async function rowsOf(client: Client, sql: string, values: string[] = []): Promise<RowDataPacket[]> {
  return (await client.query<RowDataPacket[]>(sql, values))[0]
}

async function connected(node: Node): Promise<Client> {
  const { user, password } = databaseAccess(node)
  const database = node.attributes['database.name']
  // Who has no MariaDB does not wait for its driver at the start of each command.
  const { createConnection } = await import('mysql2/promise')
  return createConnection({
    ...endpointOf(node, 'sql'),
    user,
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    connectTimeout: connectLimitMs,
  })
}

async function withClient<T>(node: Node, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connected(node)
  try {
    return await work(client)
  } finally {
    client.destroy()
  }
}

function connectionTo(node: Node): Connection<Client> {
  return new Connection<Client>({
    async open(lost) {
      const client = await connected(node)
      // Without a listener a lost connection would end the process; the next question reports it.
      client.on('error', () => lost(client))
      return client
    },
    destroy: (client) => client.destroy(),
    meaningOf,
  })
}

function numberOf(error: unknown): number {
  return (error as { errno?: number }).errno ?? 0
}

/** What an error says of a server: its own have a number from 1000 on, the kernel's are negative. */
export function meaningOf(error: unknown): Meaning {
  const number = numberOf(error)
  const answered = number >= 1_000
  return { definite: answered || isGone(error), starting: number === notPrepared, keep: answered }
}
