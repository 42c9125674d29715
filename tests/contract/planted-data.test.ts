// Goal: what a ledger, a router or a cluster with a defect does to the data is caught by name.
//
//   this test ── HTTP ──► (router) ──► ledger (a process) ──► first ──replicates──► second
//        └────────────── probes and audits, as in a trial ─────┴─────────────────────┘
// Method: two real databases, of which the second is the synchronous standby; each defect in turn; the real instruments
// and the judge.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { GenericContainer } from 'testcontainers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { observeDatabase } from '../../chaos/observers/database.ts'
import { auditDatabases } from '../../chaos/run/audit.ts'
import { whyUnreadable } from '../../chaos/run/readable.ts'
import { type Node, portOf, type Topology } from '../../chaos/topology/topology.ts'
import { freePort } from './harness/free-port.ts'
import { checkOf, objectiveOf, PaperTrial, saidOf } from './harness/paper-trial.ts'
import { type Name, Pair } from './ledger/pair.ts'
import { Replica } from './ledger/replica.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

let pair: Pair
beforeAll(async () => {
  pair = await Pair.start()
})
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
})

const defect = (name: string) => readFile(new URL(`../defects/${name}`, import.meta.url), 'utf8')
const order = { from: 61, to: 62, amount: 5 }

async function ledgerOn(name: Name, env: Record<string, string> = {}): Promise<Replica> {
  const url = pair.urlOf(name)
  const replica = await Replica.start(`app-${name}`, { DATABASE_WRITE_URL: url, DATABASE_READ_URL: url, ...env })
  await replica.until('/readyz', 200, 60_000)
  return replica
}

/** Whoever waits for replication meanwhile has its wait cancelled, as a demotion or an operator might do it. */
async function whileCancelling<T>(sent: Promise<T>): Promise<T> {
  let settled = false
  void sent.finally(() => (settled = true)).catch(() => {})
  await using session = await pair.session('first')
  while (!settled) {
    await session.client.query(`select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`)
    await delay(50)
  }
  return sent
}

/** The databases, read in full after they have all that `primary` has; the probes see that it accepts writes. */
async function audit(trial: PaperTrial, primary: Name | undefined, topology = pair.topology()): Promise<void> {
  await using _probes = await probed(trial, topology)
  const followed = () =>
    trial
      .seen('database.replication')
      .some((body) => body.primary === 'second' && body.standbys.some(({ state }) => state === 'streaming'))
  await expect.poll(followed, { timeout: 10_000 }).toBe(true)
  trial.record({ kind: 'redundant', primary: 'second', standbys: ['first'] })
  await auditDatabases({ topology, trialId: trial.trialId, record: trial.record, nowMs: trial.now, primary })
  trial.record({ kind: 'trial.closed', reason: 'completed' })
}

/** From here on every database is asked to commit, as in a trial. One of them does. */
async function probed(
  trial: PaperTrial,
  topology: Topology,
  limits: { commitLimitMs?: number } = {},
): Promise<AsyncDisposable> {
  const observers = topology.nodes.map((node) =>
    observeDatabase(node, { now: trial.now, record: trial.record }, topology.nodes, limits),
  )
  await expect.poll(() => trial.seen('database.writable').length, { timeout: 10_000 }).toBeGreaterThan(0)
  return { [Symbol.asyncDispose]: async () => void (await Promise.all(observers.map((observer) => observer.stop()))) }
}

test('a query that reads nothing back is told before anything is broken', async () => {
  const topology = pair.topology()
  const asked = { auditors: undefined, trialId: 'readable' }
  await using _ledger = await ledgerOn('first')
  await expect.poll(() => whyUnreadable({ ...asked, topology })).toBeUndefined()
  const wrong = {
    ...topology,
    nodes: topology.nodes.map((node) => ({
      ...node,
      attributes: { ...node.attributes, 'audit.writes': 'select key from nowhere where starts_with(key, $1)' },
    })),
  }
  expect(await whyUnreadable({ ...asked, topology: wrong })).toMatch(/^first says: relation "nowhere" does not exist/)
  expect(await whyUnreadable({ ...asked, topology: wrong, auditors: { by: 'http', nodes: ['app'] } })).toBeUndefined()
})

test('a commit that comes late says nothing of now: the next one does', async () => {
  const trial = new PaperTrial('late')
  await using _probes = await probed(trial, pair.topology())
  const told = (accepts: boolean) =>
    trial.seen('database.writable').filter(({ node, accepting }) => node === 'first' && accepting === accepts)
  {
    await using holding = await pair.session('first')
    await holding.client.query(`begin; select from blackstart.probe where node = 'first' for update`)
    await expect.poll(() => told(false), { timeout: 10_000 }).toMatchObject([{ reason: 'no commit for 1 s' }])
    await holding.client.query('rollback')
  }
  await expect.poll(() => told(true).length, { timeout: 10_000 }).toBe(2)
  // Counted from the answer before it, which was the late one, and not from before the wait.
  const waitedMs = (told(true)[1]?.commitMs ?? 0) - (told(false)[0]?.commitMs ?? 0)
  expect(told(true)[1]?.uncertaintyMs).toBeLessThan(0.8 * waitedMs)
})

test('where a commit is given up, and then the node is gone at once, the silence was that of the commit', async () => {
  const trial = new PaperTrial('given-up')
  const first = pair.topology().nodes.find(({ name }) => name === 'first') as Node
  await using way = await wayTo(portOf(first, 'sql'), 'blackstart.probe')
  const node = { ...first, ports: { ...first.ports, sql: way.port } }
  {
    await using _probes = await probed(trial, { ...pair.topology(), nodes: [node] }, { commitLimitMs: 1_500 })
    await using holding = await pair.session('first')
    await holding.client.query(`begin; select from blackstart.probe where node = 'first' for update`)
    way.closeWithNextLeft()
    const gaps = () => trial.seen('observer.gap').filter(({ subject }) => subject === 'first write')
    await expect
      .poll(() => gaps().map(({ reason }) => reason), { timeout: 10_000 })
      .toContain('subject: the probe write waits for its commit (no answer within 1.5 s)')
    await holding.client.query('rollback')
  }
})

/**
 * A way to a port of this machine. When told to, it is no more as soon as a client has left it that had said a certain
 * word: from then on everybody is refused.
 */
async function wayTo(port: number, word: string) {
  const sockets = new Set<Socket>()
  let closes = false
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {}).pipe(other)
    }
    let saidWord = false
    near.on('data', (chunk) => {
      saidWord ||= chunk.includes(word)
    })
    near.on('close', () => {
      if (!closes || !saidWord) return
      server.close()
      for (const socket of sockets) socket.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    closeWithNextLeft: () => (closes = true),
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

test('planted defect: a ledger that acknowledges a known key without a write loses what was never replicated, and the audit names it', async () => {
  const trial = new PaperTrial('do-nothing')
  {
    await using ledger = await ledgerOn('first')
    const write = (n: number) =>
      trial.ask({ n, op: 'write' }, () => whileCancelling(ledger.transfer(`${trial.trialId}-${n}`, order)))
    expect(await write(0), 'while all is well').toBe(201)
    await pair.stop('second')
    // The real ledger acknowledges neither the write nor its repetition.
    const twice = async (key: string) => {
      const first = await whileCancelling(ledger.transfer(key, order))
      const again = await whileCancelling(ledger.transfer(key, order))
      return [first.status, again.status]
    }
    expect(await twice('sound')).toEqual([504, 504])
    await pair.sql('first', await defect('ledger-do-nothing.sql'))
    const key = `${trial.trialId}-1`
    expect((await whileCancelling(ledger.transfer(key, order))).status).toBe(504)
    expect(await trial.ask({ n: 1, op: 'write' }, () => ledger.transfer(key, order)), 'repeated').toBe(201)
  }
  await pair.stop('first')
  await pair.startAgain('second')
  await pair.promote('second')
  await pair.rejoin('first', 'second')
  await audit(trial, 'second')
  const verdict = trial.verdict(pair.topology(), { lostWrites: 0 })
  expect(verdict, saidOf(verdict)).toMatchObject({ verdict: 'missed', ackedWrites: 2, lostWrites: 1 })
  expect(verdict.lostWriteSamples).toMatchObject([{ key: 'do-nothing-1', absentFrom: ['first', 'second'] }])
  expect(objectiveOf(verdict, 'lost-writes')?.message).toContain(
    'missed "no acknowledged write is lost": 1 write acked',
  )
})

test('planted defect: a router that repeats writes, before a ledger that does not know their keys again, stores one twice', async () => {
  const trial = new PaperTrial('repeats')
  await using ledger = await ledgerOn('second', { WRITE_DEADLINE_MS: '10000' })
  const port = await freePort()
  await using _router = await routerBefore(ledger, port)
  /** A write of which the first try takes longer than the router waits. */
  const slowly = async (n: number) => {
    await using holding = await pair.session('second')
    await holding.client.query('begin; select from accounts where id = 61 for update')
    const sent = trial.ask({ n, op: 'write' }, () =>
      fetch(`http://127.0.0.1:${port}/transfers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `${trial.trialId}-${n}` },
        body: JSON.stringify(order),
      }),
    )
    await delay(2_000)
    await holding.client.query('rollback')
    return sent
  }
  expect(await slowly(0)).toBe(201)
  expect(await pair.sql('second', `select attempts from transfers where key = 'repeats-0'`), 'known again').toEqual([
    { attempts: 2 },
  ])
  await pair.sql('second', await defect('ledger-without-keys.sql'))
  expect(await slowly(1)).toBe(201)
  await audit(trial, 'second')
  const verdict = trial.verdict(pair.topology(), { lostWrites: 0 })
  expect(verdict, saidOf(verdict)).toMatchObject({
    verdict: 'missed',
    ackedWrites: 2,
    lostWrites: 0,
    duplicatedWrites: 1,
  })
  expect(objectiveOf(verdict, 'invariants-hold')?.message).toContain('1 write (n 1) is stored more than once')
})

async function routerBefore(ledger: Replica, port: number): Promise<AsyncDisposable> {
  const config = (await defect('router-repeats.cfg'))
    .replaceAll('@ROUTER@', String(port))
    .replaceAll('@LEDGER@', new URL(ledger.url).port)
  const router = await new GenericContainer('blackstart/router')
    .withLabels({ 'blackstart.world': `contract-pair-${process.pid}` })
    .withNetworkMode('host')
    .withEntrypoint(['haproxy', '-f', '/tmp/haproxy.cfg'])
    .withCopyContentToContainer([{ content: config, target: '/tmp/haproxy.cfg' }])
    .start()
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/livez`).then(
      ({ status }) => status,
      () => 0,
    )
  await expect.poll(answers, { timeout: 10_000 }).toBe(200)
  return { [Symbol.asyncDispose]: async () => void (await router.stop({ timeout: 0 })) }
}

test('planted defect: an audit in which one server answers by two names says nothing', async () => {
  const twice = pair.topology({ first: 'second', second: 'second' })
  const read = async (name: string) => {
    const trial = new PaperTrial(name)
    // Nobody waits until a primary catches up with itself.
    await audit(trial, undefined, twice)
    const verdict = trial.verdict(twice, { lostWrites: 0 })
    expect(verdict, saidOf(verdict)).toMatchObject({ verdict: 'inconclusive', lostWrites: null })
    return checkOf(verdict, 'every-database-read')
  }
  expect(await read('one-server')).toMatchObject({
    holds: false,
    detail: 'second was read where first should have been',
  })
  // Servers need not know by which name they are called.
  await pair.sql('second', `alter role postgres set blackstart.node = ''`)
  expect(await read('nameless')).toMatchObject({
    holds: false,
    detail: expect.stringMatching(/^first and second are one server/),
  })
  await pair.sql('second', 'alter role postgres reset blackstart.node')
})

test('planted defect: an old primary that nobody fenced accepts writes beside the new one, and both are named', async () => {
  const trial = new PaperTrial('unfenced')
  const topology = pair.topology()
  trial.record({ kind: 'load.started', ratePerSecond: 1, firstArrivalMs: trial.now() })
  const probes = await probed(trial, topology)
  await using stale = await ledgerOn('second')
  await pair.promote('first')
  await expect.poll(() => trial.seen('database.writable').length, { timeout: 10_000 }).toBe(2)
  await using fresh = await ledgerOn('first')
  let n = 0
  for (const ledger of [fresh, stale, fresh])
    expect(await trial.ask({ n, op: 'write' }, () => ledger.transfer(`unfenced-${n++}`, order))).toBe(201)
  // Until each was probed once more.
  await delay(500)
  await probes[Symbol.asyncDispose]()
  const verdict = trial.verdict(topology, { onePrimary: true })
  expect(verdict.dualWritable[0]).toMatchObject({ nodes: ['first', 'second'] })
  expect(objectiveOf(verdict, 'one-primary')).toMatchObject({ verdict: 'missed' })
  // Where no probe saw the one, what it acknowledged to clients tells of it.
  const blind = trial.verdict(
    topology,
    { onePrimary: true },
    (body) => !(body.kind === 'database.writable' && body.node === 'first'),
  )
  expect(blind.dualWritable[0]).toMatchObject({ nodes: ['first', 'second'] })
  expect(objectiveOf(blind, 'one-primary')).toMatchObject({ verdict: 'missed' })
})
