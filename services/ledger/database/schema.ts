import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { LedgerClient } from './client.ts'
import { isDoubt, UnconfirmedCommit } from './failures.ts'

const sql = readFileSync(new URL('../schema.sql', import.meta.url), 'utf8')

/** Names the content of schema.sql. A database that lists it in `ledger_schema` has exactly this schema. */
export const schemaFingerprint = createHash('sha256').update(sql).digest('hex')

// Any number will do, as long as nothing else in this database uses it.
const ADVISORY_LOCK = 7_204_551_930

const RECORD = `
  create table if not exists ledger_schema (
    fingerprint text primary key,
    applied_at timestamptz not null default clock_timestamp(),
    confirmed integer not null default 1
  )`

export interface SchemaOptions {
  url: string
  applicationName: string
  signal: AbortSignal
  tryLimitMs?: number
  /** Called when a try failed for another reason than the one before. */
  onFailure: (reason: string) => void
}

/**
 * Applies schema.sql, once for all replicas, and keeps trying until the database can be written or `signal` aborts.
 * @returns whether it is applied; false only after an abort
 */
export async function applySchema(options: SchemaOptions): Promise<boolean> {
  let pauseMs = 100
  let lastReason = ''
  while (!options.signal.aborted) {
    try {
      await applyOnce(options)
      return true
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== lastReason && !options.signal.aborted) options.onFailure(reason)
      lastReason = reason
    }
    // An abort ends the pause early; the loop's condition sees it.
    await wait(pauseMs, undefined, { signal: options.signal }).catch(() => {})
    pauseMs = Math.min(pauseMs * 2, 2_000)
  }
  return false
}

async function applyOnce(options: SchemaOptions): Promise<void> {
  const tryLimitMs = options.tryLimitMs ?? 10_000
  const client = new LedgerClient({
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: tryLimitMs,
    // If this process vanishes in the middle, the lock must not stay with a session that nobody ends.
    idle_in_transaction_session_timeout: tryLimitMs,
    statement_timeout: tryLimitMs,
  })
  const destroy = (): void => client.destroy()
  const timer = setTimeout(destroy, tryLimitMs)
  options.signal.addEventListener('abort', destroy)
  try {
    await client.connect()
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
    await client.query(RECORD)
    // Counting the confirmations makes this a write also where the schema is already there. Like a retried transfer, it
    // then waits for replication: the one that came first may not have got its confirmation.
    const recorded = await client.query<{ confirmed: number }>(
      `insert into ledger_schema as s (fingerprint) values ($1)
       on conflict (fingerprint) do update set confirmed = s.confirmed + 1 returning confirmed`,
      [schemaFingerprint],
    )
    if (recorded.rows[0]?.confirmed === 1) await client.query(sql)
    let warning: string | undefined
    client.on('notice', (notice) => {
      if (isDoubt(notice)) warning = notice.message
    })
    await client.query('commit')
    if (warning !== undefined) throw new UnconfirmedCommit(warning)
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', destroy)
    destroy()
  }
}
