// Goal: cache and sessions help while the store is there; without it every request is served all the same, and no
// promise is broken.
// Method: the real HTTP side, cache, sessions and breakers, between a ledger and a store that both do what the test
// says.
import { afterEach, describe, expect, test } from 'vitest'
import type { App } from '../../../services/ledger/http/app.ts'
import { buildApp } from '../../../services/ledger/http/app.ts'
import { Metrics } from '../../../services/ledger/http/metrics.ts'
import type { Ledger, ReadFrom, TransferResult } from '../../../services/ledger/ledger.ts'
import { AccountCache } from '../../../services/ledger/store/cache.ts'
import { GuardedStore } from '../../../services/ledger/store/guarded.ts'
import { Sessions } from '../../../services/ledger/store/sessions.ts'
import { FakeStore } from './fake-store.ts'

const limitMs = 20
const createdAt = new Date('2026-01-02T03:04:05.678Z')

class FakeLedger implements Ledger {
  readonly reads: (ReadFrom & { id: number | string })[] = []
  outcome: TransferResult['outcome'] = 'completed'

  async transfer(_order: unknown, { position }: { position?: boolean } = {}): Promise<TransferResult> {
    return {
      outcome: this.outcome,
      createdAt,
      replayed: false,
      answeredBy: { node: 'pg-east-a', timeline: 4 },
      ...(position && { position: '0/3000148' }),
    }
  }

  async findTransfer(key: string, from: ReadFrom = {}): ReturnType<Ledger['findTransfer']> {
    this.reads.push({ id: key, ...from })
    return {
      value: { key, from: 1, to: 2, amount: 3, status: 'completed', attempts: 1, createdAt },
      answeredBy: { node: 'pg-west-b', timeline: 3 },
    }
  }

  async findAccount(id: number, from: ReadFrom = {}): ReturnType<Ledger['findAccount']> {
    this.reads.push({ id, ...from })
    return {
      value: id <= 1_000 ? { id, balance: id * 10, opening: id, version: 3 } : undefined,
      answeredBy: { node: 'pg-west-b', timeline: 3 },
    }
  }
}

let app: App | undefined
afterEach(() => app?.server.close())

function build({ restMs = 40 } = {}) {
  const ledger = new FakeLedger()
  const store = new FakeStore()
  const metrics = new Metrics({})
  const guarded = new GuardedStore(store, { limitMs, restMs })
  const built = buildApp({
    config: { region: 'west', zone: 'b', node: 'app-west-b', queueMax: 10, logLevel: 'silent' },
    ledger,
    cache: new AccountCache({ near: guarded, primary: guarded, onRead: (result) => metrics.cacheRead(result) }),
    sessions: new Sessions(guarded, (result) => metrics.session(result)),
    readiness: { status: { ready: true, answeredBy: { node: null, timeline: null } }, draining: false },
    policies: { known: true },
    metrics,
  })
  app = built
  const get = (url: string, headers: Record<string, string> = {}) => built.server.inject({ url, headers })
  const transfer = (headers: Record<string, string> = {}) =>
    built.server.inject({
      method: 'POST',
      url: '/transfers',
      headers: { 'idempotency-key': 'k-1', ...headers },
      payload: { from: 1, to: 2, amount: 3 },
    })
  return { ledger, store, get, transfer }
}

describe('the cache', () => {
  test('answers the second read, and names the node that told the value', async () => {
    const { ledger, store, get } = build()
    const [first, second] = [await get('/accounts/7'), await get('/accounts/7')]
    expect([first.headers['x-blackstart-cache'], second.headers['x-blackstart-cache']]).toEqual(['miss', 'hit'])
    expect(second.json()).toEqual(first.json())
    expect(second.headers).toMatchObject({ 'x-blackstart-database': 'pg-west-b', 'x-blackstart-timeline': '3' })
    expect(ledger.reads).toEqual([{ id: 7 }])
    expect(store.ttlMs.get('account:7')).toBe(1_000)
  })

  test('forgets both accounts of a completed transfer, and of no other', async () => {
    const { ledger, store, get, transfer } = build()
    for (const id of [1, 2, 3]) await get(`/accounts/${id}`)
    ledger.outcome = 'insufficient_funds'
    expect((await transfer()).statusCode).toBe(422)
    expect([...store.values.keys()]).toEqual(['account:1', 'account:2', 'account:3'])
    ledger.outcome = 'completed'
    expect((await transfer()).statusCode).toBe(201)
    expect([...store.values.keys()]).toEqual(['account:3'])
  })

  test('keeps no account that does not exist', async () => {
    const { store, get } = build()
    expect((await get('/accounts/1001')).statusCode).toBe(404)
    expect(store.values.size).toBe(0)
  })

  test.each([
    ['no version', JSON.stringify({ value: { id: 7, balance: 1, opening: 1 }, answeredBy: {} })],
    ['another account', JSON.stringify({ value: { id: 8, balance: 1, opening: 1, version: 1 }, answeredBy: {} })],
    ['rubbish', 'rubbish'],
    ['nothing', ''],
    ['null', 'null'],
    ['half an account', '{"value":{"id":7}}'],
    [
      'a node that is none',
      JSON.stringify({ value: { id: 7, balance: 1, opening: 1, version: 1 }, answeredBy: { node: {} } }),
    ],
  ])("does not serve what it finds under an account's key when that is %s", async (_, text) => {
    const { store, get } = build()
    store.values.set('account:7', text)
    const response = await get('/accounts/7')
    expect([response.json(), response.headers['x-blackstart-cache']]).toEqual([
      { id: 7, balance: 70, opening: 7, version: 3 },
      'miss',
    ])
  })

  test.each([{ 'x-blackstart-position': '0/0' }, { 'x-blackstart-session': 's-1' }])(
    'is not for a read that must see what was written: %j',
    async (headers) => {
      const { store, get } = build()
      await get('/accounts/7')
      const response = await get('/accounts/7', headers)
      expect(response.headers).not.toHaveProperty('x-blackstart-cache')
      expect(store.asked.filter((question) => question === 'get account:7')).toHaveLength(1)
    },
  )
})

describe('a session', () => {
  const session = { 'x-blackstart-session': 's-1' }

  test('reads from where it wrote, without carrying the position', async () => {
    const { ledger, store, get, transfer } = build()
    const written = await transfer(session)
    expect([written.statusCode, written.headers['x-blackstart-session']]).toEqual([201, 'kept'])
    expect(store.ttlMs.get('session:s-1')).toBe(60_000)
    for (const url of ['/accounts/7', '/transfers/k-1'])
      expect((await get(url, session)).headers['x-blackstart-session']).toBe('known')
    expect(ledger.reads.map(({ after }) => after)).toEqual(['0/3000148', '0/3000148'])
  })

  test('that nobody knows has no position', async () => {
    const { ledger, get } = build()
    expect((await get('/accounts/7', session)).headers['x-blackstart-session']).toBe('unknown')
    expect(ledger.reads).toEqual([{ id: 7, after: undefined }])
  })

  test('that carries a position as well reads from there', async () => {
    const { ledger, store, get } = build()
    await get('/accounts/7', { ...session, 'x-blackstart-position': '0/9' })
    expect([ledger.reads, store.asked]).toEqual([[{ id: 7, after: '0/9' }], []])
  })

  test('reads from the primary where what is kept makes no sense', async () => {
    const { ledger, store, get } = build()
    store.values.set('session:s-1', "'; drop table accounts")
    await get('/accounts/7', session)
    expect(ledger.reads).toEqual([{ id: 7, primary: true }])
  })

  test.each(['', 'a b', 'x'.repeat(65), 'a:b', 'ä'])('has no token "%s"', async (token) => {
    const { ledger, store, get, transfer } = build()
    const headers = { 'x-blackstart-session': token }
    const answers = [await transfer(headers), await get('/accounts/7', headers), await get('/transfers/k-1', headers)]
    expect(answers.map((answer) => [answer.statusCode, answer.json().code])).toEqual(
      Array(3).fill([400, 'session_invalid']),
    )
    expect([ledger.reads, store.asked]).toEqual([[], []])
  })
})

describe.each(['throws', 'silent'] as const)('a store that %s', (mood) => {
  const session = { 'x-blackstart-session': 's-1' }

  test('fails no request, and is not asked by the next one', async () => {
    const { ledger, store, get, transfer } = build({ restMs: 60_000 })
    store.mood = mood
    const read = await get('/accounts/7')
    const written = await transfer(session)
    const readBack = await get('/accounts/7', session)
    expect([read.statusCode, read.headers['x-blackstart-cache'], read.json()]).toEqual([
      200,
      'away',
      { id: 7, balance: 70, opening: 7, version: 3 },
    ])
    expect([
      written.statusCode,
      written.headers['x-blackstart-session'],
      written.headers['x-blackstart-position'],
    ]).toEqual([201, 'away', '0/3000148'])
    expect([readBack.statusCode, readBack.headers['x-blackstart-session']]).toEqual([200, 'away'])
    expect(ledger.reads).toEqual([{ id: 7 }, { id: 7, primary: true }])
    // Three questions, and three time limits, would be the cost without a breaker.
    expect(store.asked).toEqual(['get account:7'])
  })

  test('is used again when it has come back', async () => {
    const { store, get } = build()
    store.mood = mood
    await get('/accounts/7')
    store.mood = 'answers'
    await expect
      .poll(async () => (await get('/accounts/7')).headers['x-blackstart-cache'], { timeout: 5_000 })
      .toBe('hit')
  })
})

test('a write takes one limit of a silent store, not one for each thing it tells it', async () => {
  const { store, transfer } = build()
  store.mood = 'silent'
  expect((await transfer({ 'x-blackstart-session': 's-1' })).statusCode).toBe(201)
  expect(store.asked.toSorted()).toEqual(['delete account:1 account:2', 'set session:s-1'])
})

test('readiness does not ask the store', async () => {
  const { store, get } = build()
  store.mood = 'silent'
  expect((await get('/readyz')).statusCode).toBe(200)
  expect(store.asked).toEqual([])
})

test('metrics count hits, misses, and a store that is away', async () => {
  const { store, get } = build()
  for (let read = 0; read < 3; read++) await get('/accounts/7')
  store.mood = 'throws'
  await get('/accounts/7')
  await get('/accounts/7', { 'x-blackstart-session': 's-1' })
  const { body } = await get('/metrics')
  for (const line of [
    'ledger_cache_reads_total{result="hit"} 2',
    'ledger_cache_reads_total{result="miss"} 1',
    'ledger_cache_reads_total{result="away"} 1',
    'ledger_sessions_total{result="away"} 1',
  ]) {
    expect(body).toContain(line)
  }
})
