/** MariaDB: one table. Any member of a Galera cluster that says that it is ready will do; else the one that is not read-only. */
import { createPool, type Pool, type PoolConnection, type RowDataPacket } from 'mysql2/promise'
import { abortable } from './abortable.ts'
import { Members, type Server } from './members.ts'
import type { Address, Store } from './store.ts'
import type { StoreUrl } from './store-url.ts'

const createTable = 'create table if not exists items (`key` varchar(200) primary key, body mediumtext not null)'
const upsert = 'insert into items (`key`, body) values (?, ?) on duplicate key update body = values(body)'
// A server without Galera has no such status.
const ready = `select @@global.read_only = 0 and not exists (
  select * from information_schema.global_status where variable_name = 'wsrep_ready' and variable_value <> 'ON') as takes`

export function openMariadb(url: StoreUrl): Store {
  const members = new Members(
    url.addresses.map((address) => new MariadbServer(url, address)),
    { everyMs: 250, limitMs: 2_000 },
  )
  const query = (sql: string, values: string[], signal: AbortSignal) =>
    members.use((server, either) => server.query(sql, values, either), signal)
  return {
    put: async (key, body, signal) => void (await query(upsert, [key, body], signal)),
    get: async (key, signal) =>
      (await query('select body from items where `key` = ?', [key], signal))[0]?.['body'] as string | undefined,
    ready: async (signal) => void (await query('select `key` from items limit 1', [], signal)),
    close: () => members.close(),
  }
}

class MariadbServer implements Server {
  readonly name: string
  readonly #pool: Pool
  readonly #watch: Pool

  constructor({ user, password, name: database }: StoreUrl, { host, port }: Address) {
    this.name = `${host}:${port}`
    const config = { host, port, database, connectTimeout: 3_000, ...(user && { user }), ...(password && { password }) }
    this.#pool = createPool({ ...config, connectionLimit: 16 })
    this.#watch = createPool({ ...config, connectionLimit: 1 })
  }

  async takesWrites(signal: AbortSignal): Promise<boolean> {
    const [row] = await run(this.#watch, ready, [], signal)
    return Number(row?.['takes']) === 1
  }

  async query(sql: string, values: string[], signal: AbortSignal): Promise<RowDataPacket[]> {
    try {
      return await run(this.#pool, sql, values, signal)
    } catch (error) {
      // The next attempt finds it.
      if (error instanceof Error && 'code' in error && error.code === 'ER_NO_SUCH_TABLE')
        await run(this.#pool, createTable, [], signal)
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), this.#watch.end()])
  }
}

/** A connection whose statement failed, or was not waited for, is closed: nobody knows what it still does. */
async function run(pool: Pool, sql: string, values: string[], signal: AbortSignal): Promise<RowDataPacket[]> {
  const connection = await borrow(pool, signal)
  try {
    const [rows] = await abortable(connection.query(sql, values), signal)
    connection.release()
    return Array.isArray(rows) ? (rows as RowDataPacket[]) : []
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/** One that comes when nobody waits for it any more goes back. */
async function borrow(pool: Pool, signal: AbortSignal): Promise<PoolConnection> {
  const coming = pool.getConnection()
  return await abortable(coming, signal).catch((error: unknown) => {
    coming.then(
      (connection) => connection.release(),
      () => {},
    )
    throw error
  })
}
