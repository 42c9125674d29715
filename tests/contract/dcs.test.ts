// Goal: etcd lets nobody do more than is theirs; a member that returns still knows everybody. The DCS observer sees the
// leader key come, change and go within moments, proves some seven times a second that it still looks, and says so when
// its member falls silent.
// Method: one real etcd, started as in the world; the key is written through its gateway, as Patroni does.

import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { EventBody, EventOf } from '../../chaos/journal/schema.ts'
import { observeDcs } from '../../chaos/observers/dcs.ts'
import { base64 } from '../../chaos/stack/etcd.ts'
import type { Node } from '../../chaos/topology/topology.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { Etcd, type User } from '../../services/arbiter/etcd.ts'
import { Dcs, users } from './harness/dcs.ts'

let dcs: Dcs
let node: Node
beforeAll(async () => {
  dcs = await Dcs.start()
  vi.stubEnv('BLACKSTART_PASSWORD_OF_A_TEST', users.observer)
  const attributes = {
    'dcs.leader-key': '/service/x/leader',
    'dcs.user': 'observer',
    'dcs.password': 'BLACKSTART_PASSWORD_OF_A_TEST',
  }
  node = {
    name: 'etcd',
    role: 'dcs',
    site: 'witness',
    ports: {
      get client() {
        return dcs.port
      },
    },
    attributes,
  }
})
afterAll(async () => {
  await dcs?.[Symbol.asyncDispose]()
})

test('who says nothing, or something wrong, may nothing; each may what is theirs; a member that returns knows them still', async () => {
  const [leader, gate] = [base64('/service/x/leader'), base64('/gate/x/timeline')]
  const put = (key: string) => ['/v3/kv/put', { key, value: base64('somebody') }] as const
  const read = (key: string) => ['/v3/kv/range', { key }] as const
  const status = async (question: readonly [string, object], token?: string) =>
    (await dcs.post(...question, token)).status
  expect([await status(read(leader)), await status(put(leader)), await status(['/v3/auth/user/list', {}])]).toEqual([
    400, 400, 400,
  ])
  expect(await status(['/v3/auth/authenticate', { name: 'observer', password: users.patroni }])).toBe(400)
  const [patroni, arbiter, observer] = [
    await dcs.tokenOf('patroni'),
    await dcs.tokenOf('arbiter'),
    await dcs.tokenOf('observer'),
  ]
  const mayWhat = async (token: string) => ({
    leader: [await status(read(leader), token), await status(put(leader), token)],
    gate: [await status(read(gate), token), await status(put(gate), token)],
  })
  expect(await mayWhat(patroni)).toEqual({ leader: [200, 200], gate: [200, 200] })
  expect(await mayWhat(arbiter)).toEqual({ leader: [200, 200], gate: [403, 403] })
  expect(await mayWhat(observer)).toEqual({ leader: [200, 403], gate: [403, 403] })
  for (const token of [patroni, arbiter, observer])
    expect(await status(['/v3/auth/user/add', { name: 'x', password: 'x' }], token)).toBe(403)
  await dcs.restart()
  expect(await mayWhat(observer)).toEqual({ leader: [200, 403], gate: [403, 403] })
})

test('the arbiter replaces a token that etcd does not take, and does not give the key in the name of another', async () => {
  const of = (user: User | undefined) =>
    new Etcd({ url: `http://127.0.0.1:${dcs.port}`, prefix: '/service/x/', limitMs: 2_000, user })
  await expect(of(undefined).read()).rejects.toThrow('user name is empty')
  await expect(of({ name: 'arbiter', password: 'another' }).read()).rejects.toThrow('invalid user ID or password')
  await expect(
    of({ name: 'observer', password: users.observer }).handOver(
      'pg-b',
      '{}',
      await of({ name: 'observer', password: users.observer }).read(),
    ),
  ).rejects.toThrow('permission denied')
  await dcs.post(
    '/v3/kv/put',
    { key: base64('/service/x/leader'), value: base64('somebody') },
    await dcs.tokenOf('patroni'),
  )
  const arbiter = of({ name: 'arbiter', password: users.arbiter })
  expect((await arbiter.read()).cluster.leader).toBe('somebody')
  await dcs.changeUsers()
  expect(await arbiter.handOver('pg-b', '{}', await arbiter.read())).toBe(true)
  expect((await arbiter.read({ stale: true })).cluster.leader).toBe('pg-b')
  await dcs.post('/v3/kv/deleterange', { key: base64('/service/x/leader') }, await dcs.tokenOf('patroni'))
})

test('a leader that comes, changes and goes is seen within 250 ms each, without a gap in between', async () => {
  const events: (EventBody & { atMs: number })[] = []
  const now = () => performance.now()
  const observer = observeDcs(node, { now, record: (body, atMs = now()) => void events.push({ ...body, atMs }) })
  const leaders = () =>
    events
      .filter((event) => event.kind === 'dcs.leader')
      .map((event) => (event as Omit<EventOf<'dcs.leader'>, 'seq'>).leader)
  const seen = async (...expected: (string | null)[]) => {
    const startMs = now()
    await waitUntil(
      async () =>
        JSON.stringify(leaders()) === JSON.stringify(expected)
          ? { done: true, value: undefined }
          : { done: false, seen: JSON.stringify(leaders()) },
      { until: `the leaders were ${expected.join()}`, limitMs: 5_000, everyMs: 5 },
    )
    return now() - startMs
  }
  await seen(null)
  const key = base64('/service/x/leader')
  const call = async (path: string, body: object) =>
    expect((await dcs.post(path, body, await dcs.tokenOf('patroni'))).ok).toBe(true)
  await call('/v3/kv/put', { key, value: base64('pg-a') })
  expect(await seen(null, 'pg-a')).toBeLessThan(250)
  await call('/v3/kv/put', { key, value: base64('pg-b') })
  expect(await seen(null, 'pg-a', 'pg-b')).toBeLessThan(250)
  await call('/v3/kv/deleterange', { key })
  expect(await seen(null, 'pg-a', 'pg-b', null)).toBeLessThan(250)

  // A quiet second, then a member that stands still: its silence is recorded as its own. After it nobody is known by an
  // old token.
  await delay(1_000)
  await dcs.changeUsers()
  const frozen = new DockerEngine().docker.getContainer(dcs.container.getId())
  await frozen.kill({ signal: 'SIGSTOP' })
  await delay(1_500)
  await frozen.kill({ signal: 'SIGCONT' })
  const gap = await waitUntil(
    async () => {
      const found = events.find((event) => event.kind === 'observer.gap' && event.toMs - event.fromMs > 1_000)
      return found
        ? { done: true, value: found as Omit<EventOf<'observer.gap'>, 'seq'> }
        : { done: false, seen: `${events.length} events` }
    },
    { until: 'the silence is recorded', limitMs: 10_000 },
  )
  expect(gap.reason).toMatch(/^subject:/)
  await call('/v3/kv/put', { key, value: base64('pg-c') })
  await seen(null, 'pg-a', 'pg-b', null, 'pg-c')
  await observer.stop()
  const summary = events.find((event) => event.kind === 'observer.summary') as Omit<EventOf<'observer.summary'>, 'seq'>
  // The samples of the quiet second are there: the watch's own notices and the readings between them.
  expect(summary.samples).toBeGreaterThan(12)
  expect(summary.p50Ms).toBeLessThanOrEqual(155)
})

test('its elections are told by their terms; in the end a majority is asked, and where there is none nobody confirms', async () => {
  const terms: (Omit<EventOf<'dcs.term'>, 'seq'> & { atMs: number })[] = []
  const now = () => performance.now()
  const observing = () =>
    observeDcs(node, {
      now,
      record: (body, atMs = now()) => void (body.kind === 'dcs.term' && terms.push({ ...body, atMs })),
    })
  const told = (count: number) =>
    waitUntil(
      async () =>
        terms.length === count ? { done: true, value: undefined } : { done: false, seen: JSON.stringify(terms) },
      { until: `${count} terms were told`, limitMs: 10_000, everyMs: 20 },
    )
  const observer = observing()
  await told(1)
  // A member on its own elects itself, with a term of its own each time that it starts.
  await dcs.restart()
  await told(2)
  await observer.stop()
  const [first, second, last] = terms
  expect(terms.map(({ confirmed }) => confirmed)).toEqual([undefined, undefined, true])
  expect([second?.term, last?.term]).toEqual([(first?.term ?? 0) + 1, (first?.term ?? 0) + 1])
  expect(terms.every(({ heardMs, atMs }) => heardMs <= atMs)).toBe(true)

  terms.length = 0
  const another = observing()
  await told(1)
  const frozen = new DockerEngine().docker.getContainer(dcs.container.getId())
  await frozen.kill({ signal: 'SIGSTOP' })
  await another.stop()
  await frozen.kill({ signal: 'SIGCONT' })
  expect(terms).toMatchObject([{ term: last?.term }])
})
