import type { BoundedPool, Statement } from './database/pool.ts'
import { withinDeadline } from './database/within-deadline.ts'

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
}

export interface Found<T> {
  value: T | undefined
  answeredBy: AnsweredBy
}

/** What the HTTP side needs from the database side. Each method throws `Unavailable` when its deadline passes. */
export interface Ledger {
  transfer(order: TransferOrder): Promise<TransferResult>
  findTransfer(key: string): Promise<Found<StoredTransfer>>
  findAccount(id: number): Promise<Found<Account>>
}

// Balances and amounts are bigint in the database, which node-postgres hands over as text. All the money there is
// (10^9) fits a number exactly.
interface TransferRow {
  outcome: TransferResult['outcome']
  attempts: number
  created_at: Date
  node: string | null
  timeline: number | null
}

// The left joins give one row in any case, so that also a "not found" names the node that said so.
interface FoundTransferRow {
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
  id: number | null
  balance: string
  opening: string
  node: string | null
  timeline: number | null
}

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

  constructor(options: SqlLedgerOptions) {
    this.#options = options
  }

  async transfer(order: TransferOrder): Promise<TransferResult> {
    const statement: Statement = {
      name: 'ledger_transfer',
      text: 'select outcome, attempts, created_at, node, timeline from ledger_transfer($1, $2, $3, $4)',
      values: [order.key, order.from, order.to, order.amount],
    }
    // Repeating a write is safe because of its key, so it may be held here for as long as a fail-over takes, up to the
    // deadline, instead of sending the client away.
    const row = await withinDeadline(async (limitMs) => only(await this.#options.writes.run<TransferRow>(statement, limitMs)), {
      deadlineMs: this.#options.writeDeadlineMs,
      onAttempt: (result) => this.#options.onAttempt?.('write', result),
    })
    return { outcome: row.outcome, createdAt: row.created_at, replayed: row.attempts > 1, answeredBy: answeredBy(row) }
  }

  async findTransfer(key: string): Promise<Found<StoredTransfer>> {
    const row = await this.#read<FoundTransferRow>({
      name: 'find_transfer',
      text: `select t.key, t.from_account, t.to_account, t.amount, t.status, t.attempts, t.created_at, who.node, who.timeline
               from ledger_answered_by as who left join transfers as t on t.key = $1`,
      values: [key],
    })
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

  async findAccount(id: number): Promise<Found<Account>> {
    const row = await this.#read<FoundAccountRow>({
      name: 'find_account',
      text: `select a.id, a.balance, a.opening, who.node, who.timeline
               from ledger_answered_by as who left join accounts as a on a.id = $1`,
      values: [id],
    })
    if (row.id === null) return { value: undefined, answeredBy: answeredBy(row) }
    return {
      value: { id: row.id, balance: Number(row.balance), opening: Number(row.opening) },
      answeredBy: answeredBy(row),
    }
  }

  #read<Row extends object>(statement: Statement): Promise<Row> {
    return withinDeadline(async (limitMs) => only(await this.#options.reads.run<Row>(statement, limitMs)), {
      deadlineMs: this.#options.readDeadlineMs,
      // A replica that has fallen silent costs half of the time; the rest goes to a new connection, perhaps elsewhere.
      attemptLimitMs: this.#options.readDeadlineMs / 2,
      onAttempt: (result) => this.#options.onAttempt?.('read', result),
    })
  }
}

function answeredBy(row: AnsweredBy): AnsweredBy {
  return { node: row.node, timeline: row.timeline }
}

function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows
  if (row === undefined) throw new Error('the database answered without a row, where one was certain')
  return row
}
