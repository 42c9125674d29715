// Goal: of every kind of database it is known who is primary, whether it accepts a write now, how far it is, who
// follows, and what is stored.
//
//   first ──replicates──► second       each asked at its own port, as in a trial
//
// Method: a real pair of each kind, set up as its own documentation says, without anything of ours in it.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { observeDatabase } from '../../chaos/observers/database.ts'
import { View } from '../../chaos/observers/view.ts'
import { auditDatabases } from '../../chaos/run/audit.ts'
import { firstPrimary } from '../../chaos/run/first-primary.ts'
import type { DatabaseSession } from '../../chaos/stack/databases/adapter.ts'
import { adapterOf } from '../../chaos/stack/databases/kinds.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { databasesNow } from '../../chaos/world/ready.ts'
import { mariadbPair, type Pair, postgresPair, redisPair } from './databases/pairs.ts'
import { PaperTrial } from './harness/paper-trial.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 900_000 })
const quick = { limitMs: 1_000 }
const inAll = { timeout: 15_000, interval: 100 }

describe.each([
  { kind: 'postgres', start: postgresPair },
  { kind: 'mariadb', start: mariadbPair },
  { kind: 'redis', start: redisPair },
])('$kind', ({ kind, start }) => {
  let pair: Pair
  let first: DatabaseSession
  let second: DatabaseSession
  beforeAll(async () => {
    pair = await start()
    const nodes = [pair.first.node, pair.second.node]
    first = adapterOf(pair.first.node).open(pair.first.node, nodes)
    second = adapterOf(pair.second.node).open(pair.second.node, nodes)
  })
  afterAll(async () => {
    first?.close()
    second?.close()
    await Promise.all([pair?.first[Symbol.asyncDispose](), pair?.second[Symbol.asyncDispose]()])
  })

  test('who is primary, and who follows, by the name of the node', async () => {
    expect(await first.look(quick)).toMatchObject({ ok: true, role: 'primary' })
    expect(await second.look(quick)).toMatchObject({ ok: true, role: 'standby', accepts: false })
    await expect
      .poll(() => first.followers(quick), inAll)
      .toMatchObject({
        ok: true,
        followers: [{ node: 'second', state: 'streaming', sync: 'async', lagBytes: expect.any(Number) as number }],
      })
  })

  test.runIf(kind === 'postgres')('without the right to write, it is not known, and the grant is named', async () => {
    const probe = await first.probe(quick)
    expect(probe).toMatchObject({ outcome: 'not tried' })
    const grant = /GRANT CREATE ON DATABASE postgres TO watcher/.exec(JSON.stringify(probe))?.[0]
    await pair.first.sh(`export PATH=/usr/lib/postgresql/17/bin:$PATH; psql -h /tmp -U postgres -qc '${grant}'`)
  })

  test.runIf(kind !== 'redis')('without the right to see who follows, and who it is, the grant is named', async () => {
    const { node } = pair.first
    const bare = { ...node, attributes: { ...node.attributes, 'database.user': 'bare' } }
    const session = adapterOf(bare).open(bare, [bare, pair.second.node])
    const topology: Topology = { world: 'pair', sites: [], nodes: [bare], links: [], timeouts: {} }
    try {
      const [look, followers] = [await session.look(quick), await session.followers(quick)]
      expect(JSON.stringify([look, followers])).toMatch(pair.missing)
      const trial = new PaperTrial('t1')
      const observer = observeDatabase(bare, { now: trial.now, record: trial.record }, [bare, pair.second.node])
      const noted = () => JSON.stringify(trial.seen('note'))
      await expect.poll(noted, inAll).toMatch(pair.missing)
      const view = new View()
      const signal = AbortSignal.timeout(10_000)
      await expect(firstPrimary({ topology, view, signal, limitMs: 1 })).rejects.toThrow(
        /gave up .* probe write; .*first: the user .*GRANT/,
      )
      await observer.stop()
    } finally {
      session.close()
    }
  })

  test('who accepts a write now, and how far both are', async () => {
    const positions = async () =>
      (await Promise.all([first.look(quick), second.look(quick)])).map((look) => look.ok && look.position)
    const [before] = await positions()
    expect(await second.probe(quick)).toMatchObject({
      outcome: 'refused',
      definite: true,
      reason: expect.stringMatching(pair.refusal) as string,
    })
    expect(await first.probe(quick)).toMatchObject({ outcome: 'committed' })
    expect(await first.probe(quick), 'a second time').toMatchObject({ outcome: 'committed' })
    const [after] = await positions()
    expect(after).toEqual(expect.any(String))
    expect(after).not.toBe(before)
    await expect.poll(async () => (await positions())[1], inAll).toBe((await positions())[0])
    expect(await second.probe(quick), 'with the place that was made').toMatchObject({
      outcome: 'refused',
      definite: true,
    })
  })

  test('what is stored, of one trial and of no other', async () => {
    await pair.store(['t1-0', 't1-1', 't1-20', 't2-0', 'xt1-0'])
    const read = () => all(adapterOf(pair.second.node).written(pair.second.node, { prefix: 't1-', what: pair.what }))
    await expect.poll(async () => (await read().catch(() => [])).toSorted(), inAll).toEqual(['t1-0', 't1-1', 't1-20'])
    expect(await adapterOf(pair.first.node).version(pair.first.node)).toMatch(pair.version)
  })

  test('a trial sees it all, and audits it', async () => {
    const nodes = [pair.first.node, pair.second.node].map((node) => ({
      ...node,
      attributes: { ...node.attributes, 'audit.writes': pair.what },
    }))
    const topology: Topology = { world: 'pair', sites: [], nodes, links: [], timeouts: {} }
    expect((await databasesNow(topology)).map(({ look }) => look)).toMatchObject([
      { role: 'primary', standbys: [{ node: 'second', state: 'streaming' }] },
      { role: 'standby', standbys: null },
    ])
    const trial = new PaperTrial('t1')
    const observers = nodes.map((node) => observeDatabase(node, { now: trial.now, record: trial.record }, nodes))
    await expect.poll(() => trial.seen('database.writable'), inAll).toMatchObject([{ node: 'first', accepting: true }])
    await expect.poll(() => trial.seen('database.role').length, inAll).toBe(2)
    await expect
      .poll(() => trial.seen('database.replication').at(-1), inAll)
      .toMatchObject({ primary: 'first', standbys: [{ node: 'second' }] })
    await auditDatabases({ topology, trialId: 't1', record: trial.record, nowMs: trial.now, primary: 'first' })
    await Promise.all(observers.map((observer) => observer.stop()))
    expect(trial.seen('audit.read')).toMatchObject([
      { node: 'first', writes: '0-1,20', rows: 3 },
      { node: 'second', writes: '0-1,20', rows: 3 },
    ])
  })

  test('one that is gone is a definite answer, one that is mute is none, and one that is back is asked again', async () => {
    await pair.first.engine('pause')
    expect(await first.look(quick)).toMatchObject({ ok: false, definite: false, starting: false })
    expect(await first.probe(quick)).toMatchObject({ outcome: 'refused', definite: false })
    await pair.first.engine('unpause')
    await pair.first.engine('kill')
    expect(await first.look(quick)).toMatchObject({ ok: false, definite: true, starting: false })
    expect(await first.probe(quick)).toMatchObject({ outcome: 'refused', definite: true })
    await pair.first.engine('start')
    await expect.poll(() => first.look(quick), inAll).toMatchObject({ ok: true, role: 'primary' })
    await expect.poll(() => first.probe(quick), inAll).toMatchObject({ outcome: 'committed' })
  })
})

async function all(keys: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return found
}
