// The ledger against a real PostgreSQL, seen as its clients, its routers and its operators see it:
//
//   this test ── HTTP ──► replica (a process) ──► PostgreSQL (a container that is killed, frozen and revived)
//        └───────────────── SQL, as an observer ──────────┘
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { BoundedPool } from '../../services/ledger/database/pool.ts'
import { applySchema, schemaFingerprint } from '../../services/ledger/database/schema.ts'
import { expectBooksInOrder, expectTransferToWaitForLock, readBalance } from './ledger/books.ts'
import { ContractDatabase } from './ledger/database.ts'
import { Replica } from './ledger/replica.ts'

// A busy machine may take seconds to start a process; each wait inside the tests has its own, tighter limit.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

let database: ContractDatabase
let patient: Replica // holds a write for long enough that a slow machine does not show as an outage
let prompt: Replica // with the limits that the reference system uses
const env = (extra: Record<string, string> = {}): Record<string, string> => ({
  DATABASE_WRITE_URL: database.url,
  DATABASE_READ_URL: database.url,
  ...extra,
})

beforeAll(async () => {
  database = await ContractDatabase.start()
  // Both at once, on an empty database.
  patient = await Replica.start('app-patient', env({ WRITE_DEADLINE_MS: '10000', READ_DEADLINE_MS: '5000' }))
  prompt = await Replica.start('app-prompt', env())
  await Promise.all([patient.until('/readyz', 200, 60_000), prompt.until('/readyz', 200, 60_000)])
})

afterAll(async () => {
  await patient?.[Symbol.asyncDispose]()
  await prompt?.[Symbol.asyncDispose]()
  await database?.[Symbol.asyncDispose]()
})

const balanceOf = (id: number): Promise<number> => readBalance(database, id)
const expectNothingGainedOrLost = (): Promise<void> => expectBooksInOrder(database)
const expectLockWait = (): Promise<void> => expectTransferToWaitForLock(database)

describe('the ledger', () => {
  test('sets up its schema once, whichever replica comes first', async () => {
    await expect.poll(() => database.query('select confirmed from ledger_schema')).toEqual([{ confirmed: 2 }])
    await expectNothingGainedOrLost()
  })

  test('moves money exactly once for 50 concurrent requests with one key', async () => {
    const before = [await balanceOf(11), await balanceOf(12)]
    const order = { from: 11, to: 12, amount: 7 }
    const answers = await Promise.all(Array.from({ length: 50 }, () => patient.transfer('same-key', order)))
    expect(new Set(answers.map((each) => `${each.status} ${each.text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(201)
    expect(answers.filter((each) => each.headers.get('idempotent-replayed') === null)).toHaveLength(1)
    expect([await balanceOf(11), await balanceOf(12)]).toEqual([Number(before[0]) - 7, Number(before[1]) + 7])
    expect(await database.one(`select attempts from transfers where key = 'same-key'`)).toEqual({ attempts: 50 })
    await expectNothingGainedOrLost()
  })

  test('refuses a key that belongs to another transfer', async () => {
    expect((await patient.transfer('taken', { from: 21, to: 22, amount: 1 })).status).toBe(201)
    for (const other of [
      { from: 21, to: 22, amount: 2 },
      { from: 23, to: 22, amount: 1 },
      { from: 22, to: 21, amount: 1 },
    ]) {
      const refused = await patient.transfer('taken', other)
      expect([refused.status, JSON.parse(refused.text).code]).toEqual([422, 'idempotency_key_reused'])
    }
    expect([await balanceOf(21), await balanceOf(22), await balanceOf(23)]).toEqual([999_999, 1_000_001, 1_000_000])
  })

  test('keeps to a refusal, even when the money has come since', async () => {
    const order = { from: 31, to: 32, amount: 1_500_000 }
    const declined = await patient.transfer('too-much', order)
    expect([declined.status, JSON.parse(declined.text).code]).toEqual([422, 'insufficient_funds'])
    expect((await patient.transfer('top-up', { from: 33, to: 31, amount: 900_000 })).status).toBe(201)
    const again = await patient.transfer('too-much', order)
    expect([again.status, again.text]).toEqual([declined.status, declined.text])
    expect(await balanceOf(31)).toBe(1_900_000)
  })

  test('refuses unknown accounts', async () => {
    for (const [index, order] of [
      { from: 1, to: 1_001, amount: 1 },
      { from: 1_001, to: 1, amount: 1 },
    ].entries()) {
      const refused = await patient.transfer(`unknown-${index}`, order)
      expect([refused.status, JSON.parse(refused.text).code]).toEqual([422, 'unknown_account'])
    }
    await expectNothingGainedOrLost()
  })

  test('serves opposite transfers between the same accounts without a deadlock', async () => {
    const orders = Array.from({ length: 150 }, (_, n) => ({
      from: 41 + (n % 3),
      to: 41 + ((n + 1 + (n % 2)) % 3),
      amount: 1 + n,
    }))
    const answers = await Promise.all(orders.map((order, n) => patient.transfer(`busy-${n}`, order)))
    expect(answers.map((each) => each.status)).toEqual(Array(150).fill(201))
    expect(
      (
        await database.one<{ deadlocks: number }>(
          `select deadlocks::int from pg_stat_database where datname = 'postgres'`,
        )
      ).deadlocks,
    ).toBe(0)
    await expectNothingGainedOrLost()
  })

  test('names in every answer who gave it', async () => {
    const written = await prompt.transfer('who', { from: 51, to: 52, amount: 1 })
    const read = await prompt.get('/transfers/who')
    const refused = await prompt.get('/accounts/1001')
    expect([written.status, read.status, refused.status]).toEqual([201, 200, 404])
    for (const { headers } of [written, read, refused]) {
      const named = ['region', 'zone', 'node', 'database', 'timeline'].map((name) =>
        headers.get(`x-blackstart-${name}`),
      )
      expect(named).toEqual(['east', 'a', 'app-prompt', 'pg-contract', '1'])
    }
  })
})

describe('versions', () => {
  const versions = async (key: string, order: { from: number; to: number; amount: number }) =>
    (await patient.transfer(key, order)).headers.get('x-blackstart-versions')
  const seen = async (id: number) => (await patient.get(`/accounts/${id}`)).headers.get('x-blackstart-versions')

  test('rise by one with each transfer that moves money, and with nothing else', async () => {
    expect(await seen(91)).toBe('91:0')
    expect(await versions('version-1', { from: 91, to: 92, amount: 1 })).toBe('91:1,92:1')
    expect(await versions('version-2', { from: 93, to: 91, amount: 1 })).toBe('93:1,91:2')
    // A repetition tells what it finds; a refusal changes nothing.
    expect(await versions('version-1', { from: 91, to: 92, amount: 1 })).toBe('91:2,92:1')
    expect(await versions('version-3', { from: 91, to: 92, amount: 900_000_000 })).toBeNull()
    expect([await seen(91), await seen(92), await seen(1001)]).toEqual(['91:2', '92:1', null])
    const many = Array.from({ length: 40 }, (_, n) =>
      versions(`version-many-${n}`, n % 2 === 0 ? { from: 91, to: 92, amount: 1 } : { from: 92, to: 91, amount: 1 }),
    )
    // Each of them is one step of its own, whatever their order.
    const of91 = (await Promise.all(many)).map((told) => Number(/91:(\d+)/.exec(told ?? '')?.[1]))
    expect(of91.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n + 3))
  })

  test('come to a database of an older schema, under replicas that run on', async () => {
    await using old = await database.session()
    await old.client.query(`
      drop function ledger_find_account(integer, pg_lsn), ledger_transfer(text, integer, integer, bigint);
      alter table accounts drop column version;
      create function ledger_find_account(p_id integer, p_after pg_lsn)
      returns table (reached boolean, id integer, balance bigint, opening bigint, node text, timeline integer) language sql
      as 'select true, id, balance, opening, null::text, null::integer from accounts where id = p_id';
      delete from ledger_schema where fingerprint = '${schemaFingerprint}'`)
    const asked = {
      name: 'find_account',
      text: 'select reached, id, balance, opening, node, timeline from ledger_find_account($1, $2)',
      values: [94, null],
    }
    const before = (await old.client.query(asked)).rows
    expect(before).toMatchObject([{ id: 94, balance: '1000000' }])
    const { signal } = new AbortController()
    expect(await applySchema({ url: database.url, applicationName: 'newer', signal, onFailure: () => {} })).toBe(true)
    expect((await old.client.query(asked)).rows).toMatchObject([{ id: 94, balance: '1000000' }])
    expect(await versions('after-the-change', { from: 94, to: 95, amount: 1 })).toBe('94:1,95:1')
    expect(await seen(91)).toBe('91:0')
  })
})

describe('a write whose replication is not confirmed', () => {
  const order = { from: 61, to: 62, amount: 5 }
  const demandReplica = async (name: string): Promise<void> => {
    await database.query(`alter system set synchronous_standby_names = '${name}'`)
    await database.query('select pg_reload_conf()')
    await expect
      .poll(
        async () => (await database.one<{ v: string }>(`select current_setting('synchronous_standby_names') as v`)).v,
      )
      .toBe(name)
  }

  test('is never acknowledged: not the first time, not repeated, not when its wait is cancelled', async () => {
    await using _cleanup = { [Symbol.asyncDispose]: () => demandReplica('') }
    await demandReplica('nobody')
    for (const attempt of ['first', 'second']) {
      const answer = await prompt.transfer('unconfirmed', order)
      // Repeated, it may lack the time for a new connection: then it says that nothing was stored this time.
      const codes = attempt === 'first' ? ['outcome_unknown'] : ['outcome_unknown', 'database_unavailable']
      expect([attempt, answer.status]).toEqual([attempt, 504])
      expect(codes).toContain(JSON.parse(answer.text).code)
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(answer.tookMs).toBeLessThan(3_000)
    }
    const waiting = `from pg_stat_activity where wait_event = 'SyncRep'`
    // Whoever waits, in this moment or later, has its wait cancelled, as a demotion or an operator might do it.
    const cancelled = patient.transfer('cancelled', order)
    let settled = false
    void cancelled.finally(() => (settled = true))
    while (!settled) {
      await database.query(`set synchronous_commit = local; select pg_cancel_backend(pid) ${waiting}`)
      await wait(50)
    }
    const answer = await cancelled
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([504, 'outcome_unknown'])
    expect(answer.text).toContain('without confirming replication')

    await demandReplica('')
    const confirmed = await Promise.all([patient.transfer('unconfirmed', order), patient.transfer('cancelled', order)])
    expect(confirmed.map((each) => [each.status, each.headers.get('idempotent-replayed')])).toEqual([
      [201, 'true'],
      [201, 'true'],
    ])
    expect(await balanceOf(62)).toBe(1_000_010)
    await expectNothingGainedOrLost()
  })
})

describe('policies', () => {
  test('are stored by the first client, read by whoever starts later, and until then nobody is answered', async () => {
    const settings = env({ POLICIES: '20' })
    await using first = await Replica.start('app-first', settings)
    await first.until('/readyz', 200)
    expect((await first.transfer('makes-policies', { from: 31, to: 32, amount: 1 })).status).toBe(201)
    await expect.poll(() => database.one('select count(*)::integer as count from policies')).toEqual({ count: 20 })

    await using later = await Replica.start('app-later', settings)
    // Twenty of them take a second, one after the other.
    expect((await later.until('/readyz', 503)).text).toContain('policies_missing')
    expect((await later.transfer('too-early', { from: 31, to: 32, amount: 1 })).text).toContain('policies_missing')
    await later.until('/readyz', 200)
    expect((await later.transfer('in-time', { from: 31, to: 32, amount: 1 })).status).toBe(201)
    expect(await database.query(`select from transfers where key = 'too-early'`)).toEqual([])
  })

  test('are given out one at a time, 20 a second, to all together', async () => {
    const startMs = performance.now()
    await Promise.all(Array.from({ length: 10 }, (_, id) => database.query(`select ledger_read_policy(${id})`)))
    expect(performance.now() - startMs).toBeGreaterThan(490)
  })
})

describe('an outage of the database', () => {
  const order = { from: 71, to: 72, amount: 1 }

  test('when it dies: alive, not ready, honest about writes; and back by itself', async () => {
    expect((await prompt.transfer('before-kill', order)).status).toBe(201)
    await database.kill()
    const notReady = await prompt.until('/readyz', 503, 5_000)
    expect(JSON.parse(notReady.text).code).toBe('database_unavailable')
    const [write, read, live, ready] = await Promise.all([
      prompt.transfer('during-outage', order),
      prompt.get('/accounts/71'),
      prompt.get('/livez'),
      prompt.get('/readyz'),
    ])
    expect([write.status, read.status, live.status, ready.status]).toEqual([504, 504, 200, 503])
    expect(JSON.parse(write.text)).toEqual({
      code: 'database_unavailable',
      reason: expect.stringContaining('attempts'),
    })
    expect(write.headers.get('retry-after')).toBe('1')
    expect(write.tookMs).toBeLessThan(2_500)

    // A replica that starts now waits for the database instead of giving up.
    await using late = await Replica.start('app-late', env())
    await late.until('/livez', 200)
    expect((await late.get('/readyz')).status).toBe(503)

    await database.revive()
    await Promise.all([prompt, patient, late].map((each) => each.until('/readyz', 200)))
    expect((await prompt.transfer('during-outage', order)).status).toBe(201)
    expect((await prompt.transfer('before-kill', order)).headers.get('idempotent-replayed')).toBe('true')
    expect(await balanceOf(72)).toBe(1_000_002)
    await expectNothingGainedOrLost()
  })

  test('when it dies in the middle of a write: the held request ends with its one effect', async () => {
    await using session = await database.session()
    await session.client.query('begin; select from accounts where id = 73 for update')
    const held = patient.transfer('held', { from: 73, to: 74, amount: 9 })
    await expectLockWait()
    await database.kill()
    await database.revive()
    const answer = await held
    expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([201, null])
    expect(await balanceOf(74)).toBe(1_000_009)
  })

  test('when it falls silent: every answer still comes within its limit', async () => {
    await prompt.until('/readyz', 200)
    await database.freeze()
    try {
      await prompt.until('/readyz', 503, 5_000)
      // More than there are connections, and again when these are taken.
      for (const round of [1, 2]) {
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) => prompt.transfer(`silent-${round}-${n}`, order)),
        )
        expect(new Set(answers.map((each) => each.status))).toEqual(new Set([504]))
        expect(Math.max(...answers.map((each) => each.tookMs))).toBeLessThan(3_000)
      }
      const probe = await prompt.get('/readyz')
      expect(probe.tookMs).toBeLessThan(300)
    } finally {
      await database.thaw()
    }
    await prompt.until('/readyz', 200)
    const settled = await Promise.all(Array.from({ length: 20 }, (_, n) => patient.transfer(`silent-1-${n}`, order)))
    expect(new Set(settled.map((each) => each.status))).toEqual(new Set([201]))
    await expectNothingGainedOrLost()
  })

  test('never ends the process', () => {
    expect([patient.running, prompt.running]).toEqual([true, true])
    expect(patient.output + prompt.output).not.toMatch(/not handled|not caught|not foreseen/)
  })
})

describe('a connection to a node that is not primary', () => {
  const pid = { name: 'pid', text: 'select pg_backend_pid() as pid' }
  const write = { name: 'write', text: 'update accounts set balance = balance where id = 1' }

  test('is kept while it may become primary, and given up when it does not', async () => {
    const pool = new BoundedPool({
      url: database.url,
      applicationName: 'not primary yet',
      connectionsMax: 1,
      limitMs: 1_000,
      lifetimeSeconds: 60,
      onError: () => {},
    })
    const session = async () => (await pool.run<{ pid: number }>(pid, 1_000))[0]?.pid
    await pool.run({ name: 'refuse', text: 'set default_transaction_read_only = on' }, 1_000)
    const first = await session()
    await expect(pool.run(write, 1_000)).rejects.toThrow(/25006/)
    expect(await session(), 'after one refusal').toBe(first)
    await pool.run({ name: 'allow', text: 'set default_transaction_read_only = off' }, 1_000)
    await pool.run(write, 1_000)
    expect(await session(), 'that serves by and by').toBe(first)

    // Each refusal begins a new wait only when something was served in between; here nothing is.
    await pool.run({ name: 'refuse', text: 'set default_transaction_read_only = on' }, 1_000)
    await expect
      .poll(
        () =>
          pool.run(write, 1_000).then(
            () => 'served',
            (error: Error) => error.message,
          ),
        { timeout: 5_000, interval: 50 },
      )
      .toBe('served')
    expect(await session(), 'after a second of refusals').not.toBe(first)
    await pool.end(500)
  })
})

describe('a connection that may lead to a node that is gone', () => {
  test('is waited for no longer than that, unless it has just answered', async () => {
    const pool = new BoundedPool({
      url: database.url,
      applicationName: 'suspect',
      connectionsMax: 1,
      limitMs: 2_000,
      lifetimeSeconds: 60,
      onError: () => {},
    })
    const slow = () => pool.run({ name: 'slow', text: 'select pg_sleep(0.4)' }, 5_000, 200)
    await pool.run({ name: 'first', text: 'select 1' }, 5_000)
    await expect(slow(), 'one that answered just now').resolves.toHaveLength(1)
    await wait(600)
    await expect(slow(), 'one that has not been heard of for a while').rejects.toThrow(
      'no answer from the database within 200 ms',
    )
    await pool.end(500)
  })
})

describe('ending', () => {
  test('finishes what is under way, after it has told the routers', async () => {
    await using replica = await Replica.start(
      'app-drained',
      env({ WRITE_DEADLINE_MS: '10000', DRAIN_NOTICE_MS: '1000' }),
    )
    await replica.until('/readyz', 200)
    await using session = await database.session()
    await session.client.query('begin; select from accounts where id = 81 for update')
    const underWay = replica.transfer('under-way', { from: 81, to: 82, amount: 3 })
    await expectLockWait()

    replica.signal('SIGTERM')
    expect(JSON.parse((await replica.until('/readyz', 503, 900)).text).code).toBe('draining')
    // Between the notice and the end of listening, routers that have not noticed yet are still served.
    expect((await replica.transfer('late-comer', { from: 83, to: 84, amount: 1 })).status).toBe(201)
    await expect
      .poll(
        () =>
          replica.get('/livez').then(
            () => 'served',
            () => 'refused',
          ),
        { timeout: 5_000 },
      )
      .toBe('refused')
    expect(replica.running).toBe(true)

    await session.client.query('commit')
    expect((await underWay).status).toBe(201)
    expect(await replica.ended()).toBe(0)
  })

  test('cuts off what takes longer than the limit, and says so by its exit status', async () => {
    await using replica = await Replica.start('app-cut-off', env({ WRITE_DEADLINE_MS: '10000', DRAIN_LIMIT_MS: '300' }))
    await replica.until('/readyz', 200)
    await using session = await database.session()
    await session.client.query('begin; select from accounts where id = 81 for update')
    const underWay = replica.transfer('cut-off', { from: 81, to: 82, amount: 3 }).then(
      () => 'answered',
      () => 'cut off',
    )
    await expectLockWait()
    replica.signal('SIGTERM')
    expect([await underWay, await replica.ended()]).toEqual(['cut off', 1])
  })

  test('takes no longer than the notice when nothing is under way, with or without a database', async () => {
    const nowhere = 'postgres://postgres@127.0.0.1:1/postgres'
    const without = { DATABASE_WRITE_URL: nowhere, DATABASE_READ_URL: nowhere }
    for (const [path, extra] of [
      ['/readyz', {}],
      ['/livez', without],
    ] as const) {
      await using replica = await Replica.start('app-idle', env({ DRAIN_LIMIT_MS: '20000', ...extra }))
      await replica.until(path, 200)
      const startedMs = performance.now()
      replica.signal('SIGTERM')
      expect(await replica.ended()).toBe(0)
      expect(performance.now() - startedMs).toBeLessThan(5_000)
    }
  })

  test('comes before the beginning when the environment is not usable', async () => {
    await using replica = await Replica.start('not a token', env({ DATABASE_READ_URL: 'nonsense', PORT: 'x' }))
    expect(await replica.ended()).toBe(4)
    for (const name of ['NODE', 'PORT', 'DATABASE_READ_URL'])
      expect(replica.output).toContain(`ledger: ${name} must be`)
  })
})
