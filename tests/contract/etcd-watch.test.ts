// Goal: the DCS observer sees the leader key come, change and go within moments, proves some seven times a second that it still looks,
// and says so when its member falls silent.
// Method: one real etcd; the key is written through its gateway, as Patroni does.
import { setTimeout as delay } from 'node:timers/promises'
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventBody, EventOf } from '../../chaos/journal/schema.ts'
import { base64, observeDcs } from '../../chaos/observers/dcs.ts'
import type { Node } from '../../chaos/topology/topology.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { Engine } from '../../chaos/world/engine.ts'

let etcd: StartedTestContainer
let node: Node
beforeAll(async () => {
  etcd = await new GenericContainer('blackstart/dcs')
    .withCommand(['--data-dir=/data/etcd', '--listen-client-urls=http://0.0.0.0:2379', '--advertise-client-urls=http://127.0.0.1:2379', '--experimental-watch-progress-notify-interval=500ms'])
    .withLabels({ 'blackstart.world': 'blackstart-test-etcd' }).withExposedPorts(2379).withWaitStrategy(Wait.forHttp('/health', 2379)).start()
  node = { name: 'etcd', role: 'dcs', site: 'witness', ports: { client: etcd.getMappedPort(2379) }, attributes: { 'dcs.leader-key': '/service/x/leader' } }
})
afterAll(async () => { await etcd?.stop() })

async function call(path: string, body: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${node.ports['client']}${path}`, { method: 'POST', body: JSON.stringify(body) })
  expect(response.ok).toBe(true)
}

test('a leader that comes, changes and goes is seen within 250 ms each, without a gap in between', async () => {
  const events: (EventBody & { atMs: number })[] = []
  const now = () => performance.now()
  const observer = observeDcs(node, { now, record: (body, atMs = now()) => void events.push({ ...body, atMs }) })
  const leaders = () => events.filter((event) => event.kind === 'dcs.leader').map((event) => (event as Omit<EventOf<'dcs.leader'>, 'seq'>).leader)
  const seen = async (...expected: (string | null)[]) => {
    const startMs = now()
    await waitUntil(async () => (JSON.stringify(leaders()) === JSON.stringify(expected) ? { done: true, value: undefined } : { done: false, seen: JSON.stringify(leaders()) }), { until: `the leaders were ${expected.join()}`, limitMs: 5_000, everyMs: 5 })
    return now() - startMs
  }
  await seen(null)
  const key = base64('/service/x/leader')
  await call('/v3/kv/put', { key, value: base64('pg-a') })
  expect(await seen(null, 'pg-a')).toBeLessThan(250)
  await call('/v3/kv/put', { key, value: base64('pg-b') })
  expect(await seen(null, 'pg-a', 'pg-b')).toBeLessThan(250)
  await call('/v3/kv/deleterange', { key })
  expect(await seen(null, 'pg-a', 'pg-b', null)).toBeLessThan(250)

  // A quiet second, then a member that stands still: its silence is recorded as its own.
  await delay(1_000)
  const frozen = new Engine().docker.getContainer(etcd.getId())
  await frozen.kill({ signal: 'SIGSTOP' })
  await delay(1_500)
  await frozen.kill({ signal: 'SIGCONT' })
  const gap = await waitUntil(async () => {
    const found = events.find((event) => event.kind === 'observer.gap' && event.toMs - event.fromMs > 1_000)
    return found ? { done: true, value: found as Omit<EventOf<'observer.gap'>, 'seq'> } : { done: false, seen: `${events.length} events` }
  }, { until: 'the silence is recorded', limitMs: 10_000 })
  expect(gap.reason).toMatch(/^subject:/)
  await observer.stop()
  const summary = events.find((event) => event.kind === 'observer.summary') as Omit<EventOf<'observer.summary'>, 'seq'>
  // The samples of the quiet second are there: the watch's own notices and the readings between them.
  expect(summary.samples).toBeGreaterThan(12)
  expect(summary.p50Ms).toBeLessThanOrEqual(155)
})
