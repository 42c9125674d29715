import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Caller } from '../../../services/ledger/database/within-deadline.ts'
import { ClientLeft, Unavailable } from '../../../services/ledger/database/within-deadline.ts'
import type { App } from '../../../services/ledger/http/app.ts'
import { buildApp } from '../../../services/ledger/http/app.ts'
import { Metrics } from '../../../services/ledger/http/metrics.ts'
import type { Ledger, TransferOrder, TransferResult } from '../../../services/ledger/ledger.ts'
import type { ReadinessStatus } from '../../../services/ledger/readiness.ts'
import { Sessions } from '../../../services/ledger/store/sessions.ts'

const answeredBy = { node: 'pg-west-b', timeline: 7 }
const createdAt = new Date('2026-01-02T03:04:05.678Z')

/** A ledger without a database: remembers what it was asked, and answers what the test wants. */
class FakeLedger implements Ledger {
  readonly orders: TransferOrder[] = []
  readonly after: (string | undefined)[] = []
  onTransfer: (caller?: Caller) => Promise<Partial<TransferResult>> = async () => ({})

  async transfer(
    order: TransferOrder,
    { position, caller }: { position?: boolean; caller?: Caller } = {},
  ): Promise<TransferResult> {
    this.orders.push(order)
    return {
      outcome: 'completed',
      createdAt,
      replayed: false,
      answeredBy,
      ...(position && { position: '0/3000148' }),
      ...(await this.onTransfer(caller)),
    }
  }

  async findTransfer(key: string, { after }: { after?: string | undefined } = {}): ReturnType<Ledger['findTransfer']> {
    this.after.push(after)
    const value = { key, from: 1, to: 2, amount: 3, status: 'completed', attempts: 1, createdAt } as const
    return { value: key === 'known' ? value : undefined, answeredBy }
  }

  async findAccount(id: number, { after }: { after?: string | undefined } = {}): ReturnType<Ledger['findAccount']> {
    this.after.push(after)
    return {
      value: id <= 1_000 ? { id, balance: 5, opening: 6, version: 4 } : undefined,
      answeredBy: { node: null, timeline: null },
    }
  }
}

let app: App | undefined
afterEach(() => app?.server.close())

function build(
  options: { queueMax?: number; status?: ReadinessStatus; draining?: boolean; policiesKnown?: boolean } = {},
): {
  app: App
  ledger: FakeLedger
} {
  const ledger = new FakeLedger()
  const status = options.status ?? { ready: true, answeredBy }
  app = buildApp({
    config: { region: 'west', zone: 'b', node: 'app-west-b', queueMax: options.queueMax ?? 10, logLevel: 'silent' },
    ledger,
    sessions: new Sessions(),
    readiness: { status, draining: options.draining ?? false },
    policies: { known: options.policiesKnown ?? true },
    metrics: new Metrics({}),
  })
  return { app, ledger }
}

const good = { from: 1, to: 2, amount: 3 }
const post = (target: App, payload: unknown = good, headers: Record<string, string> = { 'idempotency-key': 'k-1' }) =>
  target.server.inject({
    method: 'POST',
    url: '/transfers',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })

describe('a transfer', () => {
  test('is answered with 201 and names who answered', async () => {
    const { app, ledger } = build()
    const response = await post(app)
    expect(response.statusCode).toBe(201)
    expect(response.json()).toEqual({ key: 'k-1', ...good, status: 'completed', createdAt: createdAt.toISOString() })
    expect(response.headers).toMatchObject({
      'x-blackstart-region': 'west',
      'x-blackstart-zone': 'b',
      'x-blackstart-node': 'app-west-b',
      'x-blackstart-database': 'pg-west-b',
      'x-blackstart-timeline': '7',
    })
    expect(ledger.orders).toEqual([{ key: 'k-1', ...good }])
  })

  test.each(['completed', 'insufficient_funds', 'unknown_account'] as const)(
    'repeated, is answered just as before: %s',
    async (outcome) => {
      const { app, ledger } = build()
      ledger.onTransfer = async () => ({ outcome })
      const first = await post(app)
      ledger.onTransfer = async () => ({ outcome, replayed: true })
      const second = await post(app)
      expect([second.statusCode, second.body]).toEqual([first.statusCode, first.body])
      expect(first.headers['idempotent-replayed']).toBeUndefined()
      expect(second.headers['idempotent-replayed']).toBe('true')
    },
  )

  test('tells the versions that its accounts have from then on, and those alone', async () => {
    const { app, ledger } = build()
    const versions = [
      { id: 1, version: 8 },
      { id: 2, version: 15 },
    ]
    ledger.onTransfer = async () => ({ versions })
    expect((await post(app)).headers['x-blackstart-versions']).toBe('1:8,2:15')
    ledger.onTransfer = async () => ({ versions, outcome: 'insufficient_funds' })
    expect((await post(app)).headers).not.toHaveProperty('x-blackstart-versions')
    expect((await app.server.inject({ url: '/accounts/1001' })).headers).not.toHaveProperty('x-blackstart-versions')
  })

  test('with the key of another one is refused', async () => {
    const { app, ledger } = build()
    ledger.onTransfer = async () => ({ outcome: 'key_reused', replayed: true })
    const response = await post(app)
    expect([response.statusCode, response.json().code]).toEqual([422, 'idempotency_key_reused'])
    expect(response.headers['idempotent-replayed']).toBeUndefined()
  })

  test.each([
    [true, 'outcome_unknown'],
    [false, 'database_unavailable'],
  ])('that may have been stored (%s) is answered with 504 %s', async (mayHaveTakenEffect, code) => {
    const { app, ledger } = build()
    ledger.onTransfer = () => Promise.reject(new Unavailable('no answer', { mayHaveTakenEffect, attempts: 2 }))
    const response = await post(app)
    expect([response.statusCode, response.json().code, response.headers['retry-after']]).toEqual([504, code, '1'])
    expect(response.headers['x-blackstart-node']).toBe('app-west-b')
    expect(response.headers['x-blackstart-database']).toBeUndefined()
  })

  test('beyond the queue is refused at once, and accepted again when there is room', async () => {
    const { app, ledger } = build({ queueMax: 2 })
    const gate = Promise.withResolvers<Partial<TransferResult>>()
    ledger.onTransfer = () => gate.promise
    const held = [post(app), post(app)]
    await expect.poll(() => app.inFlight.count).toBe(2)
    const refused = await post(app)
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([503, 'overloaded', '1'])
    gate.resolve({})
    expect((await Promise.all(held)).map((each) => each.statusCode)).toEqual([201, 201])
    expect((await post(app)).statusCode).toBe(201)
  })

  test('that meets a defect is answered with 500 and keeps the details to the log', async () => {
    const { app, ledger } = build()
    ledger.onTransfer = () => Promise.reject(new TypeError('secret detail'))
    const response = await post(app)
    expect([response.statusCode, response.json().code]).toEqual([500, 'internal'])
    expect(response.body).not.toContain('secret')
  })
})

describe('rubbish', () => {
  const orders: unknown[] = [
    '{"from":1,',
    '',
    'null',
    '[]',
    '"text"',
    '1',
    {},
    { from: 1, to: 2 },
    { ...good, from: '1' },
    { ...good, from: 0 },
    { ...good, from: -1 },
    { ...good, amount: 1.5 },
    { ...good, amount: 1e300 },
    { ...good, amount: 1_000_000_001 },
    { ...good, amount: null },
    { ...good, to: 1 },
    { ...good, to: 2_147_483_648 },
    { ...good, note: 'x' },
    '{"from":1,"to":2,"amount":3,"__proto__":{"x":1}}',
    { from: [1], to: { a: 1 }, amount: true },
    'x'.repeat(100),
  ]
  test.each(orders)('as a body: %j', async (payload) => {
    const { app, ledger } = build()
    const response = await post(app, payload)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({ code: expect.any(String), reason: expect.any(String) })
    expect(response.headers['x-blackstart-node']).toBe('app-west-b')
    expect(ledger.orders).toEqual([])
  })

  test.each([
    ['', 400],
    ['a b', 400],
    ['ä', 400],
    ['x'.repeat(129), 400],
    ['a/b', 400],
    ['x'.repeat(128), 201],
    ['A-z_0.9:', 201],
  ])('as a key: "%s" → %i', async (key, status) => {
    const { app } = build()
    expect((await post(app, good, { 'idempotency-key': key })).statusCode).toBe(status)
  })

  test('no key at all', async () => {
    const response = await post(build().app, good, {})
    expect([response.statusCode, response.json().code]).toEqual([400, 'idempotency_key_missing'])
  })

  test('more than 4 KiB, or not JSON', async () => {
    const { app } = build()
    const huge = await post(app, { ...good, note: 'x'.repeat(4_096) })
    expect([huge.statusCode, huge.json().code]).toEqual([413, 'body_too_large'])
    const xml = await post(app, '<transfer/>', { 'idempotency-key': 'k', 'content-type': 'application/xml' })
    expect([xml.statusCode, xml.json().code]).toEqual([415, 'content_type_unsupported'])
  })

  test.each([
    ['/accounts/0', 400],
    ['/accounts/-1', 400],
    ['/accounts/1.5', 400],
    ['/accounts/x', 400],
    ['/accounts/2147483648', 400],
    ['/accounts/99999999999999999999', 400],
    ['/accounts/1001', 404],
    ['/accounts/', 400],
    ['/transfers/', 400],
    ['/transfers/a%20b', 400],
    ['/transfers/%zz', 400],
    [`/transfers/${'x'.repeat(129)}`, 400],
    ['/transfers/unknown', 404],
    ['/nowhere', 404],
    ['/transfers/a/b', 404],
  ])('as a path: %s → %i', async (url, status) => {
    const { app } = build()
    const response = await app.server.inject({ url })
    expect(response.statusCode).toBe(status)
    expect(response.json()).toEqual({ code: expect.any(String), reason: expect.any(String) })
    expect(response.headers['x-blackstart-region']).toBe('west')
  })
})

describe('reads and probes', () => {
  test('a transfer and an account', async () => {
    const { app } = build()
    const transfer = await app.server.inject({ url: '/transfers/known' })
    expect(transfer.json()).toEqual({
      key: 'known',
      ...good,
      status: 'completed',
      attempts: 1,
      createdAt: createdAt.toISOString(),
    })
    expect(transfer.headers['x-blackstart-database']).toBe('pg-west-b')
    const account = await app.server.inject({ url: '/accounts/1000' })
    expect(account.json()).toEqual({ id: 1_000, balance: 5, opening: 6, version: 4 })
    expect(account.headers['x-blackstart-versions']).toBe('1000:4')
    expect(account.headers['x-blackstart-database']).toBeUndefined()
  })

  test('alive whatever the database does; ready only with it', async () => {
    const { app } = build({ status: { ready: false, code: 'database_unavailable', reason: 'connection refused' } })
    expect((await app.server.inject({ url: '/livez' })).statusCode).toBe(200)
    const ready = await app.server.inject({ url: '/readyz' })
    expect([ready.statusCode, ready.json()]).toEqual([
      503,
      { code: 'database_unavailable', reason: 'connection refused' },
    ])
  })

  test('nobody is answered before the policies are known, and nothing is tried', async () => {
    const { app, ledger } = build({ policiesKnown: false })
    for (const response of [
      await post(app),
      await app.server.inject('/accounts/1'),
      await app.server.inject('/transfers/k-1'),
      await app.server.inject('/readyz'),
    ])
      expect([response.statusCode, response.json().code]).toEqual([503, 'policies_missing'])
    expect(ledger.orders).toEqual([])
    expect((await app.server.inject('/livez')).statusCode).toBe(200)
    expect((await app.server.inject('/nowhere')).statusCode).toBe(404)
  })

  test('while draining each answer ends its connection', async () => {
    const { app } = build({ draining: true })
    expect((await post(app)).headers.connection).toBe('close')
  })

  test('metrics count requests by route, not by path', async () => {
    const { app } = build()
    await app.server.inject({ url: '/accounts/1' })
    await app.server.inject({ url: '/accounts/2' })
    const { body } = await app.server.inject({ url: '/metrics' })
    expect(body).toContain('ledger_request_seconds_count{route="/accounts/:id",method="GET",status="200"} 2')
  })
})

describe('whoever waits for a transfer', () => {
  test('is as old as the router says, and new where none says it in its way', async () => {
    const { app, ledger } = build()
    const ages: number[] = []
    ledger.onTransfer = async (caller) => ({ replayed: (ages.push(caller?.ageMs ?? NaN), false) })
    // The router's clock is this one; how long this machine takes for four requests is no part of anybody's age.
    vi.useFakeTimers({ toFake: ['Date'] })
    const startMs = Date.now()
    for (const start of [`t=${startMs - 1_200}`, `t=${startMs + 5_000}`, 'yesterday', undefined]) {
      await post(app, good, { 'idempotency-key': 'k-1', ...(start && { 'x-request-start': start }) })
    }
    vi.useRealTimers()
    expect(ages).toEqual([1_200, 0, 0, 0])
  })

  test('is elsewhere if the router says that the primary is in another region', async () => {
    const { app, ledger } = build()
    const elsewhere: unknown[] = []
    ledger.onTransfer = async (caller) => ({ replayed: (elsewhere.push(caller?.elsewhere), false) })
    for (const region of ['east', 'west', undefined])
      await post(app, good, { 'idempotency-key': 'k-1', ...(region && { 'x-primary-region': region }) })
    expect(elsewhere).toEqual([true, false, false])
  })

  test('is known to have left, and takes no place any more', async () => {
    const { app, ledger } = build()
    const { promise: came, resolve: comes } = Promise.withResolvers<void>()
    ledger.onTransfer = (caller) =>
      new Promise((_, reject) => {
        caller?.left.addEventListener('abort', () => reject(new ClientLeft('the client left')))
        comes()
      })
    const url = await app.server.listen({ host: '127.0.0.1', port: 0 })
    const client = new AbortController()
    const answer = fetch(`${url}/transfers`, {
      method: 'POST',
      body: JSON.stringify(good),
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k-1' },
      signal: client.signal,
    })
    await came
    expect(app.inFlight.count).toBe(1)
    client.abort()
    await expect(answer).rejects.toThrow(/abort/)
    await expect.poll(() => app.inFlight.count).toBe(0)
  })

  test('has not left when it got its answer', async () => {
    const { app, ledger } = build()
    let caller: Caller | undefined
    ledger.onTransfer = async (whose) => ({ replayed: (caller = whose) === undefined })
    const url = await app.server.listen({ host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${url}/transfers`, {
      method: 'POST',
      body: JSON.stringify(good),
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k-1', connection: 'close' },
    })
    await answer.text()
    await app.server.close()
    expect(caller?.left.aborted).toBe(false)
  })
})

describe('a session', () => {
  test('is told the position of what it wrote, and reads from there on', async () => {
    const { app, ledger } = build()
    const written = await post(app, good, { 'idempotency-key': 'k-1', 'x-blackstart-position': '0/0' })
    expect([written.statusCode, written.headers['x-blackstart-position']]).toEqual([201, '0/3000148'])
    for (const url of ['/transfers/known', '/accounts/7']) {
      expect((await app.server.inject({ url, headers: { 'x-blackstart-position': '0/3000148' } })).statusCode).toBe(200)
      expect((await app.server.inject({ url })).statusCode).toBe(200)
    }
    expect(ledger.after).toEqual(['0/3000148', undefined, '0/3000148', undefined])
  })

  test('is none for a client that does not ask', async () => {
    const { app } = build()
    expect((await post(app)).headers).not.toHaveProperty('x-blackstart-position')
  })

  test.each(['', 'soon', '0/', '0/3000148; drop table accounts', '0/123456789'])(
    'has no position "%s"',
    async (position) => {
      const { app, ledger } = build()
      const headers = { 'x-blackstart-position': position }
      const answers = [
        await post(app, good, { 'idempotency-key': 'k-1', ...headers }),
        await app.server.inject({ url: '/accounts/7', headers }),
        await app.server.inject({ url: '/transfers/known', headers }),
      ]
      expect(answers.map((answer) => [answer.statusCode, answer.json().code])).toEqual(
        Array(3).fill([400, 'position_invalid']),
      )
      expect([ledger.orders, ledger.after]).toEqual([[], []])
    },
  )
})
