import { QueryFailed } from './database/failures.ts'
import type { BoundedPool, Statement } from './database/pool.ts'
import { Turnstile } from './database/turnstile.ts'
import { type Caller, withinDeadline } from './database/within-deadline.ts'

/** Which database node answered. `null` where the node does not say. */
export interface AnsweredBy {
  node: string | null
  timeline: number | null
}

export interface TransferOrder {
  key: string
  from: number
  to: number
  amount: number
}

export type TransferStatus = 'completed' | 'insufficient_funds' | 'unknown_account'

export interface TransferResult {
  outcome: TransferStatus | 'key_reused'
  createdAt: Date
  /** Whether the key had been presented before. */
  replayed: boolean
  answeredBy: AnsweredBy
  /** Both accounts with the versions that they have from this transfer on. None where an account does not exist. */
  versions?: readonly AccountVersion[]
  /** From where in the WAL on the transfer can be read (an LSN, `0/3000148`); only where the order asked for it. */
  position?: string
}

export interface StoredTransfer extends TransferOrder {
  status: TransferStatus
  attempts: number
  createdAt: Date
}

export interface Account {
  id: number
  balance: number
  opening: number
  /** How often its balance was changed. */
  version: number
}

export type AccountVersion = Pick<Account, 'id' | 'version'>

export interface Found<T> {
  value: T | undefined
  answeredBy: AnsweredBy
}

/** A place in the WAL, as PostgreSQL writes it (an LSN, `0/3000148`). */
export function isPosition(text: string): boolean {
  return /^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/.test(text)
}

/** From where a read must be answered. */
export interface ReadFrom {
  /** A position: the answer is from a node that has everything up to there. */
  after?: string | undefined
  /** From the primary alone: for a caller that does not know the position. */
  primary?: boolean
}

/** What the HTTP side needs from the database side. Each method throws `Unavailable` when its deadline passes. */
export interface Ledger {
  transfer(order: TransferOrder, options?: { position?: boolean; caller?: Caller }): Promise<TransferResult>
  findTransfer(key: string, from?: ReadFrom): Promise<Found<StoredTransfer>>
  findAccount(id: number, from?: ReadFrom): Promise<Found<Account>>
}

// Balances, amounts and versions are bigint in the database, which node-postgres hands over as text. All the money there
// is (10^9) fits a number exactly, and so does any number of transfers.
interface TransferRow {
  outcome: TransferResult['outcome']
  attempts: number
  created_at: Date
  from_version: string | null
  to_version: string | null
  node: string | null
  timeline: number | null
}

interface FoundTransferRow {
  reached: boolean
  key: string | null
  from_account: number
  to_account: number
  amount: string
  status: TransferStatus
  attempts: number
  created_at: Date
  node: string | null
  timeline: number | null
}

interface FoundAccountRow {
  reached: boolean
  id: number | null
  balance: string
  opening: string
  version: string
  node: string | null
  timeline: number | null
}

const POSITION: Statement = { name: 'position', text: 'select pg_current_wal_insert_lsn()::text as position' }

/** Looks at replicas that are behind, some 20, 40 and 80 ms apart, before the primary is asked. */
const PATIENCE = 4

export interface SqlLedgerOptions {
  writes: Pick<BoundedPool, 'run'>
  reads: Pick<BoundedPool, 'run'>
  writeDeadlineMs: number
  readDeadlineMs: number
  onAttempt?: (pool: 'write' | 'read', result: 'ok' | 'retried' | 'failed') => void
}

/** The ledger in PostgreSQL: one round trip for each answer (the statements are in schema.sql). */
export class SqlLedger implements Ledger {
  readonly #options: SqlLedgerOptions
  readonly #turnstile = new Turnstile()

  constructor(options: SqlLedgerOptions) {
    this.#options = options
  }

  async transfer(
    order: TransferOrder,
    { position = false, caller }: { position?: boolean; caller?: Caller } = {},
  ): Promise<TransferResult> {
    const statement: Statement = {
      name: 'ledger_transfer',
      text: 'select outcome, attempts, created_at, from_version, to_version, node, timeline from ledger_transfer($1, $2, $3, $4)',
      values: [order.key, order.from, order.to, order.amount],
    }
    // Repeating a write is safe because of its key, so it may be held here for as long as a fail-over takes, up to the
    // deadline, instead of sending the client away.
    const row = await withinDeadline(
      async (limitMs, suspectMs) => {
        const startedMs = performance.now()
        const written = only(await this.#options.writes.run<TransferRow>(statement, limitMs, suspectMs))
        if (!position) return { ...written, position: undefined }
        // Only after the commit is there a position that includes it, and whichever node is primary then has it.
        const asked = await this.#options.writes.run<{ position: string }>(
          POSITION,
          Math.max(1, limitMs - (performance.now() - startedMs)),
        )
        return { ...written, position: only(asked).position }
      },
      {
        deadlineMs: this.#options.writeDeadlineMs,
        caller,
        turnstile: this.#turnstile,
        onAttempt: (result) => this.#options.onAttempt?.('write', result),
      },
    )
    return {
      outcome: row.outcome,
      createdAt: row.created_at,
      replayed: row.attempts > 1,
      answeredBy: answeredBy(row),
      ...versionsAfter(order, row),
      ...(row.position !== undefined && { position: row.position }),
    }
  }

  async findTransfer(key: string, { after, primary }: ReadFrom = {}): Promise<Found<StoredTransfer>> {
    const row = await this.#read<FoundTransferRow>(
      {
        name: 'find_transfer',
        text: 'select reached, key, from_account, to_account, amount, status, attempts, created_at, node, timeline from ledger_find_transfer($1, $2)',
        values: [key, after ?? null],
      },
      primary,
    )
    if (row.key === null) return { value: undefined, answeredBy: answeredBy(row) }
    const value = {
      key: row.key,
      from: row.from_account,
      to: row.to_account,
      amount: Number(row.amount),
      status: row.status,
      attempts: row.attempts,
      createdAt: row.created_at,
    }
    return { value, answeredBy: answeredBy(row) }
  }

  async findAccount(id: number, { after, primary }: ReadFrom = {}): Promise<Found<Account>> {
    const row = await this.#read<FoundAccountRow>(
      {
        name: 'find_account',
        text: 'select reached, id, balance, opening, version, node, timeline from ledger_find_account($1, $2)',
        values: [id, after ?? null],
      },
      primary,
    )
    if (row.id === null) return { value: undefined, answeredBy: answeredBy(row) }
    return {
      value: {
        id: row.id,
        balance: Number(row.balance),
        opening: Number(row.opening),
        version: Number(row.version),
      },
      answeredBy: answeredBy(row),
    }
  }

  #read<Row extends { reached: boolean; node: string | null }>(statement: Statement, primary = false): Promise<Row> {
    let behind = 0
    return withinDeadline(
      async (limitMs, suspectMs) => {
        // Replicas are a moment behind. One that is further behind, or was given a position that does not exist, is not
        // waited for.
        const pool = !primary && behind < PATIENCE ? this.#options.reads : this.#options.writes
        const row = only(await pool.run<Row>(statement, limitMs, suspectMs))
        if (row.reached) return row
        behind += 1
        throw new QueryFailed(`${row.node ?? 'the replica'} has not replayed as far as this session has seen`, {
          unavailable: true,
          mayHaveTakenEffect: false,
          connectionSpoilt: false,
        })
      },
      {
        deadlineMs: this.#options.readDeadlineMs,
        ...(primary && { turnstile: this.#turnstile }),
        // A replica that has fallen silent costs half of the time. The rest goes to a new connection, perhaps to
        // another node.
        attemptLimitMs: this.#options.readDeadlineMs / 2,
        onAttempt: (result) => this.#options.onAttempt?.('read', result),
      },
    )
  }
}

function answeredBy(row: AnsweredBy): AnsweredBy {
  return { node: row.node, timeline: row.timeline }
}

function versionsAfter(
  { from, to }: TransferOrder,
  { from_version, to_version }: TransferRow,
): Pick<TransferResult, 'versions'> {
  if (from_version === null || to_version === null) return {}
  return {
    versions: [
      { id: from, version: Number(from_version) },
      { id: to, version: Number(to_version) },
    ],
  }
}

function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows
  if (row === undefined) throw new Error('the database answered without a row, where one was certain')
  return row
}
