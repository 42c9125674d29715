// Goal: of a Galera cluster, every member that takes part accepts writes, and one that lost the others accepts none.
//
//   first ◄──► second ◄──► arbitrator ◄──► first
//
// Method: a real cluster; first all is well, then `second` alone is left, then all are back.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { DatabaseSession } from '../../chaos/stack/databases/adapter.ts'
import { adapterOf } from '../../chaos/stack/databases/kinds.ts'
import { type Cluster, galeraCluster } from './databases/galera.ts'
import { engineDoes } from './databases/server.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 900_000 })
const quick = { limitMs: 2_000 }
const inAll = { timeout: 40_000, interval: 200 }

let cluster: Cluster
let first: DatabaseSession
let second: DatabaseSession
beforeAll(async () => {
  cluster = await galeraCluster()
  const nodes = [cluster.first.node, cluster.second.node]
  first = adapterOf(cluster.first.node).open(cluster.first.node, nodes)
  second = adapterOf(cluster.second.node).open(cluster.second.node, nodes)
})
afterAll(async () => {
  first?.close()
  second?.close()
  await cluster?.arbitrator.stop({ timeout: 0 })
  await Promise.all([cluster?.first[Symbol.asyncDispose](), cluster?.second[Symbol.asyncDispose]()])
})

test('every member takes writes and names the others, without the arbitrator', async () => {
  for (const [session, other] of [
    [first, 'second'],
    [second, 'first'],
  ] as const) {
    await expect
      .poll(() => session.look(quick), inAll)
      .toMatchObject({ role: 'primary', position: expect.any(String) as string })
    await expect.poll(() => session.probe(quick), inAll).toMatchObject({ outcome: 'committed' })
    expect(await session.followers(quick)).toMatchObject({
      followers: [{ node: other, state: 'streaming', sync: 'sync' }],
    })
  }
})

test('a member that lost the majority says that it takes none, and refuses', async () => {
  await Promise.all([cluster.first.engine('pause'), engineDoes('pause', cluster.arbitrator)])
  await expect.poll(() => second.look(quick), inAll).toMatchObject({ ok: true, role: 'standby', accepts: false })
  expect(await second.probe(quick)).toMatchObject({ outcome: 'refused', definite: true })
  await Promise.all([cluster.first.engine('unpause'), engineDoes('unpause', cluster.arbitrator)])
  await expect.poll(() => second.probe(quick), inAll).toMatchObject({ outcome: 'committed' })
})
