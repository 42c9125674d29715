/** PostgreSQL: one table. The primary is found by asking; a proxy that leads to it is one address. */
import pg from 'pg'
import { abortable } from './abortable.ts'
import { Members, type Server } from './members.ts'
import type { Address, Store } from './store.ts'
import type { StoreUrl } from './store-url.ts'

const createTable = 'create table if not exists items (key text primary key, body text not null)'
// Also what is there already is written again: a first attempt may have been stored on the primary alone, and nothing
// that waits for the standby would be left to do.
const upsert = 'insert into items (key, body) values ($1, $2) on conflict (key) do update set body = excluded.body'
const undefinedTable = '42P01'

export function openPostgres(url: StoreUrl): Store {
  const members = new Members(
    url.addresses.map((address) => new PostgresServer(url, address)),
    { everyMs: 250, limitMs: 2_000 },
  )
  const query = (sql: string, values: string[], signal: AbortSignal) =>
    members.use((server, either) => server.query(sql, values, either), signal)
  return {
    put: async (key, body, signal) => void (await query(upsert, [key, body], signal)),
    get: async (key, signal) =>
      (await query('select body from items where key = $1', [key], signal))[0]?.['body'] as string | undefined,
    ready: async (signal) => void (await query('select from items limit 1', [], signal)),
    close: () => members.close(),
  }
}

class PostgresServer implements Server {
  readonly name: string
  readonly #pool: pg.Pool
  readonly #watch: pg.Pool

  constructor({ user, password, name: database }: StoreUrl, { host, port }: Address) {
    this.name = `${host}:${port}`
    const config = { host, port, user, password, database, application_name: 'items' }
    // Where a server is slow to let anybody in, to give up early and begin anew would keep it so. The limit counts the wait
    // for a connection of the pool, too.
    this.#pool = new pg.Pool({ ...config, max: 16, connectionTimeoutMillis: 4_000 })
    this.#watch = new pg.Pool({ ...config, max: 1, connectionTimeoutMillis: 2_000 })
    for (const pool of [this.#pool, this.#watch]) {
      // A connection that breaks while nobody uses it is opened anew when it is wanted.
      pool.on('error', () => {})
      // One that breaks between two statements, while it is lent, tells nobody else.
      pool.on('connect', (client) => client.on('error', () => {}))
    }
  }

  async takesWrites(signal: AbortSignal): Promise<boolean> {
    // It is on for a standby, and for a primary that was told to take none for now.
    const [row] = await run(this.#watch, "select current_setting('transaction_read_only') = 'off' as takes", [], signal)
    return row?.['takes'] === true
  }

  async query(sql: string, values: string[], signal: AbortSignal): Promise<Record<string, unknown>[]> {
    try {
      return await run(this.#pool, sql, values, signal)
    } catch (error) {
      // The next attempt finds it.
      if (error instanceof pg.DatabaseError && error.code === undefinedTable)
        await run(this.#pool, createTable, [], signal)
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), this.#watch.end()])
  }
}

/**
 * A connection whose statement failed, or was not waited for, is closed: nobody knows what it still does.
 * @throws also for a commit that the server reports as done while it warns that no standby has confirmed it
 */
async function run(
  pool: pg.Pool,
  sql: string,
  values: string[],
  signal: AbortSignal,
): Promise<Record<string, unknown>[]> {
  const client = await pool.connect()
  let warning: string | undefined
  const note = ({ severity, message }: { severity: string | undefined; message: string | undefined }) => {
    if (severity === 'WARNING') warning = message
  }
  client.on('notice', note)
  try {
    const { rows } = await abortable(client.query(sql, values), signal)
    if (warning !== undefined) throw new Error(`committed, and in doubt: ${warning}`)
    client.off('notice', note)
    client.release()
    return rows
  } catch (error) {
    client.release(true)
    throw error
  }
}
