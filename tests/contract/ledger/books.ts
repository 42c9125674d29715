import { expect } from 'vitest'
import type { ContractDatabase } from './database.ts'

export async function readBalance(database: ContractDatabase, id: number): Promise<number> {
  return Number((await database.one<{ balance: string }>(`select balance from accounts where id = ${id}`)).balance)
}

/** The sum over all accounts is what it was at the start, and each account's transfers explain its balance. */
export async function expectBooksInOrder(database: ContractDatabase): Promise<void> {
  const totals = await database.one(
    'select sum(balance)::float8 as balance, sum(opening)::float8 as opening, count(*)::int as accounts from accounts',
  )
  expect(totals).toEqual({ balance: 1_000_000_000, opening: 1_000_000_000, accounts: 1_000 })
  const unexplained = await database.query(`
    select id from accounts left join lateral (
      select coalesce(sum(case when to_account = id then amount else -amount end), 0) as moved
        from transfers where status = 'completed' and id in (from_account, to_account)) as history on true
     where balance <> opening + moved`)
  expect(unexplained).toEqual([])
}

/** Waits until exactly one transfer is under way inside the database, held up by a lock. */
export async function expectTransferToWaitForLock(database: ContractDatabase): Promise<void> {
  const waiting = `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and query like '%ledger_transfer%'`
  await expect.poll(() => database.one(waiting), { timeout: 5_000 }).toEqual({ n: 1 })
}
