// Goal: a read that nobody knows the position of is answered by the primary alone.
import { expect, test } from 'vitest'
import type { BoundedPool } from '../../../services/ledger/database/pool.ts'
import { SqlLedger } from '../../../services/ledger/ledger.ts'

const asked: string[] = []
const pool = (name: string): Pick<BoundedPool, 'run'> => ({
  run: (async () => {
    asked.push(name)
    return [{ reached: true, id: null, key: null, node: 'pg-east-a', timeline: 1 }]
  }) as unknown as BoundedPool['run'],
})

test('reads go to a replica, or to the primary where that is asked for', async () => {
  const ledger = new SqlLedger({
    writes: pool('primary'),
    reads: pool('replica'),
    writeDeadlineMs: 100,
    readDeadlineMs: 100,
  })
  await ledger.findAccount(1)
  await ledger.findAccount(1, { after: '0/1' })
  await ledger.findAccount(1, { primary: true })
  await ledger.findTransfer('k', { primary: true })
  expect(asked).toEqual(['replica', 'replica', 'primary', 'primary'])
})
